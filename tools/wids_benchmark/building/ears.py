"""Conditions: the same air as four receivers hear it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from tools.wids_benchmark.building.air import Phy, Sent

DWELL = 0.25
"""Seconds that the hopping ear stays on a channel."""
PLAN = tuple(2407 + 5 * channel for channel in (1, 6, 11, 2, 1, 6, 11, 3, 1, 6, 11, 4, 1, 6, 11, 13))
"""Frequencies in MHz, of the hopping ear, in order: three quarters of the time on the channels that are used most."""
CAMP = 2437
"""The frequency of the ears that stay: channel 6."""


def clean(air: Iterable[Sent], _seed: int) -> Iterator[Sent]:
    """Hear each frame of channel 6."""
    return (sent for sent in air if sent.freq == CAMP)


def loss(air: Iterable[Sent], seed: int) -> Iterator[Sent]:
    """Lose three frames in ten, at random."""
    rng = random.Random(f"loss {seed}")
    return (sent for sent in clean(air, seed) if rng.random() >= 0.3)


def hopping(air: Iterable[Sent], seed: int) -> Iterator[Sent]:
    """Stay on each channel of `PLAN` for `DWELL`, and hear nothing in the 5 ms of a change."""
    offset = random.Random(f"hopping {seed}").uniform(0, DWELL * len(PLAN))
    for sent in air:
        dwell, into = divmod(sent.at + offset, DWELL)
        if into >= 0.005 and PLAN[int(dwell) % len(PLAN)] == sent.freq:
            yield sent


def legacy(air: Iterable[Sent], seed: int) -> Iterator[Sent]:
    """Hear of 802.11ac and ax only what is sent at rates of 802.11a, b, g and n: an old receiver."""
    return (sent for sent in clean(air, seed) if sent.phy not in {Phy.HE, Phy.VHT})


CONDITIONS: dict[str, Callable[[Iterable[Sent], int], Iterator[Sent]]] = {
    "clean": clean,
    "loss": loss,
    "hopping": hopping,
    "legacy": legacy,
}
