"""Malformed elements and EAPOL packets that were used in exploits: a table, and the checks in it.

A check takes the payload ``raw[start:end]`` of its element (in a vendor's element, after OUI and type) and is total.

The bounds come from the present standard: IEEE 802.11-2020 with 802.11ax-2021 and 802.11be-2024; clause numbers refer
to the first. If an exploit needs more than the standard allows, the table has the bound of the exploit. A value that a
later edition, an operating class or a Wi-Fi 7 feature allows is no fault, and neither is an unknown value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from whimbrel.events.alerts import Severity

Check = Callable[[bytes, int, int], bool]


class Shape(NamedTuple):
    """One row of the table."""

    name: str
    what: str
    """The fault, for the text of an alert."""
    clause: str
    """The clause with the correct format."""
    severity: Severity
    check: Check
    cve: str = ""
    """The exactly matching flaw."""

    @property
    def reference(self) -> str:
        """The reference in an alert."""
        return self.cve or self.clause


_WARNING, _NOTICE = Severity.WARNING, Severity.NOTICE

_MOST_SUITES = 63  # of 4 octets in an element of 255 (9.4.2.24)
_NOA, _NOA_USUAL, _NOA_LONGEST = 12, 28, 54
"""Octets of a Notice of Absence: 2, and 13 for each announced period (Wi-Fi P2P 1.7, 4.1.14). Two periods are usual,
and the driver of the CVE had room for two; group owners plan at most four."""
_NOA_HEADER, _NOA_PERIOD = 2, 13
_NAME, _NAME_LONGEST = 0x1011, 100
"""A device name has at most 32 octets (Wi-Fi Simple Configuration 2.0.8, 12); the flaw needs more than 100."""
_SUBELEMENT = 0
_MULTIPLE_BSSID, _INDEX = 71, 85
_SET_INDICATORS = range(1, 47)
"""The possible numbers of low address bits for a set (11.10.14)."""
_BROADCOM_CHANNELS = 224
"""The highest channel within the table of the firmware of CVE-2017-11120; today's standard has higher ones."""
_HIGHEST_CHANNELS = ((range(1, 131), 196), (range(131, 138), 233), (range(180, 187), 29))
"""Operating classes with their highest channel number (annex E, tables E-1 to E-4; 131 to 136 802.11ax, 137 802.11be).
Other classes are reserved; their channels are unknown."""
_VENDOR_FULL = 251
"""Octets after OUI and type in a full vendor's element: its contents may continue in the next one (Wi-Fi P2P 1.7,
4.1.1; Wi-Fi Simple Configuration 2.0.8, 8.1)."""


def longer(most: int) -> Check:
    """Return a check for more than `most` octets."""
    return lambda _raw, start, end: end - start > most


def shorter(least: int) -> Check:
    """Return a check for less than `least` octets."""
    return lambda _raw, start, end: end - start < least


def not_exactly(size: int) -> Check:
    """Return a check for any other size."""
    return lambda _raw, start, end: end - start != size


def _u16(raw: bytes, at: int) -> int:
    return raw[at] | raw[at + 1] << 8


def _suite_counts(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the largest count of suites in a WPA or RSN element, and the number of octets missing for it."""
    at, largest = start + 6, 0
    for _ in range(2):
        if at + 2 > end:
            break
        count = _u16(raw, at)
        largest = max(largest, count)
        at += 2 + 4 * count
    return largest, max(0, at - end) if largest else 0


def too_many_suites(raw: bytes, start: int, end: int) -> bool:
    """Return whether the count of suites in an RSN or WPA element exceeds the room of any element."""
    return _suite_counts(raw, start, end)[0] > _MOST_SUITES


def suites_missing(raw: bytes, start: int, end: int) -> bool:
    """Return whether the count of suites in an RSN or WPA element exceeds its contents, but not the room of an
    element."""
    largest, missing = _suite_counts(raw, start, end)
    return missing > 0 and largest <= _MOST_SUITES


def _noa_sizes(raw: bytes, start: int, end: int) -> Iterator[int]:
    """Yield the claimed length of each Notice of Absence in a P2P element, in octets."""
    at = start
    while at + 3 <= end:
        size = _u16(raw, at + 1)
        if raw[at] == _NOA:
            yield size
        at += 3 + size


def noa_impossible(raw: bytes, start: int, end: int) -> bool:
    """Return whether a P2P element has a too long Notice of Absence without a whole number of periods, or with too
    many."""
    return any(
        size > _NOA_LONGEST or (size > _NOA_USUAL and (size - _NOA_HEADER) % _NOA_PERIOD)
        for size in _noa_sizes(raw, start, end)
    )


def noa_unusual(raw: bytes, start: int, end: int) -> bool:
    """Return whether a P2P element has a Notice of Absence of three or four periods."""
    return any(_NOA_USUAL < size <= _NOA_LONGEST for size in _noa_sizes(raw, start, end))


def p2p_overrun(raw: bytes, start: int, end: int) -> bool:
    """Return whether an attribute runs past the end of a P2P element that cannot continue in the next one."""
    at = start
    while at + 3 <= end:
        at += 3 + _u16(raw, at + 1)
    return at > end and end - start < _VENDOR_FULL


def wps_name_too_long(raw: bytes, start: int, end: int) -> bool:
    """Return whether a WPS element has a device name far beyond its 32 octets."""
    at = start
    while at + 4 <= end:
        size = raw[at + 2] << 8 | raw[at + 3]
        if raw[at] << 8 | raw[at + 1] == _NAME and size > _NAME_LONGEST:
            return True
        at += 4 + size
    return False


def no_indicator(raw: bytes, start: int, end: int) -> bool:
    """Return whether a Multiple BSSID element lacks its indicator, or has an impossible one."""
    return start >= end or raw[start] not in _SET_INDICATORS


def nested_set(raw: bytes, start: int, end: int) -> bool:
    """Return whether a network inside a Multiple BSSID element carries such an element itself."""
    return any(number == _MULTIPLE_BSSID for number, _, _ in _within(raw, start, end))


def own_index(raw: bytes, start: int, end: int) -> bool:
    """Return whether a network inside a Multiple BSSID element has the number of its carrier."""
    if no_indicator(raw, start, end):
        return False
    mask = (1 << raw[start]) - 1
    return any(number == _INDEX and at < stop and not raw[at] & mask for number, at, stop in _within(raw, start, end))


def _within(raw: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return the elements inside the complete profiles of a Multiple BSSID element."""
    found = []
    at = start + 1
    while at + 2 <= end:
        inner, stop = at + 2, at + 2 + raw[at + 1]
        if stop > end:
            break
        if raw[at] == _SUBELEMENT:
            while inner + 2 <= stop:
                after = inner + 2 + raw[inner + 1]
                if after > stop:
                    break
                found.append((raw[inner], inner + 2, after))
                inner = after
        at = stop
    return found


def channel_beyond(raw: bytes, start: int, end: int) -> bool:
    """Return whether a neighbour report (9.4.2.36) has a channel above the highest one of its operating class."""
    if start + 12 >= end or raw[start + 11] <= _BROADCOM_CHANNELS:
        return False
    operating_class = raw[start + 10]
    return any(raw[start + 11] > highest for classes, highest in _HIGHEST_CHANNELS if operating_class in classes)


_MWIFIEX = "CVE-2019-3846"

BY_ELEMENT: dict[int, tuple[Shape, ...]] = {
    0: (
        Shape("long-ssid", "a name of more than 32 octets", "IEEE 802.11-2020, 9.4.2.2", _WARNING, longer(32),
              "CVE-2006-5882, CVE-2019-17133"),
    ),
    # 8 are allowed, and selectors of required features count as rates; devices send more than 8, but never that many.
    1: (Shape("long-rates", "more than 32 supported rates", "IEEE 802.11-2020, 9.4.2.3", _WARNING, longer(32),
              "CVE-2006-6055"),),
    # Removed from the standard in 2016; the number is not reused.
    2: (Shape("fh-length", "an FH parameter set that is not 5 octets long", "IEEE 802.11-2012, 8.4.2.4", _NOTICE,
              not_exactly(5), _MWIFIEX),),
    3: (Shape("ds-length", "a DS parameter set that is not 1 octet long", "IEEE 802.11-2020, 9.4.2.4", _NOTICE,
              not_exactly(1), _MWIFIEX),),
    # Removed from the standard in 2020; the number is not reused.
    4: (Shape("cf-length", "a CF parameter set that is not 6 octets long", "IEEE 802.11-2016, 9.4.2.5", _NOTICE,
              not_exactly(6), _MWIFIEX),),
    # S1G omits the bitmap and its control if no traffic waits; the DTIM fields are always there.
    5: (Shape("short-tim", "a TIM of less than 2 octets", "IEEE 802.11-2020, 9.4.2.5", _NOTICE, shorter(2)),),
    6: (Shape("ibss-length", "an IBSS parameter set that is not 2 octets long", "IEEE 802.11-2020, 9.4.2.6", _NOTICE,
              not_exactly(2), _MWIFIEX),),
    # 3 octets, triplets, and one octet of padding to an even length: 254 and 255 are impossible.
    7: (Shape("long-country", "a country element of more than 252 octets", "IEEE 802.11-2020, 9.4.2.8", _WARNING,
              longer(252), "CVE-2019-14895"),),
    37: (Shape("csa-length", "a channel switch that is not 3 octets long", "IEEE 802.11-2020, 9.4.2.18", _NOTICE,
               not_exactly(3)),),
    48: (
        Shape("rsn-suites", "an RSN element that counts more suites than any element can hold",
              "IEEE 802.11-2020, 9.4.2.24", _WARNING, too_many_suites, "CVE-2017-9714"),
        Shape("rsn-missing", "an RSN element that counts more suites than it contains", "IEEE 802.11-2020, 9.4.2.24",
              _NOTICE, suites_missing),
    ),
    52: (Shape("neighbour-channel", "a neighbour report with a channel over 224 outside its operating class",
               "IEEE 802.11-2020, 9.4.2.36 and annex E", _WARNING, channel_beyond, "CVE-2017-11120"),),
    60: (Shape("ecsa-length", "an extended channel switch that is not 4 octets long", "IEEE 802.11-2020, 9.4.2.52",
               _NOTICE, not_exactly(4)),),
    71: (
        Shape("set-indicator", "a Multiple BSSID element for an impossible set", "IEEE 802.11-2020, 9.4.2.45", _NOTICE,
              no_indicator),
        Shape("nested-set", "a Multiple BSSID element inside another", "IEEE 802.11-2020, 9.4.2.45", _NOTICE,
              nested_set),
        Shape("own-index", "a further network with the address of its carrier", "IEEE 802.11-2020, 9.4.2.73", _NOTICE,
              own_index),
    ),
    114: (Shape("long-mesh-id", "a mesh name of more than 32 octets", "IEEE 802.11-2020, 9.4.2.98", _WARNING,
                longer(32), "CVE-2022-23088"),),
    # Its length depends on the highest set bit: the standard with 802.11be defines 14 octets of bits.
    127: (Shape("long-capabilities", "extended capabilities of more than 15 octets", "IEEE 802.11-2020, 9.4.2.26",
                _NOTICE, longer(15), "CVE-2019-10539"),),
}  # fmt: skip
"""By the number of the element."""

TSPEC = b"\x00\x50\xf2\x02\x02\x01"
"""OUI, type, subtype and version of a WMM TSPEC (Wi-Fi Alliance, WMM 1.2, 2.2.11)."""
WMM_PARAMETERS = (b"\x00\x50\xf2\x02\x00", b"\x00\x50\xf2\x02\x01")
"""OUI, type and subtype of the WMM elements that have 7 and 24 octets (WMM 1.2, 2.2.1 and 2.2.2)."""

BY_VENDOR: dict[bytes, tuple[Shape, ...]] = {
    b"\x00\x50\xf2\x01": (
        Shape("wpa-suites", "a WPA element that counts more suites than any element can hold",
              "Wi-Fi Alliance, WPA 3.1", _WARNING, too_many_suites),
        Shape("wpa-missing", "a WPA element that counts more suites than it contains",
              "Wi-Fi Alliance, WPA 3.1", _NOTICE, suites_missing),
    ),
    b"\x00\x50\xf2\x04": (
        Shape("long-wps-name", "a WPS device name of more than 100 octets", "Wi-Fi Simple Configuration 2.0.8, 12",
              _WARNING, wps_name_too_long, "CVE-2016-0801"),
    ),
    b"\x50\x6f\x9a\x09": (
        Shape("long-noa", "a Notice of Absence of an impossible length", "Wi-Fi P2P 1.7, 4.1.14", _WARNING,
              noa_impossible, "CVE-2019-17666"),
        Shape("many-absences", "a Notice of Absence of more than two periods", "Wi-Fi P2P 1.7, 4.1.14", _NOTICE,
              noa_unusual, "CVE-2019-17666"),
        Shape("p2p-overrun", "a P2P attribute that runs past its element", "Wi-Fi P2P 1.7, 4.1.1", _NOTICE,
              p2p_overrun),
    ),
}  # fmt: skip
"""By OUI and type of a vendor's element."""

LONG_WMM = Shape(
    "long-wmm", "a WMM parameter element of more than 24 octets", "WMM 1.2, 2.2.2", _WARNING, longer(24),
    "CVE-2017-9417 (Broadpwn)",
)  # fmt: skip
"""For `WMM_PARAMETERS`, including OUI and type."""
MANY_TSPECS = Shape("many-tspecs", "more than 4 WMM TSPECs", "WMM 1.2, 2.2.11", _WARNING, longer(0), "CVE-2017-11013")
"""For one (re)association, which requests at most one for each of the 4 access categories."""
OVERRUN = Shape(
    "overrun", "elements that run past the end of the frame", "IEEE 802.11-2020, 9.4.2.1", _NOTICE, longer(0)
)
WPS_OVERRUN = Shape(
    "wps-overrun", "a WPS attribute that runs past its elements", "Wi-Fi Simple Configuration 2.0.8, 12", _NOTICE,
    longer(0),
)  # fmt: skip

EAPOL_LENGTH = Shape(
    "eapol-length", "an EAPOL packet longer than its frame", "IEEE 802.1X-2020, 11.3", _NOTICE, longer(0)
)
KEY_DATA = Shape("key-data", "key data that runs past the packet", "IEEE 802.11-2020, 12.7.2", _NOTICE, longer(0))
KEY_DATA_ELEMENT = Shape(
    "key-data-element", "key data with an element that runs past them", "IEEE 802.11-2020, 12.7.2", _NOTICE, longer(0)
)

# The standard sets no bound: both lengths have 16 bits. The keys and elements of one network need about 250 octets;
# Wi-Fi 7 sends those of every link in one packet (IEEE 802.11be-2024, 12.7.6.4).
LONG_EAPOL = Shape(
    "long-eapol", "an EAPOL key packet of more than 512 octets", "IEEE 802.11-2020, 12.7.2", _WARNING, longer(512),
    "CVE-2020-9395",
)  # fmt: skip
LONG_KEY_DATA = Shape(
    "long-key-data", "key data of more than 257 octets", "IEEE 802.11-2020, 12.7.2", _WARNING, longer(257),
    "CVE-2020-27301",
)  # fmt: skip
