"""Reads and sets radios, interfaces and channels with nl80211 (``linux/nl80211.h``)."""

from __future__ import annotations

import errno
from collections.abc import Iterable

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.codec import (
    Attributes,
    NetlinkError,
    pack_attribute,
    pack_nested,
    pack_string,
    pack_u32,
    unpack_nested,
    unpack_number,
    unpack_string,
)
from whimbrel.drivers.nl80211.genetlink import GenericFamily
from whimbrel.record import Record
from whimbrel.wifi.channels import Channel

_BANDS = frozenset({nl.BAND_2GHZ, nl.BAND_5GHZ, nl.BAND_6GHZ})
_HT40 = 0x0002  # HT capability information, bit 1 (IEEE 802.11-2020, 9.4.2.55.2)
_VHT160 = 0x000C  # VHT capability information, bits 2 and 3 (9.4.2.157.2)
_WIDTHS = {20: nl.CHAN_WIDTH_20, 40: nl.CHAN_WIDTH_40, 80: nl.CHAN_WIDTH_80, 160: nl.CHAN_WIDTH_160}
_WIDTHS_MHZ = {code: width for width, code in _WIDTHS.items()} | {nl.CHAN_WIDTH_20_NOHT: 20, nl.CHAN_WIDTH_320: 320}
_DSSS_ONLY = 2484  # MHz: channel 14 is for 802.11b alone
_MONITOR_FLAGS = (nl.MNTR_FLAG_CONTROL, nl.MNTR_FLAG_OTHER_BSS)


class Frequency(Record):
    """One 20 MHz channel of a radio, and its permissions by radio and regulatory domain."""

    freq: int
    """MHz."""
    disabled: bool
    """Neither transmitting nor receiving is allowed."""
    no_ir: bool
    """Initiating transmissions is not allowed; receiving is."""
    radar: bool
    """Transmitters must detect radar; receiving is allowed."""
    widths: frozenset[int]
    """Widths in MHz that the radio can receive with this channel inside; without 20 if it cannot receive even that."""


class Wiphy(Record):
    """A Wi-Fi radio, called wiphy in the kernel."""

    number: int
    name: str
    """As ``phy0``."""
    types: frozenset[int]
    """Interface types that it can have (``IFTYPE_…``)."""
    ht: frozenset[int]
    """Bands (``BAND_…``) in which it supports 802.11n."""
    frequencies: tuple[Frequency, ...]
    """By frequency."""


class Interface(Record):
    """A network interface of a radio."""

    ifindex: int
    name: str
    radio: int
    """Number of its radio."""
    type: int
    """``IFTYPE_…``"""
    channel: Channel | None
    """The channel that it reports; None if it reports none."""


class Rule(Record):
    """One rule of a regulatory domain, for `low` to `high` MHz."""

    low: float
    high: float
    width: float
    """Largest channel width in MHz."""
    flags: int
    """``NL80211_RRF_…`` bits."""


class Regulatory(Record):
    """The regulatory domain in force."""

    country: str
    """Two letters; ``00`` is the world domain, which allows only what every country does."""
    rules: tuple[Rule, ...]


class Nl80211:
    """The required commands of nl80211. All block, at most for the timeout; all raise `NetlinkError`."""

    def __init__(self, family: GenericFamily) -> None:
        self.family = family

    def radios(self) -> list[Wiphy]:
        """Return every radio."""
        request = pack_attribute(nl.ATTR_SPLIT_WIPHY_DUMP, b"")
        return _radios(self.family.dump(nl.CMD_GET_WIPHY, request, "listing the radios"))

    def interfaces(self) -> list[Interface]:
        """Return every interface of every radio."""
        answers = self.family.dump(nl.CMD_GET_INTERFACE, b"", "listing the interfaces")
        return [interface for answer in answers if (interface := _interface(answer)) is not None]

    def interface(self, index: int) -> Interface:
        """Return one interface; ENODEV if it is missing."""
        doing = "asking for the interface"
        for answer in self.family.ask(nl.CMD_GET_INTERFACE, pack_u32(nl.ATTR_IFINDEX, index), doing):
            if (interface := _interface(answer)) is not None:
                return interface
        raise NetlinkError(errno.ENODEV, doing)

    def regulatory(self, radio: int) -> Regulatory:
        """Return the regulatory domain of this radio: its own, or the global one."""
        request = pack_u32(nl.ATTR_WIPHY, radio)
        for answer in self.family.ask(nl.CMD_GET_REG, request, "asking for the regulatory domain"):
            rules = unpack_nested(answer.get(nl.ATTR_REG_RULES)).values()
            country = unpack_string(answer.get(nl.ATTR_REG_ALPHA2))
            return Regulatory(country=country, rules=tuple(_rule(rule) for rule in rules))
        return Regulatory(country="", rules=())

    def new_monitor(self, radio: int, name: str, *, owned: bool) -> Interface:
        """Make a monitor interface; one that is `owned` is deleted by the kernel when this socket closes."""
        doing = f"making the monitor interface {name}"
        request = (
            pack_u32(nl.ATTR_WIPHY, radio)
            + pack_string(nl.ATTR_IFNAME, name)
            + pack_u32(nl.ATTR_IFTYPE, nl.IFTYPE_MONITOR)
            + _monitor_flags()
            + (pack_attribute(nl.ATTR_SOCKET_OWNER, b"") if owned else b"")
        )
        return self._make(request, doing)

    def new_station(self, radio: int, name: str) -> Interface:
        """Make a station interface, which the kernel deletes when this socket closes."""
        request = (
            pack_u32(nl.ATTR_WIPHY, radio)
            + pack_string(nl.ATTR_IFNAME, name)
            + pack_u32(nl.ATTR_IFTYPE, nl.IFTYPE_STATION)
            + pack_attribute(nl.ATTR_SOCKET_OWNER, b"")
        )
        return self._make(request, f"making the interface {name}")

    def _make(self, request: bytes, doing: str) -> Interface:
        for answer in self.family.ask(nl.CMD_NEW_INTERFACE, request, doing):
            if (interface := _interface(answer)) is not None:
                return interface
        raise NetlinkError(errno.ENODEV, doing, "the kernel did not say which it made")

    def delete_interface(self, index: int) -> None:
        """Delete an interface."""
        self.family.ask(nl.CMD_DEL_INTERFACE, pack_u32(nl.ATTR_IFINDEX, index), "deleting the interface")

    def set_type(self, index: int, type_: int) -> None:
        """Change the type of an interface; with most drivers it must be down for that."""
        request = pack_u32(nl.ATTR_IFINDEX, index) + pack_u32(nl.ATTR_IFTYPE, type_)
        if type_ == nl.IFTYPE_MONITOR:
            request += _monitor_flags()
        self.family.ask(nl.CMD_SET_INTERFACE, request, "changing the type of the interface")

    def set_channel(self, index: int, channel: Channel, *, ht: bool) -> None:
        """Set the channel of this monitor interface's radio. `ht`: the radio supports 802.11n in this band.

        EBUSY: another interface keeps the radio on its channel. EINVAL: not allowed, or no such channel.
        """
        # The kernel distinguishes a 20 MHz channel without HT, on which some radios receive no 802.11n frames.
        plain = channel.width == 20 and (not ht or channel.freq == _DSSS_ONLY)
        width = nl.CHAN_WIDTH_20_NOHT if plain else _WIDTHS[channel.width]
        request = (
            pack_u32(nl.ATTR_IFINDEX, index)
            + pack_u32(nl.ATTR_WIPHY_FREQ, channel.freq)
            + pack_u32(nl.ATTR_CHANNEL_WIDTH, width)
            + pack_u32(nl.ATTR_CENTER_FREQ1, channel.center or channel.freq)
        )
        self.family.ask(nl.CMD_SET_WIPHY, request, f"setting channel {channel}")


def _monitor_flags() -> bytes:
    return pack_nested(nl.ATTR_MNTR_FLAGS, [pack_attribute(flag, b"") for flag in _MONITOR_FLAGS])


def _radios(answers: Iterable[Attributes]) -> list[Wiphy]:
    """Join the parts of a split dump: each describes a part of the radio that it names."""
    names: dict[int, str] = {}
    types: dict[int, set[int]] = {}
    bands: dict[int, dict[int, _Band]] = {}
    for answer in answers:
        if nl.ATTR_WIPHY not in answer:
            continue
        index = unpack_number(answer[nl.ATTR_WIPHY])
        names[index] = unpack_string(answer.get(nl.ATTR_WIPHY_NAME)) or names.get(index, f"phy{index}")
        types.setdefault(index, set()).update(unpack_nested(answer.get(nl.ATTR_SUPPORTED_IFTYPES)))
        of_radio = bands.setdefault(index, {})
        for band, part in unpack_nested(answer.get(nl.ATTR_WIPHY_BANDS)).items():
            of_radio.setdefault(band, _Band(band)).add(unpack_nested(part))
    return [
        Wiphy(
            number=index,
            name=name,
            types=frozenset(types[index]),
            ht=frozenset(band.number for band in bands[index].values() if band.ht),
            frequencies=_by_frequency(bands[index].values()),
        )
        for index, name in sorted(names.items())
    ]


def _by_frequency(bands: Iterable[_Band]) -> tuple[Frequency, ...]:
    found = (frequency for band in bands if band.number in _BANDS for frequency in band.frequencies())
    return tuple(sorted(found, key=lambda frequency: frequency.freq))


class _Band:
    """The facts about one band of a radio, collected from the parts of a dump."""

    def __init__(self, number: int) -> None:
        self.number = number
        # 6 GHz has neither HT nor VHT; only the flags of its channels hold their permissions.
        self.ht = number == nl.BAND_6GHZ
        self._forty = self._eighty = self._one_sixty = number == nl.BAND_6GHZ
        self._parts: dict[int, Attributes] = {}

    def add(self, part: Attributes) -> None:
        if nl.BAND_ATTR_HT_CAPA in part:
            self.ht = True
            self._forty |= bool(unpack_number(part[nl.BAND_ATTR_HT_CAPA]) & _HT40)
        if nl.BAND_ATTR_VHT_CAPA in part:
            self._eighty = True
            self._one_sixty |= bool(unpack_number(part[nl.BAND_ATTR_VHT_CAPA]) & _VHT160)
        for value in unpack_nested(part.get(nl.BAND_ATTR_FREQS)).values():
            frequency = unpack_nested(value)
            self._parts[unpack_number(frequency.get(nl.FREQUENCY_ATTR_FREQ))] = frequency

    def frequencies(self) -> Iterable[Frequency]:
        for freq, flags in self._parts.items():
            if freq:
                yield Frequency(
                    freq=freq,
                    disabled=nl.FREQUENCY_ATTR_DISABLED in flags,
                    no_ir=nl.FREQUENCY_ATTR_NO_IR in flags,
                    radar=nl.FREQUENCY_ATTR_RADAR in flags,
                    widths=frozenset(self._widths(flags)),
                )

    def _widths(self, flags: Attributes) -> Iterable[int]:
        if nl.FREQUENCY_ATTR_NO_20MHZ not in flags:
            yield 20
        both_forbidden = nl.FREQUENCY_ATTR_NO_HT40_PLUS in flags and nl.FREQUENCY_ATTR_NO_HT40_MINUS in flags
        if self._forty and not both_forbidden:
            yield 40
        if self._eighty and nl.FREQUENCY_ATTR_NO_80MHZ not in flags:
            yield 80
        if self._one_sixty and nl.FREQUENCY_ATTR_NO_160MHZ not in flags:
            yield 160


def _interface(answer: Attributes) -> Interface | None:
    """Parse one interface; None for a device without a network interface (P2P devices)."""
    if nl.ATTR_IFINDEX not in answer or nl.ATTR_WIPHY not in answer:
        return None
    freq = unpack_number(answer.get(nl.ATTR_WIPHY_FREQ))
    width = _WIDTHS_MHZ.get(unpack_number(answer.get(nl.ATTR_CHANNEL_WIDTH)), 20)
    center = unpack_number(answer.get(nl.ATTR_CENTER_FREQ1)) if width > 20 else 0
    return Interface(
        ifindex=unpack_number(answer[nl.ATTR_IFINDEX]),
        name=unpack_string(answer.get(nl.ATTR_IFNAME)),
        radio=unpack_number(answer[nl.ATTR_WIPHY]),
        type=unpack_number(answer.get(nl.ATTR_IFTYPE)),
        channel=Channel(freq, width, center) if freq else None,
    )


def _rule(value: bytes) -> Rule:
    rule = unpack_nested(value)
    return Rule(
        low=unpack_number(rule.get(nl.FREQ_RANGE_START)) / 1000,
        high=unpack_number(rule.get(nl.FREQ_RANGE_END)) / 1000,
        width=unpack_number(rule.get(nl.FREQ_RANGE_MAX_BW)) / 1000,
        flags=unpack_number(rule.get(nl.REG_RULE_FLAGS)),
    )
