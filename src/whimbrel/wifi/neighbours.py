"""The Reduced Neighbor Report, in which an access point lists its neighbours.

IEEE 802.11-2020, 9.4.2.170, and IEEE 802.11ax-2021's additions to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.channels import class_band, frequency
from whimbrel.wifi.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable


class Neighbour(Value):
    """Access points on one channel, as a reduced neighbour report lists them."""

    op_class: int
    """Operating class, which determines the band of `channel`."""
    channel: int
    """Number of their primary channel."""
    freq: int
    """MHz, centre of that channel; 0 if the class has no channel of that number."""
    bssids: tuple[bytes | None, ...]
    """The address of each, None if unknown."""
    short_ssids: tuple[int | None, ...]
    """CRC-32 of the SSID of each (9.4.2.170.3), None if unknown."""


def parse_neighbours(raw: bytes, spans: Iterable[tuple[int, int]]) -> tuple[Neighbour, ...]:
    """Parse the payloads of reduced neighbour report elements. Total: reading stops at a fault."""
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
    # Sizes of a set (table 9-309): 7 to 9 and 11 on have the BSSID after the offset; 5, 6 and 11 on the short SSID.
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
