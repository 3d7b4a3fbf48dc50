"""Frames from a table of networks: each entry becomes the beacon or probe response that it was made of. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from whimbrel.wifi.radiotap_fields import FROM_SCAN, VENDOR

if TYPE_CHECKING:
    from whimbrel.drivers.nl80211.scanning import ScannedBss
    from whimbrel.wifi.capture_record import CaptureRecord

BEACON, PROBE_RESPONSE = 0x80, 0x50
"""First octet of Frame Control (IEEE 802.11-2020, 9.2.4.1)."""
_EVERYONE = b"\xff" * 6
_MAC_HEADER = struct.Struct("<BBH6s6s6sH")  # Frame Control, duration, three addresses, sequence control (9.3.3.1)
_FIXED = struct.Struct("<QHH")  # timestamp, beacon interval, capability information (9.3.3.2)
# Radiotap: version, padding, length, present, then channel (MHz, flags) and antenna signal (dBm).
# Then, aligned to 2 octets, our own mark: a vendor namespace.
_RADIOTAP, _CHANNEL, _LEVEL = struct.Struct("<BxHI"), struct.Struct("<HH"), struct.Struct("b")
_HAS_CHANNEL, _HAS_LEVEL, _HAS_MARK = 1 << 3, 1 << 5, 1 << VENDOR
_2GHZ, _5GHZ = 0x0080, 0x0100
_SSID, _MULTIPLE_BSSID_INDEX = 0, 85
_SAME = 0.02
"""Seconds by which the age of an unchanged entry varies where the kernel tells it in its own ticks."""

_Key = tuple[bytes, int, bytes]


class News:
    """Tells the entries that were heard since the last look.

    `since` is the CLOCK_BOOTTIME at the beginning: an entry that was heard before is no news.
    """

    def __init__(self, since: float) -> None:
        self._since = since
        self._before: dict[_Key, ScannedBss] = {}

    def take(self, table: Iterable[ScannedBss]) -> list[tuple[float, bytes]]:
        """Return CLOCK_BOOTTIME and frame (radiotap first) of what was heard since the last call, by time."""
        found: list[tuple[float, bytes]] = []
        known: dict[_Key, ScannedBss] = {}
        for bss in table:
            elements = bss.response if bss.beacon is None else bss.beacon
            assert elements is not None
            carried, name = _look(elements)
            if carried:
                continue  # the kernel derives it from the beacon of another network (9.4.2.45), and so does the survey
            key = (bss.bssid, bss.freq, name)
            before = self._before.get(key)
            if key not in known or known[key].seen < bss.seen:
                known[key] = bss
            if bss.seen <= self._since:
                continue
            if before is not None and bss.seen <= before.seen + _SAME:
                known[key] = before  # else frequent looks would find it unchanged for ever
                continue
            found += _heard(bss, before, self._since)
        self._before = known
        return sorted(found, key=lambda each: each[0])


def records(heard: Sequence[tuple[float, bytes]], offset: float) -> list[CaptureRecord]:
    """Return capture records of link type radiotap; `offset` is the difference from CLOCK_BOOTTIME to the epoch."""
    return [(at + offset, octets, len(octets)) for at, octets in heard]


def _heard(bss: ScannedBss, before: ScannedBss | None, since: float) -> Iterator[tuple[float, bytes]]:
    """Yield the frames that an entry was made of since `before`: a beacon, a probe response, or both."""
    if bss.response is None or (bss.beacon is not None and not bss.response_tsf):
        assert bss.beacon is not None
        yield bss.seen, _frame(bss, BEACON, bss.beacon, bss.beacon_tsf)
        return
    if bss.beacon is None:
        yield bss.seen, _frame(bss, PROBE_RESPONSE, bss.response, bss.response_tsf)
        return
    # The entry has one time, that of the later frame. Their own timestamps are of one clock, so they tell the other's.
    latest = max(bss.beacon_tsf, bss.response_tsf)
    for kind, elements, tsf, earlier in (
        (BEACON, bss.beacon, bss.beacon_tsf, before and before.beacon_tsf),
        (PROBE_RESPONSE, bss.response, bss.response_tsf, before and before.response_tsf),
    ):
        at = bss.seen - (latest - tsf) / 1e6
        if tsf != earlier and at > max(since, 0.0 if before is None else before.seen):
            yield at, _frame(bss, kind, elements, tsf)


def _frame(bss: ScannedBss, kind: int, elements: bytes, tsf: int) -> bytes:
    """Return a frame with its radiotap header.

    Receiver and sequence number are not in the table: the frame is to everybody, and its number is 0, with the mark
    that says so.
    """
    has = _HAS_CHANNEL | _HAS_MARK | (0 if bss.signal is None else _HAS_LEVEL)
    fields = _CHANNEL.pack(bss.freq, _2GHZ if bss.freq < 3000 else _5GHZ)
    if bss.signal is not None:
        fields += _LEVEL.pack(bss.signal)
    fields += bytes(len(fields) % 2) + FROM_SCAN
    return b"".join(
        (
            _RADIOTAP.pack(0, _RADIOTAP.size + len(fields), has),
            fields,
            _MAC_HEADER.pack(kind, 0, 0, _EVERYONE, bss.bssid, bss.bssid, 0),
            _FIXED.pack(tsf, bss.interval, bss.capability),
            elements,
        )
    )


def _look(elements: bytes) -> tuple[bool, bytes]:
    """Return whether elements belong to a network that was never on the air by itself, and the SSID.

    The kernel gives such a network the Multiple BSSID-Index element (9.4.2.73) outside of any other element.
    """
    at = 0
    name = b""
    while at + 2 <= len(elements):
        number, length = elements[at], elements[at + 1]
        if number == _MULTIPLE_BSSID_INDEX:
            return True, b""
        if number == _SSID and not name:
            name = elements[at + 2 : at + 2 + length]
        at += 2 + length
    return False, name
