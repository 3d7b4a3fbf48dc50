"""WiGLE's CSV, version 1.6 (https://api.wigle.net/csvFormat.html): a line about the program, the columns, the rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from whimbrel.exporting.common import degrees, moment
from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.text import mac, ssid
from whimbrel.wifi.security import Protection

COLUMNS = (
    "MAC", "SSID", "AuthMode", "FirstSeen", "Channel", "Frequency", "RSSI", "CurrentLatitude", "CurrentLongitude",
    "AltitudeMeters", "AccuracyMeters", "RCOIs", "MfgrId", "Type",
)  # fmt: skip
_WAYS = (
    (Protection.WPA3_PERSONAL, "WPA3-SAE"),
    (Protection.WPA3_ENTERPRISE_192, "WPA3-EAP_SUITE_B_192"),
    (Protection.WPA3_ENTERPRISE, "WPA3-EAP"),
    (Protection.WPA2_PERSONAL, "WPA2-PSK"),
    (Protection.WPA2_ENTERPRISE, "WPA2-EAP"),
    (Protection.UNREAD_RSN, "RSN"),
    (Protection.OWE, "RSN-OWE"),
    (Protection.DPP, "RSN-DPP"),
    (Protection.OSEN, "RSN-OSEN"),
    (Protection.WPA_PERSONAL, "WPA-PSK"),
    (Protection.WPA_ENTERPRISE, "WPA-EAP"),
    (Protection.UNREAD_WPA, "WPA-?"),
)
"""Android's names for the protection of a network, which WiGLE's readers expect: ``[WPA3``, ``SAE``, ``[WPA2``,
``[RSN``, ``[WPA-``, ``[WEP``."""


class _Lines(list[str]):
    write = list.append
    """The interface that `csv.writer` calls."""


def write(rows: Iterable[SightingRow], _track: Iterable[Position], release: str) -> str:
    """Return the file; `release` is the version of this program. Each access point has the position of its loudest
    frame."""
    lines = _Lines()
    about = f"appRelease={release},model=Whimbrel,release={release},device=Whimbrel,display=,board=,brand=Whimbrel"
    lines.write(f"WigleWifi-1.6,{about},star=Sol,body=3,subBody=0\n")
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(map(_row, rows))
    return "".join(lines)


def _row(row: SightingRow) -> Iterator[str]:
    there = row.strongest
    yield mac(row.bssid)
    yield ssid(row.ssid)
    yield auth_mode(row)
    yield moment(row.first).strftime("%Y-%m-%d %H:%M:%S")
    yield str(row.channel)
    yield str(row.freq) if row.freq else ""
    yield str(row.rssi)
    yield degrees(there.latitude)
    yield degrees(there.longitude)
    yield f"{there.altitude or 0:.1f}"  # the format has no word for unknown; its readers expect a number
    yield f"{there.error:.1f}"
    yield ""  # roaming consortia
    yield ""  # of Bluetooth alone
    yield "WIFI"


def auth_mode(row: SightingRow) -> str:
    """Return how a network is protected as Android writes it: ``[WPA2-PSK-CCMP-128][WPS][ESS]``."""
    ciphers = "+".join(row.ciphers)
    ways = [f"[{name}{'-' if ciphers else ''}{ciphers}]" for flag, name in _WAYS if flag in row.security]
    if row.security & (Protection.WEP | Protection.UNREAD | Protection.WAPI):
        ways.append("[WAPI]" if Protection.WAPI in row.security else "[WEP]")
    if Protection.OWE_TRANSITION in row.security:
        ways.append("[OWE_TRANSITION]")
    return "".join((*ways, "[WPS]" if row.wps else "", "[IBSS]" if row.adhoc else "[ESS]"))
