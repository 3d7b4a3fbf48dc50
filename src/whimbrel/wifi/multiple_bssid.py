"""The Multiple BSSID element, in which an access point announces more networks in its own beacons.

IEEE 802.11-2020, 9.4.2.45, and IEEE 802.11ax-2021's additions to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

_MULTIPLE_BSSID = 71
_CAPABILITY = 83
_INDEX = 85
_NON_INHERITANCE = 256 + 56
_PROFILE = 0


def nontransmitted(elements: Elements) -> tuple[Nontransmitted, ...]:
    """Return the nontransmitted networks in a frame's `elements`."""
    spans = elements.spans_of(_MULTIPLE_BSSID)
    if not spans:
        return ()
    return tuple([_network(indicator, profile) for indicator, profile in _profiles(elements.raw, spans)])


class Nontransmitted(Value):
    """A network of an access point other than the one that sends the beacon."""

    index: int
    """BSSID index, from 1; with `max_indicator` it determines the address. 0 if unknown."""
    ssid: bytes | None
    """At most 32 octets; None if unknown."""
    capability: int
    """Its Capability Information."""
    max_indicator: int
    """The set has up to ``2 ** max_indicator`` addresses."""
    elements: Elements
    """The elements of its own profile; it inherits the others (see `inherits`)."""

    def bssid(self, transmitted: bytes) -> bytes:
        """Return its BSSID, derived from the transmitted one (9.4.2.45): the low bits count up within the set."""
        size = 1 << min(self.max_indicator, 46)
        value = int.from_bytes(transmitted, "big")
        low = value % size
        return (value - low + (low + self.index) % size).to_bytes(len(transmitted), "big")

    def inherits(self, element: int) -> bool:
        """Return whether it inherits the beacon's element `element` (256 + number for extensions) (11.1.3.8.4)."""
        if self.elements.get(element) is not None:
            return False
        listed = self.elements.get(_NON_INHERITANCE)
        if not listed:
            return True
        plain, extended = listed[1 : 1 + listed[0]], listed[2 + listed[0] :]
        return element - 256 not in extended if element > 255 else element not in plain


def _profiles(raw: bytes, spans: Sequence[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """Split Multiple BSSID payloads into profiles: the set's indicator and the octets of the profile's elements.

    A profile that does not begin with its capability (element 83) continues the previous one.
    """
    found: list[tuple[int, bytes]] = []
    for start, end in spans:
        at = start + 1
        while at + 2 <= end:
            part = at + 2
            stop = part + raw[at + 1]
            if stop > end:
                break
            if raw[at] == _PROFILE and stop > part:
                if raw[part] == _CAPABILITY or not found:
                    found.append((raw[start], raw[part:stop]))
                else:
                    found[-1] = (found[-1][0], found[-1][1] + raw[part:stop])
            at = stop
    return found


def _network(max_indicator: int, profile: bytes) -> Nontransmitted:
    elements = parse_elements(profile, 0, len(profile))
    return Nontransmitted(
        index=_first_octet(elements.get(_INDEX)),
        ssid=elements.ssid,
        capability=int.from_bytes((elements.get(_CAPABILITY) or b"")[:2], "little"),
        max_indicator=max_indicator,
        elements=elements,
    )


def _first_octet(payload: Sequence[int] | None) -> int:
    return payload[0] if payload else 0
