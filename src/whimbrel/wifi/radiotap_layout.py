"""Compiled layouts of radiotap headers: one `struct.Struct` extracts all fields of interest at once.

A radio describes each frame with the same fields, so their offsets are computed once for each combination of header
length and presence words, and the meaning of a field's octets once for each value. Both caches are bounded and emptied
when they are full: no capture can make them grow without limit, nor fill them with useless entries for good.
"""

from __future__ import annotations

from struct import Struct, unpack_from
from typing import TYPE_CHECKING

from whimbrel.wifi import rates
from whimbrel.wifi.frames import PhyMode
from whimbrel.wifi.radiotap_fields import (
    ANTENNA,
    CHANNEL,
    FLAGS,
    HE,
    MCS,
    NO_PSDU,
    NOISE,
    RATE,
    RX_FLAGS,
    SIGNAL,
    SIZES,
    TIMESTAMP,
    TLV,
    TSFT,
    VENDOR,
    VHT,
    XCHANNEL,
    Field,
    fields,
    words_end,
)
from whimbrel.wifi.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Unpack = Callable[[bytes], tuple[Any, ...]]

FCS_AT_END, _DATA_PAD, BAD_FCS = 0x10, 0x20, 0x40
_CCK, _OFDM, _HALF, _QUARTER = 0x20, 0x40, 0x4000, 0x8000

# A monitor interface has one or two layouts, a merged capture a dozen; a radio that hears every rate on every channel
# has about 500 tunings. Frames beyond these limits are read more slowly, with the same result.
_LAYOUTS = 32
MEANINGS = 512

Tuning = tuple[int, int, float, str, PhyMode | None]
"""Octets after the frame's body, MHz, Mbit/s, PHY, and the mode of these three."""
UNTOLD = 1 << 30
"""In place of the octets after a body, which the CRC decides then: more than any frame has."""
Oddities = tuple[int, bool, bool]
"""MHz of a narrow channel's width, damaged, MAC header padded to 32 bits."""

# The MAC header: Frame Control, duration, three addresses, sequence control.
_MAC_HEADER = "BBH6s6s6sH"
_MAC_LENGTH = 24


class RadiotapLayout:
    """The layout of one kind of header. The offset of a field that it lacks is 0."""

    __slots__ = (
        *("chains", "empty", "end", "modulation", "modulations", "places", "rarer", "read_radio", "reading"),
        *("timestamp", "tlvs", "tunings", "usual", "vendor", "whole", "xchannel"),
    )

    usual: tuple[int, int, Unpack, dict[bytes, Tuning], RadiotapLayout]
    """For the fast path: end of the header; octets that include the MAC header; the function that unpacks TSFT, tuning,
    signal, noise, RX flags, modulation and the fields of the MAC header (absent ones are b""); known tunings."""

    def __init__(self, found: list[Field], end: int, reading: Reading, *, whole: bool) -> None:
        first = {number: offset for word, number, offset in reversed(found) if word == 0}
        self.end = end
        self.reading = reading
        self.whole = whole
        self.places = first.get(FLAGS, 0), first.get(RATE, 0), first.get(CHANNEL, 0)
        self.modulation = next((number for number in (HE, VHT, MCS) if number in first), MCS)
        self.tunings: dict[bytes, Tuning] = {}
        self.modulations: dict[bytes, rates.Modulation] = {}
        self.xchannel = 0 if CHANNEL in first else first.get(XCHANNEL, 0)
        self.timestamp = 0 if TSFT in first else first.get(TIMESTAMP, 0)
        self.tlvs = next((offset for _, number, offset in found if number == TLV), 0)
        self.chains = _chains(found)
        self.empty = NO_PSDU in first
        self.vendor = next((offset for _, number, offset in found if number == VENDOR), 0)
        self.rarer = bool(self.xchannel or self.timestamp or self.tlvs or self.vendor or self.chains or not whole)
        text, position = _radio_format(first, self.modulation)
        self.read_radio: Unpack = Struct(text).unpack_from
        with_header = Struct(f"{text}{end - position}x{_MAC_HEADER}").unpack_from
        self.usual = (end, end + _MAC_LENGTH, with_header, self.tunings, self)

    def tuning(self, raw: bytes, octets: bytes) -> tuple[Tuning, Oddities | None]:
        """Read flags, rate and channel from `octets`; the result is cached unless there are oddities."""
        known = self.tunings.get(octets)
        if known is not None:
            return known, None
        flags_at, rate_at, channel_at = self.places
        flags = raw[flags_at] if flags_at else 0
        rate = raw[rate_at] if rate_at else 0
        freq, channel = unpack_from("<HH", raw, channel_at) if channel_at else (0, 0)
        reading = self.reading
        tail = (reading.flagged if flags & FCS_AT_END else reading.unflagged) if flags_at else reading.untold
        radio = freq, rate / 2, phy_of(rate, channel)
        width = 10 if channel & _HALF else 5 if channel & _QUARTER else 0
        odd = width or flags & (BAD_FCS | _DATA_PAD)
        oddities = (width, bool(flags & BAD_FCS), bool(flags & _DATA_PAD)) if odd else None
        trailer = UNTOLD if tail is None else tail.fcs + tail.extra
        if odd:
            return (trailer, *radio, None), oddities
        tuning = trailer, *radio, PhyMode(*radio) if freq else None
        if len(self.tunings) >= MEANINGS:
            self.tunings.clear()
        self.tunings[octets] = tuning
        return tuning, None

    def modulation_of(self, octets: bytes) -> rates.Modulation:
        """Read the HT, VHT or HE field."""
        known = self.modulations.get(octets)
        if known is None:
            if len(self.modulations) >= MEANINGS:
                self.modulations.clear()
            self.modulations[octets] = known = _MODULATIONS[self.modulation](octets)
        return known


class Layouts:
    """The layouts for one `Reading`."""

    def __init__(self, reading: Reading) -> None:
        self.usual: dict[bytes, tuple[int, int, Unpack, dict[bytes, Tuning], RadiotapLayout]] = {}
        """`RadiotapLayout.usual` by the octets up to the end of the presence words. If there are several words, the
        first 8 octets map to a tuple of 0 and the end of the last words seen; the octets up to there are the key."""
        self._reading = reading

    def of(self, raw: bytes) -> RadiotapLayout | None:
        """Return the layout of the header at the start of `raw`, and cache it; None if the header is broken."""
        if len(raw) < 8:
            return None
        usual = self.usual
        end = words_end(raw)
        known = usual.get(raw[:end])
        if known is not None and known[0]:
            layout = known[-1] if known[0] <= len(raw) else None
        else:
            seen = fields(raw)
            if seen is None:
                return None
            found, whole, lasting = seen
            layout = RadiotapLayout(found, raw[2] | raw[3] << 8, self._reading, whole=whole)
            if not lasting:
                return layout
            if len(usual) >= _LAYOUTS:
                usual.clear()
            usual[raw[:end]] = layout.usual
        if end > 8 and layout is not None:
            usual[raw[:8]] = 0, end, layout.read_radio, layout.tunings, layout
        return layout


def phy_of(rate: int, channel: int) -> str:
    """Distinguish DSSS from OFDM by the rate (500 kbit/s), which is certain, else by the flags of the channel."""
    if rate in rates.DSSS_500K:
        return "dsss"
    if rate in rates.OFDM_500K:
        return "ofdm"
    return "dsss" if channel & _CCK else "ofdm" if channel & _OFDM else ""


def _radio_format(first: dict[int, int], modulated: int) -> tuple[str, int]:
    """Return the struct format of the radio's fields, and the offset after the last."""
    tuned = [number for number in (FLAGS, RATE, CHANNEL) if number in first]
    tuning = first[tuned[-1]] + SIZES[tuned[-1]][1] - first[tuned[0]] if tuned else 0
    # After its first 8 octets, a VHT field differs from station to station and does not affect the rate.
    modulation = 8 if modulated == VHT else SIZES[modulated][1]
    text, position = "<", 0
    for offset, code, size in (
        (first.get(TSFT), "Q", 8),
        (first[tuned[0]] if tuned else None, f"{tuning}s", tuning),
        (first.get(SIGNAL), "b", 1),
        (first.get(NOISE), "b", 1),
        (first.get(RX_FLAGS), "H", 2),
        (first.get(modulated), f"{modulation}s", modulation),
    ):
        if offset is None:
            text += "0s"
        else:
            text += f"{offset - position}x{code}"
            position = offset + size
    return text, position


def _chains(found: list[Field]) -> Unpack | None:
    """Return the function that unpacks the signal of each word for an antenna; None if only the first may be one."""
    places: dict[int, dict[int, int]] = {}
    for word, number, offset in found:
        places.setdefault(word, {})[number] = offset
    chains = [place[SIGNAL] for place in places.values() if SIGNAL in place and ANTENNA in place]
    if not chains or places.keys() == {0}:
        return None
    text, position = "<", 0
    for signal in chains:
        text += f"{signal - position}xb"
        position = signal + 1
    return Struct(text).unpack_from


_MODULATIONS = {MCS: rates.ht, VHT: rates.vht, HE: rates.he}
