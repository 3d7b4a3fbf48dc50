"""The common part of the formats. Names come off the air: `whimbrel.text` removes everything that XML forbids."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wifi.vendors import vendor

_LATEST = 253_402_300_799
"""The last second of the year 9999, which all the formats can write."""
_PART = 60.0
"""Seconds without a position after which another part of the way begins."""


def moment(seconds: float) -> datetime.datetime:
    """Return a time of the epoch in UTC; one that no calendar has is the nearest that it has."""
    return datetime.datetime.fromtimestamp(int(min(max(seconds, 0), _LATEST)), datetime.UTC)


def iso(seconds: float) -> str:
    """Write a time as XML and JSON have it: ``2026-06-28T12:00:00Z``."""
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def label(row: SightingRow) -> str:
    """Return the label of an access point on a map: its SSID, or else its address."""
    return ssid(row.ssid) or mac(row.bssid)


def facts(row: SightingRow) -> Iterator[tuple[str, str]]:
    """Yield the facts about an access point in words."""
    yield "BSSID", mac(row.bssid)
    yield "SSID", ssid(row.ssid)
    yield "vendor", vendor(row.bssid)
    yield "security", str(row.security)
    yield "channel", channel_label(row.freq, row.channel)
    yield "strongest", f"{row.rssi} dBm"
    yield "spread", f"{row.spread:.0f} m"
    yield "samples", str(row.samples)
    yield "first heard", iso(row.first)
    yield "last heard", iso(row.last)


def degrees(value: float) -> str:
    """Write an angle to a centimetre."""
    return f"{value:.7f}"


def parts(track: Iterable[Position]) -> list[list[Position]]:
    """Divide a way where the position was not known for a while."""
    found: list[list[Position]] = []
    for point in track:
        if not found or point.time - found[-1][-1].time > _PART * 2:
            found.append([])
        found[-1].append(point)
    return found
