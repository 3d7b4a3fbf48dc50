"""Access points as rows of the report, and how they are protected as one bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from whimbrel.reporting.model import AccessPointLine, ProtectionShare
from whimbrel.rows import AccessPointRow
from whimbrel.text import mac, printable, ssid
from whimbrel.wifi.channels import BANDS, channel_label
from whimbrel.wifi.security import Protection
from whimbrel.wording.quantities import dbm, minute

WEAKEST, STRONGEST = -95, -25
"""dBm at the ends of every scale of the report."""


class Category(NamedTuple):
    """Protections that a reader takes for one."""

    style: str
    """Class of the style sheet."""
    name: str


OPEN = Category("open", "open, not encrypted")
BROKEN = Category("broken", "WEP or WPA: broken")
FAIR = Category("fair", "WPA2")
MIXED = Category("mixed", "WPA2 and WPA3")
BEST = Category("best", "WPA3, OWE")
OTHER = Category("other", "another one, or not told")
CATEGORIES = (OPEN, BROKEN, FAIR, MIXED, BEST, OTHER)
"""From the worst to the best."""


def category(protection: Protection) -> Category:
    """Return the rating of a network by its weakest way in."""
    if not protection:
        return OTHER
    if protection.is_open:
        return OPEN
    if protection & (Protection.WEP | Protection.WPA | Protection.UNREAD_WPA):
        return BROKEN
    old, new = protection & Protection.WPA2, protection & (Protection.WPA3 | Protection.OWE)
    if old:
        return MIXED if new else FAIR
    return BEST if new and not protection & ~(Protection.WPA3 | Protection.OWE) else OTHER


def bands(rows: Sequence[AccessPointRow]) -> tuple[ProtectionShare, ...]:
    """Return how many are protected how, as stretches of a bar from the worst to the best."""
    numbers = Counter(category(row.security) for row in rows)
    found = []
    start = 0.0
    for each in CATEGORIES:
        if number := numbers[each]:
            length = 100 * number / len(rows)
            found.append(ProtectionShare(name=each.name, style=each.style, number=number, start=start, length=length))
            start += length
    return tuple(found)


def strength(level: int | None) -> float:
    """Return the position of a level in dBm on the scale, in per cent; 0 if unknown."""
    if level is None:
        return 0.0
    return 100 * min(max((level - WEAKEST) / (STRONGEST - WEAKEST), 0.0), 1.0)


def loudest(row: AccessPointRow) -> int:
    """Return a key that sorts the strongest first."""
    return -1000 if row.rssi.max is None else row.rssi.max


def by_band(rows: Iterable[AccessPointRow]) -> dict[str, list[AccessPointRow]]:
    """Return the access points of each band, the lowest first; those without a band under an empty name."""
    found: dict[str, list[AccessPointRow]] = {band: [] for band in (*BANDS, "")}
    for row in rows:
        found[row.band if row.band in found else ""].append(row)
    return {band: members for band, members in found.items() if members}


def networks(rows: Iterable[AccessPointRow]) -> int:
    """Return how many networks there are: names, and hidden access points one by one."""
    return len({(row.ssid, row.mesh_id) if row.ssid or row.mesh_id else (row.bssid,) for row in rows})


class Notes(NamedTuple):
    """Facts about access points beyond their rows."""

    guarded: frozenset[bytes] = frozenset()
    """Names of the networks that are the user's own."""
    earlier: frozenset[bytes] = frozenset()
    """Addresses of those that are not heard any more."""


def line(row: AccessPointRow, notes: Notes = Notes()) -> AccessPointLine:  # noqa: B008  # it is immutable
    """Return the row of the table for an access point."""
    said = (
        (f"last heard {minute(row.last)}", row.bssid in notes.earlier),
        ("yours", bool(row.ssid) and row.ssid in notes.guarded),
        ("hidden", row.hidden),
        ("mesh", row.mesh_id is not None),
        ("ad hoc", row.adhoc),
    )
    return AccessPointLine(
        name=ssid(row.ssid or row.mesh_id or b""),
        note=", ".join(note for note, holds in said if holds),
        bssid=mac(row.bssid),
        made=", ".join(filter(None, (printable(row.vendor), f"802.11{printable(row.phy)}" if row.phy else ""))),
        channel=_channel(row),
        security=str(row.security) or "not told",
        style=category(row.security).style,
        pmf=str(row.pmf),
        wps=row.wps,
        level=dbm(row.rssi.max),
        strength=strength(row.rssi.max),
        stations=row.stations,
    )


def _channel(row: AccessPointRow) -> str:
    label = channel_label(row.freq, row.channel)
    return f"{label}/{row.width}" if label and row.width > 20 else label or "not told"
