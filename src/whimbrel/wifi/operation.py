"""The elements about the operation of a network: its channel and width, TIM, channel switch, load, country.

IEEE 802.11-2020, 9.4.2.5, 9.4.2.8, 9.4.2.18, 9.4.2.26, 9.4.2.52, 9.4.2.56 (HT), 9.4.2.158 (VHT); IEEE 802.11ax-2021,
9.4.2.249 (HE); IEEE 802.11be-2024, 9.4.2.321 (EHT). Each function takes the payload ``raw[start:end]`` of its element
and returns None if that is too short for its fixed part; it accepts any bytes.
"""

from __future__ import annotations

from whimbrel.wifi.channels import band_of, channel_number, frequency
from whimbrel.wifi.value import Value

Span = tuple[int, int]
"""Start and end of an element's payload."""


class Tim(Value):
    """A traffic indication map."""

    dtim_count: int
    """Beacons until the next DTIM; 0: this beacon is one."""
    dtim_period: int
    """Beacons from DTIM to DTIM."""
    group_traffic: bool
    """Whether group traffic follows this beacon."""


class ChannelSwitch(Value):
    """A channel switch announcement, plain or extended."""

    channel: int
    """Number of the new channel."""
    count: int
    """Beacons until the switch; 0: at any time."""
    mode: int
    """1: stations must not transmit until the switch."""
    op_class: int | None
    """Operating class of the new channel, which determines its band; None with the plain element only."""


class BssLoad(Value):
    """The load that an access point announces."""

    stations: int
    """Stations associated."""
    utilisation: float
    """Share of time in which the access point senses the channel busy, 0 to 1."""


class Operation(Value):
    """The channel that a network announces; 0 and empty if it announces none."""

    channel: int
    """Number of the primary 20 MHz channel."""
    freq: int
    """MHz, centre of the primary channel."""
    width: int
    """MHz: 20, 40, 80, 160 or 320; of 80+80 MHz, 160."""
    center: int
    """MHz, centre of the whole width; of 80+80 MHz, of the half with the primary."""
    second: int = 0
    """MHz, centre of the other half of 80+80 MHz; 0 for all others."""


NOWHERE = Operation(0, 0, 0, 0)
"""The operation of a frame that does not announce its channel."""


def parse_tim(raw: bytes, start: int, end: int) -> Tim | None:
    """Read a TIM element."""
    if start + 3 > end:
        return None
    return Tim(raw[start], raw[start + 1], bool(raw[start + 2] & 1))


def parse_channel_switch(raw: bytes, plain: Span | None, extended: Span | None) -> ChannelSwitch | None:
    """Read the channel switch element 60 (mode, class, channel, count) if present, else 37 (mode, channel, count)."""
    if extended is not None and extended[0] + 4 <= extended[1]:
        mode, op_class, channel, count = raw[extended[0] : extended[0] + 4]
        return ChannelSwitch(channel, count, mode, op_class)
    if plain is not None and plain[0] + 3 <= plain[1]:
        mode, channel, count = raw[plain[0] : plain[0] + 3]
        return ChannelSwitch(channel, count, mode, None)
    return None


def parse_bss_load(raw: bytes, start: int, end: int) -> BssLoad | None:
    """Read a BSS Load element."""
    if start + 3 > end:
        return None
    return BssLoad(raw[start] | raw[start + 1] << 8, raw[start + 2] / 255)


def parse_country(raw: bytes, start: int, end: int) -> str | None:
    """Read the code of a Country element; None if it is not two printable ASCII characters."""
    code = raw[start : min(start + 2, end)]
    if len(code) == 2 and code.isascii() and (text := code.decode("ascii")).isprintable():
        return text
    return None


def parse_rates(raw: bytes, *spans: Span | None) -> tuple[float, ...]:
    """Read supported and extended rates, Mbit/s, in order, without membership selectors (121 to 127, table 9-92)."""
    return tuple(
        [
            (octet & 0x7F) * 0.5
            for span in spans
            if span is not None
            for octet in raw[span[0] : span[1]]
            if 0 < octet & 0x7F < 121
        ]
    )


def parse_operation(
    raw: bytes, *, ds: int | None, ht: Span | None, vht: Span | None, he: Span | None, eht: Span | None
) -> Operation:
    """Determine the channel from the DS parameter and the payloads of the HT, VHT, HE and EHT operation elements."""
    six = _six_ghz(raw, he)
    if six is not None:
        return _wider(_eht(raw, eht), six)
    channel = raw[ht[0]] if ht is not None and ht[0] < ht[1] else ds or 0
    freq = frequency("2.4" if channel <= 14 else "5", channel)
    if not freq:
        return NOWHERE
    width, center = 20, freq
    ccfs2 = 0
    if ht is not None and ht[0] + 2 <= ht[1]:
        offset = raw[ht[0] + 1]
        if offset & 0x07 in {0x05, 0x07}:
            width, center = 40, freq + (10 if offset & 2 == 0 else -10)
        if ht[0] + 4 <= ht[1]:
            ccfs2 = (raw[ht[0] + 2] | raw[ht[0] + 3] << 8) >> 5 & 0xFF
    place = Operation(channel, freq, width, center)
    if (info := _vht_info(raw, vht, he)) is not None and channel > 14:
        place = _segments(place, "5", *info[:2], info[2] or ccfs2)
    return _wider(_eht(raw, eht), place)


def _vht_info(raw: bytes, vht: Span | None, he: Span | None) -> tuple[int, int, int] | None:
    """Return width code and both centre numbers of a VHT operation element, or of the copy in an HE operation."""
    if vht is not None and vht[0] + 3 <= vht[1]:
        at = vht[0]
    elif he is not None and he[0] + 9 <= he[1] and raw[he[0] + 1] & 0x40:
        at = he[0] + 6
    else:
        return None
    return raw[at], raw[at + 1], raw[at + 2]


def _segments(place: Operation, band: str, code: int, first: int, second: int) -> Operation:
    """Widen `place` by a VHT width code and centre numbers (table 9-274).

    Code 0 means the width of HT, 1 means 80 MHz or more by the distance of the centres, 2 and 3 are the outdated 160
    and 80+80 MHz.
    """
    if code == 0 or code > 3 or not first:
        return place
    center, other = frequency(band, first), frequency(band, second) if second else 0
    if code == 2:
        return Operation(place.channel, place.freq, 160, center)
    gap = abs(first - second)
    if other and code == 1 and gap == 8:
        return Operation(place.channel, place.freq, 160, other)
    if other and (code == 3 or gap > 16):
        return Operation(place.channel, place.freq, 160, center, other)
    return Operation(place.channel, place.freq, 80, center)


def duplicates(raw: bytes, he: Span | None) -> bool:
    """Return whether an HE operation element says that a 6 GHz beacon is sent on every 20 MHz of the width at once
    (Duplicate Beacon; its control octet is that of `_six_ghz`)."""
    at = _six_ghz_info(raw, he)
    return at is not None and bool(raw[at + 1] & 0x04)


def _six_ghz_info(raw: bytes, he: Span | None) -> int | None:
    """Return where the 6 GHz Operation Information of an HE operation element is; None if it has none."""
    if he is None or he[0] + 6 > he[1] or not raw[he[0] + 2] & 0x02:
        return None
    at = he[0] + 6
    if raw[he[0] + 1] & 0x40:
        at += 3
    if raw[he[0] + 1] & 0x80:
        at += 1
    return at if at + 5 <= he[1] else None


def _six_ghz(raw: bytes, he: Span | None) -> Operation | None:
    """Return the channel of the 6 GHz Operation Information of an HE operation element; None if there is none."""
    at = _six_ghz_info(raw, he)
    if at is None:
        return None
    channel, control, first, second = raw[at : at + 4]
    freq = frequency("6", channel)
    if not freq:
        return None
    code = control & 3
    if code < 2:
        center = frequency("6", first) if code and first else freq
        return Operation(channel, freq, 40 if code else 20, center)
    return _segments(Operation(channel, freq, 80, freq), "6", 1, first, second if code == 3 else 0)


def _eht(raw: bytes, eht: Span | None) -> tuple[int, int, int] | None:
    """Return width code and both centre numbers of an EHT operation element; None if it has none."""
    if eht is None or eht[0] + 8 > eht[1] or not raw[eht[0]] & 0x01:
        return None
    return raw[eht[0] + 5] & 0x07, raw[eht[0] + 6], raw[eht[0] + 7]


def _wider(eht: tuple[int, int, int] | None, place: Operation) -> Operation:
    """Widen `place` by the EHT operation: code 0 to 4, 20 to 320 MHz; from 160 on the second centre counts."""
    if eht is None or eht[0] > 4:
        return place
    code, first, second = eht
    center = frequency(band_of(place.freq), second if code > 2 else first)
    if not center or channel_number(center) == 0:
        return place
    return Operation(place.channel, place.freq, 20 << code, center)
