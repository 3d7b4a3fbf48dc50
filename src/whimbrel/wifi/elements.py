"""The elements of management frames (IEEE 802.11-2020, 9.4.2): found in one pass, each decoded at its first use."""

from __future__ import annotations

from functools import lru_cache

from whimbrel.wifi.fixed import ELEMENTS_AT, beacon_fixed
from whimbrel.wifi.multi_link import MultiLink, joined, parse_multi_link
from whimbrel.wifi.neighbours import Neighbour, parse_neighbours
from whimbrel.wifi.operation import (
    BssLoad,
    ChannelSwitch,
    Operation,
    Tim,
    duplicates,
    parse_bss_load,
    parse_channel_switch,
    parse_country,
    parse_operation,
    parse_rates,
    parse_tim,
)
from whimbrel.wifi.rates import DSSS_RATES
from whimbrel.wifi.rsn import Rsn, Wapi, Wpa, parse_osen, parse_rsn, parse_wapi, parse_wpa
from whimbrel.wifi.value import lazy
from whimbrel.wifi.wps import Wps, parse_wps

__all__ = [
    "ELEMENTS_AT",
    "EXTENSION",
    "MULTI_LINK",
    "SSID_MAX",
    "WIFI_NAMES",
    "Elements",
    "beacon_fixed",
    "parse_elements",
]

EXTENSION = 256
"""Offset added to the extension number of an element 255, which makes it distinct from element numbers."""

MULTI_LINK = EXTENSION + 107
"""Number of the Multi-Link element."""

WIFI_NAMES = {"n": "Wi-Fi 4", "ac": "Wi-Fi 5", "ax": "Wi-Fi 6", "be": "Wi-Fi 7"}
"""The Wi-Fi Alliance's names by `Elements.phy_generation`; the older generations have none."""

SSID_MAX = 32

_SSID, _RATES, _DS, _TIM, _COUNTRY, BSS_LOAD = 0, 1, 3, 5, 7, 11
_CHANNEL_SWITCH, _EXTENDED_CHANNEL_SWITCH = 37, 60
_HT_CAPABILITIES, _HT_OPERATION, _RSN, _EXTENDED_RATES, _MOBILITY_DOMAIN = 45, 61, 48, 50, 54
_VHT_CAPABILITIES, _VHT_OPERATION, _NEIGHBOURS, _VENDOR, _RSNX = 191, 192, 201, 221, 244
_HE_CAPABILITIES, _HE_OPERATION = EXTENSION + 35, EXTENSION + 36
_EHT_OPERATION, _EHT_CAPABILITIES = EXTENSION + 106, EXTENSION + 108
_WAPI = 68
_BY_EXTENSION = 255

_WPA = b"\x00\x50\xf2\x01"
_WPS = b"\x00\x50\xf2\x04"
_OWE_TRANSITION = b"\x50\x6f\x9a\x1c"
_OSEN = b"\x50\x6f\x9a\x12"
_RSN_OVERRIDE, _RSN_OVERRIDE_2 = b"\x50\x6f\x9a\x29", b"\x50\x6f\x9a\x2a"

_MEMBERS_MAX = 16  # octets of RSNX that its length field of 4 bits can express


class Elements:
    """The elements of one frame, made by `parse_elements`. It keeps the frame's bytes alive: do not store it."""

    __slots__ = ("__dict__", "_first", "_vendors", "malformed", "raw", "spans")

    def __init__(
        self,
        raw: bytes,
        spans: list[tuple[int, int, int]],
        first: dict[int, tuple[int, int]],
        vendors: dict[bytes, tuple[int, int]],
        malformed: str | None,
    ) -> None:
        self.raw = raw
        self.spans = spans
        """Number, payload start and payload end of each element, in order; extensions as `EXTENSION` + number."""
        self.malformed = malformed
        """The first fault of the sequence, such as an element that runs past the end; None if it is sound."""
        self._first = first
        self._vendors = vendors

    def get(self, number: int) -> bytes | None:
        """Return the payload of the first element with that number; None if there is none."""
        span = self._first.get(number)
        return None if span is None else self.raw[span[0] : span[1]]

    def spans_of(self, number: int) -> list[tuple[int, int]]:
        """Return payload start and end of each element with that number, in order."""
        if number not in self._first:
            return []
        return [(start, end) for element, start, end in self.spans if element == number]

    @lazy
    def ssid(self) -> bytes | None:
        """The first 32 octets of the SSID; empty or all zero if it is hidden; None without the element."""
        span = self._first.get(_SSID)
        return None if span is None else self.raw[span[0] : min(span[1], span[0] + SSID_MAX)]

    @lazy
    def rates(self) -> tuple[float, ...]:
        """Supported and extended rates, Mbit/s, in their order."""
        return parse_rates(self.raw, self._first.get(_RATES), self._first.get(_EXTENDED_RATES))

    @property
    def ds_channel(self) -> int | None:
        """Channel number in the DS parameter (2.4 GHz); None if it is absent."""
        span = self._first.get(_DS)
        return self.raw[span[0]] if span is not None and span[0] < span[1] else None

    @property
    def tim(self) -> Tim | None:
        """The traffic indication map."""
        span = self._first.get(_TIM)
        return None if span is None else parse_tim(self.raw, *span)

    @property
    def country(self) -> str | None:
        """Country code of two printable characters, usually letters; None if there is none."""
        span = self._first.get(_COUNTRY)
        return None if span is None else parse_country(self.raw, *span)

    @property
    def csa(self) -> ChannelSwitch | None:
        """The channel switch announcement, plain or extended."""
        first = self._first
        plain, extended = first.get(_CHANNEL_SWITCH), first.get(_EXTENDED_CHANNEL_SWITCH)
        return parse_channel_switch(self.raw, plain, extended) if plain or extended else None

    @lazy
    def rsn(self) -> Rsn | None:
        """The RSN element: WPA2 and later."""
        span = self._first.get(_RSN)
        return None if span is None else parse_rsn(self.raw, *span)

    @lazy
    def wpa(self) -> Wpa | None:
        """WPA's vendor element."""
        span = self._vendors.get(_WPA)
        return None if span is None else parse_wpa(self.raw, span[0] + 4, span[1])

    @property
    def rsn_overrides(self) -> tuple[Rsn, ...]:
        """The RSN overrides: the protection offered to stations that understand them.

        RSNE Override and RSNE Override 2 (Wi-Fi Alliance, WPA3 specification 3.4: 50-6F-9A types 41 and 42) have the
        format of an RSN element. Access points use them to offer WPA3 beside WPA2 without an RSN element with both,
        which some old stations cannot handle.
        """
        vendors = self._vendors
        if _RSN_OVERRIDE not in vendors and _RSN_OVERRIDE_2 not in vendors:
            return ()
        spans = [vendors[prefix] for prefix in (_RSN_OVERRIDE, _RSN_OVERRIDE_2) if prefix in vendors]
        return tuple([parse_rsn(self.raw, start + 4, end) for start, end in spans])

    @property
    def osen(self) -> Rsn | None:
        """Protection of the online sign-up network of Hotspot 2.0 (Wi-Fi Alliance, 50-6F-9A type 18)."""
        span = self._vendors.get(_OSEN)
        return None if span is None else parse_osen(self.raw, span[0] + 4, span[1])

    @property
    def wapi(self) -> Wapi | None:
        """The WAPI element."""
        span = self._first.get(_WAPI)
        return None if span is None else parse_wapi(self.raw, *span)

    @property
    def has_rsn(self) -> bool:
        """Whether there is an RSN element, with any content."""
        return _RSN in self._first

    @property
    def protecting(self) -> tuple[bytes | None, ...]:
        """The payloads of RSN and WAPI, and, with OUI and type, of WPA, OSEN and both RSN overrides, in the order of
        `whimbrel.wifi.security.described`; None for each that is absent."""
        raw, first, vendors = self.raw, self._first, self._vendors
        spans = (
            first.get(_RSN), first.get(_WAPI), vendors.get(_WPA), vendors.get(_OSEN),
            vendors.get(_RSN_OVERRIDE), vendors.get(_RSN_OVERRIDE_2),
        )  # fmt: skip
        return tuple([None if span is None else raw[span[0] : span[1]] for span in spans])

    @lazy
    def wps(self) -> Wps | None:
        """Wi-Fi Protected Setup, its elements joined."""
        if _WPS not in self._vendors:
            return None
        raw = self.raw
        spans = self.spans_of(_VENDOR)
        return parse_wps(b"".join([raw[start + 4 : end] for start, end in spans if raw.startswith(_WPS, start, end)]))

    @lazy
    def operation(self) -> Operation:
        """The channel that the frame announces."""
        get = self.get
        return _operation(
            self.ds_channel, get(_HT_OPERATION), get(_VHT_OPERATION), get(_HE_OPERATION), get(_EHT_OPERATION)
        )

    @property
    def duplicates(self) -> bool:
        """Whether the frame, in 6 GHz, is sent on every 20 MHz of its network's width at once."""
        return duplicates(self.raw, self._first.get(_HE_OPERATION))

    @property
    def bss_load(self) -> BssLoad | None:
        """The announced load of the channel."""
        span = self._first.get(BSS_LOAD)
        return None if span is None else parse_bss_load(self.raw, *span)

    @property
    def mobility_domain(self) -> bytes | None:
        """Identifier of the mobility domain, within which stations roam fast (FT), 2 octets."""
        payload = self.get(_MOBILITY_DOMAIN)
        return payload[:2] if payload and len(payload) >= 2 else None

    @lazy
    def neighbours(self) -> tuple[Neighbour, ...]:
        """Neighbouring access points, from the reduced neighbour report."""
        return parse_neighbours(self.raw, self.spans_of(_NEIGHBOURS))

    @lazy
    def multi_links(self) -> tuple[MultiLink, ...]:
        """The Multi-Link elements, in order."""
        if MULTI_LINK not in self._first:
            return ()
        spans = self.spans
        return tuple(
            [parse_multi_link(joined(self.raw, spans, i)) for i, span in enumerate(spans) if span[0] == MULTI_LINK]
        )

    @lazy
    def vendors(self) -> tuple[tuple[bytes, int], ...]:
        """OUI (3 octets) and type of each vendor element, in order; type -1 if it has none."""
        raw = self.raw
        return tuple(
            [
                (raw[start : start + 3], raw[start + 3] if start + 3 < end else -1)
                for start, end in self.spans_of(_VENDOR)
                if start + 3 <= end
            ]
        )

    @property
    def owe_transition(self) -> tuple[bytes, bytes] | None:
        """BSSID and SSID of the other half of an OWE transition network (Wi-Fi Alliance, 50-6F-9A type 28)."""
        span = self._vendors.get(_OWE_TRANSITION)
        if span is None or span[0] + 11 > span[1]:
            return None
        name = span[0] + 11
        size = min(self.raw[name - 1], SSID_MAX)
        return (self.raw[name - 7 : name - 1], self.raw[name : name + size]) if name + size <= span[1] else None

    @property
    def ht(self) -> bool:
        """Whether 802.11n is supported."""
        return _HT_CAPABILITIES in self._first or _HT_OPERATION in self._first

    @property
    def vht(self) -> bool:
        """Whether 802.11ac is supported."""
        return _VHT_CAPABILITIES in self._first or _VHT_OPERATION in self._first

    @property
    def he(self) -> bool:
        """Whether 802.11ax is supported."""
        return _HE_CAPABILITIES in self._first or _HE_OPERATION in self._first

    @property
    def eht(self) -> bool:
        """Whether 802.11be is supported."""
        return _EHT_CAPABILITIES in self._first or _EHT_OPERATION in self._first

    @property
    def phy_generation(self) -> str:
        """The newest of b, g, a, n, ac, ax and be that is supported; empty if unknown. See `WIFI_NAMES`."""
        for there, generation in ((self.eht, "be"), (self.he, "ax"), (self.vht, "ac"), (self.ht, "n")):
            if there:
                return generation
        rates = set(self.rates)
        if rates - DSSS_RATES:
            return "g" if rates & DSSS_RATES or self.ds_channel is not None else "a"
        return "b" if rates else ""


@lru_cache(maxsize=128)
def _operation(ds: int | None, ht: bytes | None, vht: bytes | None, he: bytes | None, eht: bytes | None) -> Operation:
    """Return the operating channel; cached, so that it is computed once for equal octets."""
    spans: list[tuple[int, int] | None] = []
    at = 0
    for payload in (ht, vht, he, eht):
        end = at + len(payload or b"")
        spans.append(None if payload is None else (at, end))
        at = end
    joined = b"".join([payload for payload in (ht, vht, he, eht) if payload])
    return parse_operation(joined, ds=ds, ht=spans[0], vht=spans[1], he=spans[2], eht=spans[3])


def find_element(raw: bytes, start: int, end: int, number: int) -> tuple[int, int] | None:
    """Return payload start and end of the first element `number` in ``raw[start:end]``; None if there is none.

    It costs a fraction of `parse_elements`.
    """
    end = min(end, len(raw))
    while start + 2 <= end:
        stop = start + 2 + raw[start + 1]
        if stop > end:
            return None
        if raw[start] == number:
            return start + 2, stop
        start = stop
    return None


def find_ssid(raw: bytes, start: int, end: int) -> bytes | None:
    """Return `Elements.ssid` of ``raw[start:end]``."""
    span = find_element(raw, start, end, _SSID)
    return None if span is None else raw[span[0] : min(span[1], span[0] + SSID_MAX)]


def parse_elements(raw: bytes, start: int, end: int) -> Elements:
    """Find the elements of ``raw[start:end]``. Total: of a broken sequence, the elements before the fault are kept."""
    spans: list[tuple[int, int, int]] = []
    first: dict[int, tuple[int, int]] = {}
    vendors: dict[bytes, tuple[int, int]] = {}
    malformed = None
    end = min(end, len(raw))
    at = start = max(start, 0)
    last = end - 1
    while at < last:
        number = raw[at]
        payload = at + 2
        at = payload + raw[at + 1]
        if at > end:
            malformed = malformed or f"element {number} runs past the end"
            break
        if number == _BY_EXTENSION:
            if payload == at:
                malformed = malformed or "extension element without its number"
                continue
            number = EXTENSION + raw[payload]
            payload += 1
        spans.append((number, payload, at))
        if number not in first:
            first[number] = (payload, at)
        if number == _VENDOR and payload + 4 <= at and (prefix := raw[payload : payload + 4]) not in vendors:
            vendors[prefix] = (payload, at)
    else:
        if at == last:
            malformed = malformed or "one octet after the last element"
    return Elements(raw, spans, first, vendors, malformed)
