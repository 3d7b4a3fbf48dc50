"""What an access point says of others: the further networks it carries itself, and the access points next to it.

IEEE 802.11-2020, 9.4.2.45 (Multiple BSSID), 9.4.2.170 (Reduced Neighbor Report) and IEEE 802.11ax-2021's additions to
both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.channels import class_band, frequency
from whimbrel.wifi.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from whimbrel.wifi.elements import Elements

_SSID = 0
_CAPABILITY = 83
_INDEX = 85
_NON_INHERITANCE = 256 + 56
_PROFILE = 0


class Neighbour(Value):
    """Access points on one channel, as a reduced neighbour report lists them."""

    op_class: int
    """Operating class, which gives the band of `channel`."""
    channel: int
    """Number of their primary channel."""
    freq: int
    """MHz, centre of that channel; 0 where class and number do not go together."""
    bssids: tuple[bytes | None, ...]
    """The address of each, None where it is not told."""
    short_ssids: tuple[int | None, ...]
    """CRC-32 of the name of each (9.4.2.170.3), None where it is not told."""


def parse_neighbours(raw: bytes, spans: Iterable[tuple[int, int]]) -> tuple[Neighbour, ...]:
    """Read the payloads of reduced neighbour report elements. Total: a broken one ends where it breaks."""
    found = []
    for at, end in spans:
        while at + 4 <= end:
            count = (raw[at] >> 4) + 1
            size = raw[at + 1]
            stop = at + 4 + count * size
            if stop > end:
                break
            if not raw[at] & 3:
                found.append(_neighbour(raw, at, size, stop))
            at = stop  # noqa: PLW2901  # the walk through one element
    return tuple(found)


def _neighbour(raw: bytes, at: int, size: int, stop: int) -> Neighbour:
    """Read one Neighbor AP Information field, whose sets of `size` octets end at `stop`."""
    op_class, channel = raw[at + 2], raw[at + 3]
    # Sizes of a set (table 9-309): 7 to 9 and 11 on have the BSSID behind the offset, 5, 6 and 11 on the short name.
    named = size >= 7 and size != 10
    short_at = 1 if size in {5, 6} else 7 if size >= 11 else 0
    sets = range(at + 4, stop, size) if size else range(0)
    return Neighbour(
        op_class,
        channel,
        frequency(class_band(op_class), channel),
        tuple([raw[i + 1 : i + 7] if named else None for i in sets]),
        tuple([int.from_bytes(raw[i + short_at : i + short_at + 4], "little") if short_at else None for i in sets]),
    )


class Nontransmitted(Value):
    """A network that the access point carries besides the one whose beacon this is."""

    index: int
    """Its number, from 1; with `max_indicator` it gives the address. 0 where not told."""
    ssid: bytes | None
    """Its name, at most 32 octets; None where not told."""
    capability: int
    """Its Capability Information."""
    max_indicator: int
    """The set has up to ``2 ** max_indicator`` addresses."""
    elements: Elements
    """What it says of its own; the rest it inherits (see `inherits`)."""

    def bssid(self, transmitted: bytes) -> bytes:
        """Derive its address from the one whose beacon this is (9.4.2.45): the low bits count up within the set."""
        size = 1 << min(self.max_indicator, 46)
        value = int.from_bytes(transmitted, "big")
        low = value % size
        return (value - low + (low + self.index) % size).to_bytes(len(transmitted), "big")

    def inherits(self, element: int) -> bool:
        """Tell whether the beacon's element `element` (256 + number of an extension) counts for it too (11.1.3.8.4)."""
        if self.elements.get(element) is not None:
            return False
        listed = self.elements.get(_NON_INHERITANCE)
        if not listed:
            return True
        plain, extended = listed[1 : 1 + listed[0]], listed[2 + listed[0] :]
        return element - 256 not in extended if element > 255 else element not in plain


def profiles(raw: bytes, spans: Iterable[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """Split Multiple BSSID payloads into profiles: the set's indicator and the profile's elements, whole.

    A profile that does not begin with its capability (element 83) goes on where the one before ended.
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


def nontransmitted(max_indicator: int, elements: Elements) -> Nontransmitted:
    """Make the network of one profile from its elements."""
    return Nontransmitted(
        index=_first_octet(elements.get(_INDEX)),
        ssid=elements.ssid,
        capability=int.from_bytes((elements.get(_CAPABILITY) or b"")[:2], "little"),
        max_indicator=max_indicator,
        elements=elements,
    )


def _first_octet(payload: Sequence[int] | None) -> int:
    return payload[0] if payload else 0
