"""The kernel's scan: its requests, and the entries of its table of networks (``linux/nl80211.h``, nl80211_bss)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.codec import (
    Attributes,
    NetlinkError,
    pack_attribute,
    pack_nested,
    pack_u32,
    unpack_nested,
    unpack_number,
)
from whimbrel.drivers.nl80211.genetlink import GenericFamily

_ADDRESS = 6
_U32, _U64 = (1 << 32) - 1, (1 << 64) - 1
_WILDCARD = b""
"""The SSID of a broadcast probe request (IEEE 802.11-2020, 9.4.2.2)."""


class ScannedBss(NamedTuple):
    """One entry of the table: a network as it was last heard."""

    bssid: bytes
    freq: int
    """MHz."""
    interval: int
    """Beacon interval in TU; 0 if unknown."""
    capability: int
    """Capability information (IEEE 802.11-2020, 9.4.1.4)."""
    signal: int | None
    """dBm; None if the driver has another unit."""
    seen: float
    """Seconds of CLOCK_BOOTTIME when it was last heard."""
    beacon: bytes | None
    """Elements of the last beacon; None if none was heard."""
    beacon_tsf: int
    """Timestamp of that, in us; 0 if the driver does not tell it, as brcmfmac."""
    response: bytes | None
    """Elements of the last probe response; None if none was heard."""
    response_tsf: int
    """Timestamp of that, in us; 0 if unknown."""


class Scans:
    """The required commands. All block, at most for the timeout; all raise `NetlinkError`."""

    def __init__(self, family: GenericFamily) -> None:
        self._family = family

    def trigger(self, index: int, *, freqs: Sequence[int] = (), active: bool = False) -> None:
        """Begin a scan. EBUSY: one is running already."""
        request = trigger_request(index, freqs=freqs, active=active)
        self._family.ask(nl.CMD_TRIGGER_SCAN, request, "beginning a scan")

    def table(self, index: int, now: float) -> list[ScannedBss]:
        """Return the table of the interface's radio; `now` is CLOCK_BOOTTIME, for drivers that tell only the age."""
        answers = self._family.dump(nl.CMD_GET_SCAN, pack_u32(nl.ATTR_IFINDEX, index), "reading what a scan found")
        return [bss for answer in answers if (bss := parse_bss(answer, now)) is not None]


def trigger_request(index: int, *, freqs: Sequence[int] = (), active: bool = False) -> bytes:
    """Return the attributes of NL80211_CMD_TRIGGER_SCAN for an interface: of all channels, or of `freqs` in MHz.

    Without ``NL80211_ATTR_SCAN_SSIDS`` a scan is passive: the radio listens on each channel and transmits nothing.
    With `active`, it has the wildcard SSID, for which the kernel sends a broadcast probe request on each channel where
    transmitting may be initiated.
    """
    request = pack_u32(nl.ATTR_IFINDEX, index)
    if freqs:
        request += pack_nested(nl.ATTR_SCAN_FREQUENCIES, [pack_u32(n, freq) for n, freq in enumerate(freqs, 1)])
    if active:
        request += pack_nested(nl.ATTR_SCAN_SSIDS, [pack_attribute(1, _WILDCARD)])
    return request


def parse_bss(answer: Attributes, now: float) -> ScannedBss | None:
    """Read one entry; None for one that is unreadable, or without address, channel or elements. Never raises."""
    try:
        told = unpack_nested(answer.get(nl.ATTR_BSS))
    except NetlinkError:
        return None
    bssid, freq = told.get(nl.BSS_BSSID, b""), unpack_number(told.get(nl.BSS_FREQUENCY))
    latest, tsf = told.get(nl.BSS_INFORMATION_ELEMENTS), unpack_number(told.get(nl.BSS_TSF))
    beacon, beacon_tsf = told.get(nl.BSS_BEACON_IES), unpack_number(told.get(nl.BSS_BEACON_TSF))
    response = None
    if nl.BSS_PRESP_DATA in told:
        response = latest
    elif beacon is None:
        # The driver does not tell which of the two it was; in a passive scan it was a beacon.
        beacon, beacon_tsf = latest, tsf
    if len(bssid) != _ADDRESS or not 0 < freq <= 0xFFFF or (beacon is None and response is None):
        return None
    return ScannedBss(
        bssid=bssid,
        freq=freq,
        interval=unpack_number(told.get(nl.BSS_BEACON_INTERVAL)) & 0xFFFF,
        capability=unpack_number(told.get(nl.BSS_CAPABILITY)) & 0xFFFF,
        signal=_signal(told.get(nl.BSS_SIGNAL_MBM)),
        seen=_seen(told, now),
        beacon=beacon,
        beacon_tsf=beacon_tsf & _U64,
        response=response,
        response_tsf=0 if response is None else tsf & _U64,
    )


def _signal(value: bytes | None) -> int | None:
    """Return dBm from hundredths of them."""
    if value is None or len(value) != 4:
        return None
    level: int = struct.unpack("=i", value)[0]
    return max(-128, min(127, round(level / 100)))


def _seen(told: Attributes, now: float) -> float:
    if nl.BSS_LAST_SEEN_BOOTTIME in told:
        return min((unpack_number(told[nl.BSS_LAST_SEEN_BOOTTIME]) & _U64) / 1e9, now)
    return now - (unpack_number(told.get(nl.BSS_SEEN_MS_AGO)) & _U32) / 1000
