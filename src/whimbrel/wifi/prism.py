"""The Prism header (linux-wlan-ng, HostAP, MadWifi), and the AVS header that some captures have instead.

Prism: message code and length, a device's name, then items of 12 octets: identifier, status, length, value, all in the
byte order of the capturing machine. AVS: fixed fields, big-endian (versions 1 and 2). Only clock, channel, levels and
rate are read.
"""

from __future__ import annotations

from struct import Struct, unpack_from
from typing import TYPE_CHECKING

from whimbrel.wifi.channels import frequency
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.header import read_record
from whimbrel.wifi.rates import DSSS_RATES
from whimbrel.wifi.reading import AS_TOLD, Reading

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

AVS_COOKIES = frozenset({b"\x80\x21\x10\x01", b"\x80\x21\x10\x02"})
"""The first octets of an AVS header: its magic, with versions 1 and 2."""
PRISM_CODES = frozenset(code.to_bytes(4, order) for code in (0x41, 0x44) for order in ("little", "big"))
"""The first octets of a Prism header: its message code, in the numbering of wlan-ng and in that of the others."""

_AVS = Struct(">4xIQ8xIII8xIii").unpack_from
_AVS_LENGTH = 56
_AVS_DBM = 2

# Identifiers of items; wlan-ng renumbered them from 0x00010044 to 0x00001041, and both are in use.
_MACTIME, _CHANNEL, _SIGNAL, _NOISE, _RATE = 2, 3, 6, 7, 8
_ITEMS = {number << 16 | 0x44: number for number in range(1, 11)} | {
    number << 12 | 0x41: number for number in range(1, 11)
}
_PRISM_ITEMS = 24
_MAX_LENGTH = 1024

_PLAUSIBLE = range(-114, 0)


def parse(record: CaptureRecord, reading: Reading = AS_TOLD) -> Frame:
    """Parse a record of link type 119 or 163. Total: `malformed` reports a broken header."""
    frame = Frame()
    frame.time, raw, original = record
    frame.raw = raw
    start = _avs(frame, raw) if raw[:4] in AVS_COOKIES else _prism(frame, raw)
    if start:
        read_record(frame, start, original, None if reading.untold is None else sum(reading.untold))
    else:
        frame.malformed = Malformed.LINK_HEADER
        frame.start = frame.body = frame.end = len(raw)
    return frame


def _prism(frame: Frame, raw: bytes) -> int:
    """Read a Prism header and return the offset of the frame; 0 if the header is broken."""
    if len(raw) < _PRISM_ITEMS:
        return 0
    order = "<" if unpack_from("<I", raw, 4)[0] <= _MAX_LENGTH else ">"
    length: int = unpack_from(f"{order}I", raw, 4)[0]
    if not _PRISM_ITEMS <= length <= min(len(raw), _MAX_LENGTH):
        return 0
    # The status tells whether there is a value, but drivers disagree about the meaning of 0 and 1. A missing value
    # is 0.
    items: dict[int, int] = {}
    for offset in range(_PRISM_ITEMS, length - 11, 12):
        identifier, value = unpack_from(f"{order}I4xi", raw, offset)
        items[_ITEMS.get(identifier, 0)] = value
    frame.tsft = items.get(_MACTIME, 0) & 0xFFFFFFFF or None
    # Some drivers give dBm here; others give positive numbers on an undocumented scale.
    _set_levels(frame, items.get(_SIGNAL, 0), items.get(_NOISE, 0))
    _set_channel(frame, items.get(_CHANNEL, 0))
    _set_rate(frame, (items.get(_RATE, 0) & 0xFF) / 2)
    return length


def _avs(frame: Frame, raw: bytes) -> int:
    """Read an AVS header and return the offset of the frame; 0 if the header is broken."""
    if len(raw) < _AVS_LENGTH:
        return 0
    length: int
    length, mactime, _, channel, rate, scale, signal, noise = _AVS(raw)
    if not _AVS_LENGTH <= length <= min(len(raw), _MAX_LENGTH):
        return 0
    frame.tsft = mactime or None
    if scale == _AVS_DBM:
        _set_levels(frame, signal, noise)
    _set_channel(frame, channel)
    # The header defines units of 100 kbit/s; drivers of faster radios write bit/s.
    _set_rate(frame, rate / 10 if rate < 100_000 else rate / 1_000_000)
    return length


def _set_levels(frame: Frame, signal: int, noise: int) -> None:
    if signal in _PLAUSIBLE:
        frame.rssi = signal
    if noise in _PLAUSIBLE:
        frame.noise = noise


def _set_channel(frame: Frame, channel: int) -> None:
    """Set the frequency from a channel number, or from the MHz or kHz that some drivers write."""
    if channel > 10_000:
        channel //= 1000
    if channel > 255:
        frame.freq = channel if channel < 8000 else 0
    else:
        frame.freq = frequency("2.4", channel) or frequency("5", channel)


def _set_rate(frame: Frame, rate: float) -> None:
    if rate:
        frame.rate = rate
        frame.phy = "dsss" if rate in DSSS_RATES else "ofdm" if rate <= 54 else ""
