"""Where things are, how they walk, and how loud that makes them at the receiver: all pure functions of time."""

from __future__ import annotations

import bisect
import itertools
import math
import random
from collections.abc import Sequence

Point = tuple[float, float]

BUCKET = 18
"""Loudness is worked out once in 2**18 us (0.26 s)."""
SENSITIVITY = -92.0
"""dBm below which nothing is decoded."""

_MASK = (1 << 64) - 1
_SLOW = 7  # shadowing that people and doors make changes over 2**7 buckets, about half a minute
_FAST = 2  # and the changes by a moving hand over 2**2, about a second
_WALL = 9.0  # metres between walls
_WALL_LOSS = 2.5  # dB


def mix(salt: int, index: int) -> int:
    """Return 64 well-mixed bits of two numbers, the same on every machine (splitmix64's finish)."""
    x = (salt + index * 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & _MASK
    return x ^ x >> 31


def noise(salt: int, at: int, shift: int) -> float:
    """Return a value in -1..1 that changes smoothly with `at`, over 2**shift of it."""
    low = at >> shift
    part = (at & (1 << shift) - 1) / (1 << shift)
    a, b = mix(salt, low) / 2**63 - 1, mix(salt, low + 1) / 2**63 - 1
    return a + (b - a) * part * part * (3 - 2 * part)


class Spot:
    """Something that stays where it is."""

    moving = False

    def __init__(self, point: Point) -> None:
        self.point = point

    def at(self, time: int) -> Point:
        """Return the position in metres at `time`, in us."""
        return self.point


class Walk(Spot):
    """A person who walks through rooms in turn and rests in each, for ever around the same loop."""

    moving = True

    def __init__(self, rooms: Sequence[Point], speed: float, rest: float, rng: random.Random) -> None:
        super().__init__(rooms[0])
        stops = list(rooms)
        while len(stops) < 12:
            stops.append(rng.choice([room for room in rooms if room != stops[-1]]))
        self._legs: list[tuple[Point, Point, int]] = []  # from, to, us on the way; rests have equal ends
        for here, there in itertools.pairwise([*stops, stops[0]]):
            self._legs.append((here, here, int(rest * rng.uniform(0.3, 1.7) * 1e6) + 1))
            self._legs.append((here, there, int(math.dist(here, there) / speed * 1e6) + 1))
        self._ends = list(itertools.accumulate(leg[2] for leg in self._legs))

    def at(self, time: int) -> Point:
        """Return the position in metres at `time`, in us."""
        time %= self._ends[-1]
        leg = bisect.bisect_right(self._ends, time)
        here, there, length = self._legs[leg]
        part = 1 - (self._ends[leg] - time) / length
        return here[0] + (there[0] - here[0]) * part, here[1] + (there[1] - here[1]) * part


def loudness(power: float, here: Point, receiver: Point) -> float:
    """Return the mean dBm at 2.4 GHz that `power` dBm leave, indoors: exponent 2.8, and a wall now and then."""
    distance = max(1.0, math.dist(here, receiver))
    return power - 40.0 - 28.0 * math.log10(distance) - _WALL_LOSS * int(distance / _WALL)


def shadowing(salt: int, bucket: int, *, moving: bool) -> float:
    """Return the dB that people, doors and hands add or take away."""
    slow, fast = (4.0, 2.5) if moving else (1.2, 0.4)
    return slow * noise(salt, bucket, _SLOW) + fast * noise(salt ^ 0x5DEECE66D, bucket, _FAST)
