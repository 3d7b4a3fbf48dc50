"""Radiotap, the capture header of Linux, the BSDs and most capture files (radiotap.org).

`RadiotapParser.parse` has a fast path for the usual frame: management or data, a header of a known layout, no
oddities. It passes all others to `parse_any`, which reads every frame, the usual ones with the same result.
"""

from __future__ import annotations

from struct import unpack_from
from typing import TYPE_CHECKING

from whimbrel.wifi import rates
from whimbrel.wifi.fcs import ends_with_fcs, fits
from whimbrel.wifi.frames import Frame, Malformed, PhyMode
from whimbrel.wifi.header import FIXED, read_data, read_record, unfit_body
from whimbrel.wifi.radiotap_fields import EHT, FROM_SCAN, USIG
from whimbrel.wifi.radiotap_layout import (
    BAD_FCS,
    FCS_AT_END,
    MEANINGS,
    UNTOLD,
    Layouts,
    Oddities,
    RadiotapLayout,
    phy_of,
)
from whimbrel.wifi.reading import AS_TOLD, FCS, Reading

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

_BAD_PLCP = 0x02

# A receiver reports no more than its input can bear, and nothing below the thermal noise of the narrowest channel,
# 1 MHz: -114 dBm. Drivers that do not know the level omit the field or fill in 0, 127 or -128.
_PLAUSIBLE = frozenset(range(-114, 0))
_LEVELS: dict[int | bytes, int | None] = {b"": None, **{n: n if n in _PLAUSIBLE else None for n in range(-128, 128)}}
"""The level that a field tells, by its value; b"" stands for an absent field."""

# Units of the timestamp field in nanoseconds; 2 is not defined.
_UNITS = (1_000_000, 1_000, 0, 1)

_KNOWN = Layouts(AS_TOLD)

_new = object.__new__


class RadiotapParser:
    """Parser of records of link type 127 of one receiver."""

    def __init__(self, reading: Reading = AS_TOLD) -> None:
        self.layouts = Layouts(reading)
        self._usual = self.layouts.usual
        self._damage = reading.damage

    def parse(self, record: CaptureRecord) -> Frame:
        """Parse a record of link type 127. Total: `malformed` reports faults."""
        time, raw, original = record
        layouts = self._usual
        try:
            start, room, unpack, tunings, layout = layouts[raw[:8]]
            if not start:
                start, room, unpack, tunings, layout = layouts[raw[:room]]
        except KeyError:
            return self.parse_any(record)
        captured = len(raw)
        if captured < room or captured < original:
            return self.parse_any(record, layout)
        tsft, octets, signal, noise, rx_flags, modulation, control, flags, duration, ra, ta, addr3, sequence = unpack(
            raw
        )
        try:
            trailer, freq, rate, phy, mode = tunings[octets]
        except KeyError:
            return self.parse_any(record, layout)
        end = captured - trailer
        if control & 0x07:
            return self.parse_any(record, layout)
        if end < room:
            end = captured
            if trailer == UNTOLD and ends_with_fcs(raw, start, captured):
                end -= FCS
            if trailer != UNTOLD or end < room:
                return self.parse_any(record, layout)
        frame = _new(Frame)
        frame.time = time
        frame.raw = raw
        frame.freq = freq
        frame.rate = rate
        frame.phy = phy
        frame.mode = mode
        frame.start = start
        frame.end = end
        frame.length = end - start + 4
        frame.cut = False
        frame.malformed = None
        frame.tsft = tsft or None
        frame.rssi = _LEVELS[signal]
        frame.noise = _LEVELS[noise]
        frame.width = 0
        frame.bad_fcs = False
        frame.flags = flags
        frame.duration = duration
        frame.ra = ra
        frame.ta = ta
        frame.addr3 = addr3
        frame.seq = sequence >> 4
        frame.fragment = sequence & 0x0F
        frame.tid = None
        frame.amsdu = False
        if control & 0x08:
            frame.bssid = None
            read_data(frame, raw, control, flags, end)
        else:
            frame.bssid = addr3
            frame.kind = kind = control >> 4
            # `room` ends behind a header without HT control.
            frame.body = body = room + 4 if flags & 0x80 else room
            if body + FIXED[kind] > end:
                unfit_body(frame)
        if rx_flags and rx_flags & _BAD_PLCP:
            frame.bad_fcs = self._damage and not fits(frame)
        if modulation:
            _modulate_again(frame, layout, modulation)
        if layout.rarer:
            _read_rarer(frame, raw, layout)
        return frame

    def parse_any(self, record: CaptureRecord, layout: RadiotapLayout | None = None) -> Frame:
        """Parse any record of link type 127, with the result of `parse`; `layout` is given if it is already known."""
        frame = Frame()
        frame.time, raw, original = record
        frame.raw = raw
        if layout is None or len(raw) < layout.end:
            layout = self.layouts.of(raw)
        if layout is None:
            frame.malformed = Malformed.LINK_HEADER
            frame.start = frame.body = frame.end = len(raw)
            return frame
        tsft, octets, signal, noise, rx_flags, modulation = layout.read_radio(raw)
        tuning, oddities = layout.tuning(raw, octets)
        told, frame.freq, frame.rate, frame.phy, frame.mode = tuning
        trailer = None if told == UNTOLD else told
        frame.tsft = tsft or None
        if signal in _PLAUSIBLE:
            frame.rssi = signal
        if noise in _PLAUSIBLE:
            frame.noise = noise
        if layout.empty and len(raw) == layout.end:
            # A sounding PPDU, or one whose data were not captured: the field announces that no frame follows.
            frame.start = frame.body = frame.end = layout.end
        else:
            read_record(frame, layout.end, original, trailer)
        if (rx_flags and rx_flags & _BAD_PLCP) or (oddities is not None and oddities[1]):
            frame.bad_fcs = self._damage and not fits(frame)
        if modulation:
            _modulate_again(frame, layout, modulation)
        if layout.rarer:
            _read_rarer(frame, raw, layout)
        if oddities is not None:
            _apply_oddities(frame, oddities)
        return frame


def _modulate_again(frame: Frame, layout: RadiotapLayout, octets: bytes) -> None:
    """Do the same as `_modulate`, with the octets of an HT, VHT or HE field, and keep the result."""
    mode = frame.mode
    if mode is None:
        _modulate(frame, layout.modulation_of(octets))
        return
    known = mode.modulated.get(octets)
    if known is None:
        _modulate(frame, layout.modulation_of(octets))
        if len(mode.modulated) >= MEANINGS:
            mode.modulated.clear()
        known = frame.phy, frame.rate, frame.width, PhyMode(frame.freq, frame.rate, frame.phy)
        mode.modulated[octets] = known
    frame.phy, frame.rate, frame.width, frame.mode = known


def _modulate(frame: Frame, modulation: rates.Modulation) -> None:
    """Set rate, PHY and width from an HT, VHT, HE or EHT field, which is more exact than the rate field."""
    # Drivers of 60 GHz radios put a DMG MCS into the field for HT.
    if frame.freq > 45000:
        return
    frame.mode = None
    frame.phy, rate, width = modulation
    if rate:
        frame.rate = rate
    if width:
        frame.width = width


def _apply_oddities(frame: Frame, oddities: Oddities) -> None:
    """Set the width of a narrow channel, and skip the octets that pad the MAC header to 32 bits."""
    width, _, padded = oddities
    if width:
        frame.width = width
    if padded:
        padding = min((frame.start - frame.body) % 4, frame.end - frame.body)
        frame.body += padding
        frame.length -= padding


def _read_rarer(frame: Frame, raw: bytes, layout: RadiotapLayout) -> None:
    """Read the fields that only some layouts have."""
    if layout.chains is not None:
        _read_chains(frame, layout.chains(raw))
    if layout.xchannel:
        channel, frame.freq = unpack_from("<IH", raw, layout.xchannel)
        frame.mode = None
        frame.phy = frame.phy or phy_of(0, channel)
    if layout.timestamp:
        count, unit = unpack_from("<QxxB", raw, layout.timestamp)
        # The high half is the position in the frame to which the time refers: 0 is the first bit, as for TSFT.
        if unit < len(_UNITS) and _UNITS[unit]:
            frame.tsft = count * _UNITS[unit] // 1000
    if layout.vendor and raw.startswith(FROM_SCAN, layout.vendor):
        frame.seq = None
    if layout.tlvs:
        _read_tlvs(frame, raw, layout.tlvs, layout.end)
    if not layout.whole:
        frame.malformed = Malformed.LINK_HEADER


def _read_chains(frame: Frame, signals: tuple[int, ...]) -> None:
    """Set the strongest signal of all antennas and of the whole receiver as the frame's."""
    best = frame.rssi
    for signal in signals:
        if signal in _PLAUSIBLE and (best is None or signal > best):
            best = signal
    frame.rssi = best


def _read_tlvs(frame: Frame, raw: bytes, offset: int, end: int) -> None:
    """Read the fields written as type, length, value (radiotap.org, "TLV fields"): EHT's, which have no other form."""
    usig = eht = None
    while offset + 4 <= end:
        number, size = unpack_from("<HH", raw, offset)
        offset += 4
        if offset + size > end:
            frame.malformed = Malformed.LINK_HEADER
            break
        if number == USIG:
            usig = raw[offset : offset + size]
        elif number == EHT:
            eht = raw[offset : offset + size]
        offset += size + -size % 4
    if usig is not None or eht is not None:
        _modulate(frame, rates.eht(usig or b"", eht or b""))


def marks(raw: bytes) -> tuple[bool | None, bool]:
    """Return the marks of a header: whether the frame ends in an FCS (None: unknown), and whether it is damaged.

    Raises ValueError for a header that cannot be read.
    """
    layout = _KNOWN.of(raw)
    if layout is None:
        raise ValueError("the radiotap header cannot be read")
    at = layout.places[0]
    rx_flags = layout.read_radio(raw)[4]
    damaged = bool(rx_flags and rx_flags & _BAD_PLCP)
    if not at:
        return None, damaged
    return bool(raw[at] & FCS_AT_END), damaged or bool(raw[at] & BAD_FCS)
