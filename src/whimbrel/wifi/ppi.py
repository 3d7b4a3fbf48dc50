"""Per-Packet Information, the capture header of AirPcap and Kismet (CACE Technologies, "PPI Packet Header", 1.0.10).

It has a header, then fields of type, length and value, all little-endian. Only the 802.11 fields are read.
"""

from __future__ import annotations

from struct import Struct, unpack_from
from typing import TYPE_CHECKING

from whimbrel.wifi import rates
from whimbrel.wifi.fcs import fits
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.header import read_record
from whimbrel.wifi.reading import AS_TOLD, Reading

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

_IEEE802_11 = 105
_COMMON, _N_MAC, _N_MAC_PHY = 2, 3, 4
_HT_SIZES = {_N_MAC: 12, _N_MAC_PHY: 48}
_ALIGNED = 0x01

_COMMON_FIELDS = Struct("<QHHHHxxbb").unpack_from
_FCS_AT_END, _TSFT_IN_MS, _BAD_FCS, _PHY_ERROR = 0x01, 0x02, 0x04, 0x08
_CCK, _OFDM = 0x20, 0x40
_HT40, _SHORT_GUARD = 0x02, 0x04

# -128 means "unknown".
_PLAUSIBLE = range(-114, 0)


def parse(record: CaptureRecord, reading: Reading = AS_TOLD) -> Frame:
    """Parse a record of link type 192. Total: `malformed` reports a broken header."""
    frame = Frame()
    frame.time, raw, original = record
    frame.raw = raw
    frame.start = frame.body = frame.end = len(raw)
    if len(raw) < 8:
        frame.malformed = Malformed.LINK_HEADER
        return frame
    version, flags, length, linktype = unpack_from("<BBHI", raw)
    if version or not 8 <= length <= len(raw):
        frame.malformed = Malformed.LINK_HEADER
        return frame
    if linktype != _IEEE802_11:
        frame.malformed = Malformed.LINK_TYPE
        return frame
    tail, damaged = reading.untold, False
    offset = 8
    whole = True
    while offset + 4 <= length and whole:
        kind, size = unpack_from("<HH", raw, offset)
        offset += 4
        whole = offset + size <= length
        if whole and kind == _COMMON and size >= 20:
            told = _read_common(frame, raw, offset)
            tail = reading.flagged if told & _FCS_AT_END else reading.unflagged
            damaged = bool(told & (_BAD_FCS | _PHY_ERROR))
        elif whole and size >= _HT_SIZES.get(kind, size + 1):
            _read_ht(frame, raw, offset, phy=kind == _N_MAC_PHY)
        offset += size
        if flags & _ALIGNED:
            offset += -offset % 4
    read_record(frame, length, original, None if tail is None else tail.fcs + tail.extra)
    if damaged:
        frame.bad_fcs = reading.damage and not fits(frame)
    if not whole:
        frame.malformed = Malformed.LINK_HEADER
    return frame


def carried(record: CaptureRecord) -> tuple[int, CaptureRecord] | None:
    """Return link type and record of the content, if that has a capture header of its own.

    That header, a radiotap header for example, was written nearer to the radio. None for a plain frame, and for a
    broken header.
    """
    time, raw, original = record
    if len(raw) < 8:
        return None
    version, length, linktype = unpack_from("<BxHI", raw)
    if version or not 8 <= length <= len(raw) or linktype == _IEEE802_11:
        return None
    return linktype, (time, raw[length:], max(original - length, 0))


def _read_common(frame: Frame, raw: bytes, offset: int) -> int:
    """Read the 802.11-Common field and return its flags."""
    tsft, flags, rate, freq, channel, signal, noise = _COMMON_FIELDS(raw, offset)
    if tsft:
        frame.tsft = tsft * 1000 if flags & _TSFT_IN_MS else tsft
    frame.freq = freq
    if signal in _PLAUSIBLE:
        frame.rssi = signal
    if noise in _PLAUSIBLE:
        frame.noise = noise
    if frame.phy != "ht":
        frame.rate = rate / 2
        frame.phy = "dsss" if rate in rates.DSSS_500K or channel & _CCK else "ofdm" if channel & _OFDM else ""
    return int(flags)


def _read_ht(frame: Frame, raw: bytes, offset: int, *, phy: bool) -> None:
    """Read an 802.11n MAC field, or the longer one that also has the MCS and the antennas."""
    (flags,) = unpack_from("<I", raw, offset)
    frame.phy = "ht"
    frame.width = 40 if flags & _HT40 else 20
    if not phy:
        return
    rate = rates.ht_rate(raw[offset + 9], frame.width, short=bool(flags & _SHORT_GUARD))
    if rate:
        frame.rate = rate
    levels = unpack_from("8b", raw, offset + 24)
    for dbm in levels[::2]:
        if dbm in _PLAUSIBLE and (frame.rssi is None or dbm > frame.rssi):
            frame.rssi = dbm


def marks(raw: bytes) -> tuple[bool | None, bool]:
    """Return the marks of a header, like `whimbrel.wifi.radiotap.marks`. Raises ValueError."""
    flags, length, linktype = unpack_from("<xBHI", raw) if len(raw) >= 8 else (0, 0, 0)
    if linktype != _IEEE802_11:
        raise ValueError("no PPI header of an 802.11 frame")
    offset = 8
    while offset + 4 <= min(length, len(raw)):
        kind, size = unpack_from("<HH", raw, offset)
        offset += 4
        if kind == _COMMON and size >= 20 and offset + size <= len(raw):
            told = unpack_from("<H", raw, offset + 8)[0]
            return bool(told & _FCS_AT_END), bool(told & (_BAD_FCS | _PHY_ERROR))
        offset += size
        if flags & _ALIGNED:
            offset += -offset % 4
    return None, False
