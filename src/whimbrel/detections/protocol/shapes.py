"""The shapes of malformed elements and EAPOL packets that were exploits once: a table, and the checks that it names.

A check takes the payload ``raw[start:end]`` of its element (behind OUI and type, of a vendor's) and is total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from whimbrel.events.alerts import Severity

Check = Callable[[bytes, int, int], bool]


class Shape(NamedTuple):
    """One row of the table."""

    name: str
    what: str
    """What is wrong, for the text of an alert."""
    reference: str
    severity: Severity
    check: Check


_WARNING, _NOTICE = Severity.WARNING, Severity.NOTICE

_MOST_SUITES = 63  # that an element of 255 octets could hold
_NOA, _NOA_LONGEST = 12, 28
_NAME, _NAME_LONGEST = 0x1011, 100
_SUBELEMENT = 0
_MULTIPLE_BSSID, _INDEX = 71, 85
_LAST_CHANNEL = 224


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
    """Return the largest number of suites that a WPA or RSN element says it lists, and how many octets are missing."""
    at, largest = start + 6, 0
    for _ in range(2):
        if at + 2 > end:
            break
        count = _u16(raw, at)
        largest = max(largest, count)
        at += 2 + 4 * count
    return largest, max(0, at - end) if largest else 0


def too_many_suites(raw: bytes, start: int, end: int) -> bool:
    """Tell whether an RSN or WPA element counts more suites than any element can hold."""
    return _suite_counts(raw, start, end)[0] > _MOST_SUITES


def suites_missing(raw: bytes, start: int, end: int) -> bool:
    """Tell whether an RSN or WPA element counts more suites than it holds, if not absurdly more."""
    largest, missing = _suite_counts(raw, start, end)
    return missing > 0 and largest <= _MOST_SUITES


def noa_too_long(raw: bytes, start: int, end: int) -> bool:
    """Tell whether a P2P element has a Notice of Absence with more than two descriptors."""
    at = start
    while at + 3 <= end:
        size = _u16(raw, at + 1)
        if raw[at] == _NOA and size > _NOA_LONGEST:
            return True
        at += 3 + size
    return False


def p2p_overrun(raw: bytes, start: int, end: int) -> bool:
    """Tell whether an attribute of a P2P element runs past its end."""
    at = start
    while at + 3 <= end:
        at += 3 + _u16(raw, at + 1)
    return at > end


def wps_name_too_long(raw: bytes, start: int, end: int) -> bool:
    """Tell whether a WPS element has a device name far beyond its 32 octets."""
    at = start
    while at + 4 <= end:
        size = raw[at + 2] << 8 | raw[at + 3]
        if raw[at] << 8 | raw[at + 1] == _NAME and size > _NAME_LONGEST:
            return True
        at += 4 + size
    return False


def no_indicator(raw: bytes, start: int, end: int) -> bool:
    """Tell whether a Multiple BSSID element lacks its indicator, or has one that no set of networks can have."""
    return start >= end or not 1 <= raw[start] <= 8


def nested_set(raw: bytes, start: int, end: int) -> bool:
    """Tell whether a network inside a Multiple BSSID element carries such an element itself."""
    return any(number == _MULTIPLE_BSSID for number, _, _ in _within(raw, start, end))


def own_index(raw: bytes, start: int, end: int) -> bool:
    """Tell whether a network inside a Multiple BSSID element has the number of the one that carries it."""
    if no_indicator(raw, start, end):
        return False
    mask = (1 << raw[start]) - 1
    return any(number == _INDEX and at < stop and not raw[at] & mask for number, at, stop in _within(raw, start, end))


def _within(raw: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return the elements inside the profiles of a Multiple BSSID element that are whole."""
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
    """Tell whether a neighbour report names a channel that no band has."""
    return start + 12 < end and raw[start + 11] > _LAST_CHANNEL


_IEEE = "IEEE 802.11-2020, 9.4.2"
_WPA = "Wi-Fi Alliance, WPA 3.1"
_WSC = "Wi-Fi Simple Configuration 2.0.8, 12"

BY_ELEMENT: dict[int, tuple[Shape, ...]] = {
    0: (
        Shape(
            "long-ssid", "a name of more than 32 octets", "CVE-2006-5882, CVE-2019-17133", _WARNING, longer(32)
        ),
    ),
    1: (Shape("long-rates", "more than 32 supported rates", "CVE-2006-6055", _WARNING, longer(32)),),
    2: (Shape("fh-length", "an FH parameter set that is not 5 octets long", "CVE-2019-3846", _NOTICE, not_exactly(5)),),
    3: (Shape("ds-length", "a DS parameter set that is not 1 octet long", "CVE-2019-3846", _NOTICE, not_exactly(1)),),
    4: (Shape("cf-length", "a CF parameter set that is not 6 octets long", "CVE-2019-3846", _NOTICE, not_exactly(6)),),
    5: (Shape("short-tim", "a TIM of less than 3 octets", _IEEE + ".5", _NOTICE, shorter(3)),),
    6: (Shape("ibss-length", "an IBSS parameter set that is not 2 octets long", "CVE-2019-3846", _NOTICE,
              not_exactly(2)),),
    7: (Shape("long-country", "a country element of more than 252 octets", "CVE-2019-14895", _WARNING, longer(252)),),
    37: (Shape("csa-length", "a channel switch that is not 3 octets long", _IEEE + ".18", _NOTICE, not_exactly(3)),),
    48: (
        Shape("rsn-suites", "an RSN element that counts more suites than fit any", "CVE-2017-9714", _WARNING,
              too_many_suites),
        Shape("rsn-missing", "an RSN element that counts more suites than it has", _IEEE + ".24", _NOTICE,
              suites_missing),
    ),
    52: (Shape("neighbour-channel", "a neighbour report with a channel over 224", "CVE-2017-11120", _WARNING,
               channel_beyond),),
    60: (Shape("ecsa-length", "an extended channel switch that is not 4 octets long", _IEEE + ".52", _NOTICE,
               not_exactly(4)),),
    71: (
        Shape("set-indicator", "a Multiple BSSID element for no possible set", _IEEE + ".45", _NOTICE, no_indicator),
        Shape("nested-set", "a Multiple BSSID element inside another", _IEEE + ".45", _NOTICE, nested_set),
        Shape("own-index", "a further network with the address of its carrier", _IEEE + ".45", _NOTICE, own_index),
    ),
    114: (Shape("long-mesh-id", "a mesh name of more than 32 octets", "CVE-2022-23088", _WARNING, longer(32)),),
    127: (Shape("long-capabilities", "extended capabilities of more than 15 octets", "CVE-2019-10539", _NOTICE,
                longer(15)),),
}  # fmt: skip
"""By the number of the element."""

TSPEC = b"\x00\x50\xf2\x02\x02\x01"
"""OUI, type, subtype and version of a WMM TSPEC (Wi-Fi Alliance, WMM 1.2, 2.2.11)."""

BY_VENDOR: dict[bytes, tuple[Shape, ...]] = {
    b"\x00\x50\xf2\x01": (
        Shape("wpa-suites", "a WPA element that counts more suites than fit any", _WPA, _WARNING,
              too_many_suites),
        Shape("wpa-missing", "a WPA element that counts more suites than it has", _WPA, _NOTICE,
              suites_missing),
    ),
    b"\x00\x50\xf2\x04": (
        Shape("long-wps-name", "a WPS device name of more than 100 octets", "CVE-2016-0801", _WARNING,
              wps_name_too_long),
    ),
    b"\x50\x6f\x9a\x09": (
        Shape("long-noa", "a Notice of Absence of more than 28 octets", "CVE-2019-17666", _WARNING, noa_too_long),
        Shape("p2p-overrun", "a P2P attribute that runs past its element", "Wi-Fi P2P 1.7, 4.1.1", _NOTICE,
              p2p_overrun),
    ),
}  # fmt: skip
"""By OUI and type of a vendor's element."""

LONG_WMM = Shape(
    "long-wmm", "a WMM parameter element of more than 24 octets", "CVE-2017-9417 (Broadpwn)", _WARNING, longer(24)
)
"""Of a WMM element that is not a TSPEC, OUI and type included."""
MANY_TSPECS = Shape("many-tspecs", "more than 4 WMM TSPECs", "CVE-2017-11013", _WARNING, longer(0))
OVERRUN = Shape("overrun", "elements that run past the end of the frame", _IEEE + ".1", _NOTICE, longer(0))
WPS_OVERRUN = Shape("wps-overrun", "a WPS attribute that runs past its elements", _WSC, _NOTICE, longer(0))

EAPOL_LENGTH = Shape(
    "eapol-length", "an EAPOL packet longer than its frame", "IEEE 802.1X-2020, 11.3", _NOTICE, longer(0)
)
LONG_EAPOL = Shape("long-eapol", "an EAPOL key packet of more than 512 octets", "CVE-2020-9395", _WARNING, longer(512))
KEY_DATA = Shape("key-data", "key data that run past the packet", "IEEE 802.11-2020, 12.7.2", _NOTICE, longer(0))
LONG_KEY_DATA = Shape("long-key-data", "key data of more than 257 octets", "CVE-2020-27301", _WARNING, longer(257))
