"""Selection and order of the rows of ``survey``, by its options. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from whimbrel.rows import AccessPointRow, SignalRow, StationRow
from whimbrel.text import mac
from whimbrel.verbs.air import SurveyRows
from whimbrel.wifi.channels import Channel, channel_label
from whimbrel.wifi.security import Protection
from whimbrel.wording.phrases import network_shown
from whimbrel.wording.suggestions import did_you_mean

_UNHEARD = -1000
"""dBm below any level: rows without a level come last."""


def _strength(signal: SignalRow) -> int:
    return _UNHEARD if signal.max is None else signal.max


_ORDERS: dict[str, Callable[[AccessPointRow], Any]] = {
    "signal": lambda row: -_strength(row.rssi),
    "name": lambda row: (not row.ssid, network_shown(row.ssid, row.mesh_id).casefold()),
    "channel": lambda row: (row.freq or 1 << 20, row.channel),
    "security": lambda row: str(row.security),
    "stations": lambda row: -row.stations,
    "beacons": lambda row: -row.beacons,
    "bssid": lambda row: row.bssid,
    "newest": lambda row: -row.first,
}
ORDERS = tuple(_ORDERS)
"""The orders of access points."""


_GROUPS = {
    "open": Protection.ANY_OPEN,
    "WPA": Protection.WPA | Protection.UNREAD_WPA,
    "WPA2": Protection.WPA2,
    "WPA3": Protection.WPA3,
    "Personal": Protection.WPA_PERSONAL | Protection.WPA2_PERSONAL | Protection.WPA3_PERSONAL,
    "Enterprise": Protection.ENTERPRISE,
}
_NAMES = {str(way): way for way in Protection} | _GROUPS
_WORDS = {name.casefold(): ways for name, ways in _NAMES.items()}


def parse_security(text: str) -> Protection:
    """Parse a word such as ``open``, ``WPA3`` or ``Enterprise``, ignoring case, or a protection as the table shows it.

    Raises ValueError.
    """
    ways = _WORDS.get(text.casefold())
    if ways is not None:
        return ways
    try:
        return Protection.parse(text)
    except ValueError:
        hint = did_you_mean(text, _NAMES)
        raise ValueError(
            f"expected one of {', '.join((*_GROUPS, 'WEP', 'OWE'))}, or a security as `whimbrel survey` shows it, "
            f"found {text!r}{f' ({hint})' if hint else ''}"
        ) from None


class SurveyChoice(NamedTuple):
    """Selection and order of access points, and of stations by access point; empty values select everything."""

    sort: str = ORDERS[0]
    band: str = ""
    """2.4, 5 or 6."""
    channel: Channel | None = None
    ssid: str = ""
    """Part of the displayed SSID, ignoring case."""
    security: Protection | None = None
    """Ways into a network, of which it offers at least one."""
    stations_of: str = ""
    """A BSSID, or a displayed SSID."""

    @property
    def chooses(self) -> bool:
        """Whether rows are left out."""
        return self != SurveyChoice(sort=self.sort)

    def of(self, answer: SurveyRows) -> SurveyRows:
        """Return the selected rows of a survey, sorted; stations by strength, limited to the selected access points."""
        found = sorted((row for row in answer.access_points if self._takes(row)), key=lambda row: row.bssid)
        found.sort(key=_ORDERS[self.sort])
        stations = answer.stations
        if self.chooses:
            shown = {row.bssid for row in found} | {row.bssid for row in stations if self._names(mac(row.bssid))}
            stations = tuple(row for row in stations if row.bssid in shown)
        return answer.replace(access_points=tuple(found), stations=by_strength(stations))

    def _takes(self, row: AccessPointRow) -> bool:
        name = network_shown(row.ssid, row.mesh_id)
        return (
            self.band in ("", row.band)
            and (self.channel is None or channel_label(self.channel.freq) == channel_label(row.freq, row.channel))
            and self.ssid.casefold() in name.casefold()
            and (self.security is None or bool(self.security & row.security))
            and (not self.stations_of or self.stations_of == name or self._names(mac(row.bssid)))
        )

    def _names(self, address: str) -> bool:
        """Return whether the stations of this access point are selected by its address."""
        return self.stations_of.lower().replace("-", ":") == address


def by_strength(found: tuple[StationRow, ...]) -> tuple[StationRow, ...]:
    """Return stations, the strongest first."""
    return tuple(sorted(found, key=lambda row: (-_strength(row.rssi), row.station)))


def strongest(found: tuple[AccessPointRow, ...]) -> tuple[AccessPointRow, ...]:
    """Return access points, the strongest first."""
    return tuple(sorted(found, key=lambda row: (-_strength(row.rssi), row.bssid)))
