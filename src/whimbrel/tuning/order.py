"""The order in which channels are visited: consecutive ones far apart, so that none is heard twice in a row.

A strong transmitter is heard on neighbouring channels too, and in 2.4 GHz a channel overlaps four on each side: 1, 6,
11 and back tells more per visit than 1, 2, 3. The bands take turns in proportion to their channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from whimbrel.wifi.channels import Channel

# Sufficient distance in MHz between the centres of consecutive visits; beyond it the smaller stride is as good.
_APART = {"2.4": 25, "5": 80, "6": 80}


def interleave(channels: Iterable[Channel]) -> list[Channel]:
    """Return the channels in visiting order; the first follows the last."""
    bands: dict[str, list[Channel]] = {}
    for channel in sorted(channels):
        bands.setdefault(channel.band, []).append(channel)
    placed = []
    for band, members in bands.items():
        ordered = _spread(members, _APART.get(band, 0))
        placed += [((place + 0.5) / len(ordered), channel) for place, channel in enumerate(ordered)]
    return [channel for _, channel in sorted(placed)]


def separation(order: Sequence[Channel]) -> int:
    """Return the smallest distance in MHz between consecutive channels, the last and the first included; 0 for one."""
    return min(
        (abs(_middle(one) - _middle(next_)) for one, next_ in zip(order, _shifted(order), strict=True)), default=0
    )


def _shifted(order: Sequence[Channel]) -> list[Channel]:
    return [*order[1:], *order[:1]]


def _middle(channel: Channel) -> int:
    return channel.center or channel.freq


def _spread(channels: list[Channel], apart: int) -> list[Channel]:
    """Return the channels of one band in the order of the smallest stride that keeps them `apart`, or of the best."""
    count = len(channels)
    best, best_distance = channels, separation(channels)
    for stride in range(2, count):
        if best_distance >= apart:
            break
        # Once around and around (1, 6, 11, 3, 8…), or column by column (1, 6, 11, 2, 7…) where the stride divides.
        around = [channels[place * stride % count] for place in range(count)]
        columns = [channel for first in range(stride) for channel in channels[first::stride]]
        for order in (around, columns):
            if len(set(order)) == count and (distance := separation(order)) > best_distance:
                best, best_distance = order, distance
    return best
