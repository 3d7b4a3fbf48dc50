"""Recognition of places: by the device's position if it is known, otherwise by the access points around."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.geo import Position

FEWEST = 4
"""The least number of access points for recognising a place."""
MOST = 24
"""Limit of known places; the oldest is evicted."""
_KEPT = 64
"""Limit of remembered access points of a place."""
_CORE = 16
"""The number of the most frequent ones; they identify the place regardless of newcomers."""
_ALIKE = 0.2
"""The least common share of access points between two looks at one place; a walk of 100 m leaves fewer."""
_OWN = 64
"""Limit of access points of guarded networks with a remembered place."""
_SEVERAL = -1


class VisitedPlace:
    """One place."""

    __slots__ = ("centre", "known", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.known: dict[bytes, int] = {}
        """The number of looks at which each access point was around."""
        self.centre: tuple[float, float] | None = None
        """The first position of the device there, in degrees north and east; None if unknown."""

    def look(self, around: set[bytes]) -> None:
        """Note the present access points; the least frequent ones are evicted."""
        known = self.known
        for address in around:
            known[address] = known.get(address, 0) + 1
        for address in self._most_seen(len(known))[_KEPT:]:
            del known[address]

    def resembles(self, around: set[bytes]) -> bool:
        """Return whether the access points around belong to this place."""
        common = len(around & self.known.keys())
        core = self._most_seen(_CORE)
        return bool(core) and (
            common >= _ALIKE * min(len(around), len(self.known)) or len(around.intersection(core)) >= _ALIKE * len(core)
        )

    def _most_seen(self, count: int) -> list[bytes]:
        known = self.known
        return sorted(known, key=lambda address: known[address], reverse=True)[:count]


class VisitedPlaces:
    """The places where the device was, at least `apart` metres from each other if positions are known."""

    def __init__(self, apart: float) -> None:
        self.all: dict[int, VisitedPlace] = {}
        self._apart = apart
        self._strange = False  # whether the last look did not recognise the place
        self._number = 0
        self._zones: set[int] = set()  # places within a home zone of the settings
        self._own: dict[bytes, int] = {}  # the place of each of the user's access points; `_SEVERAL` for a mobile one

    def find(self, around: set[bytes], own: set[bytes], position: Position | None, *, home: bool) -> int | None:
        """Return the number of this place; None if it is not certain yet, or cannot be recognised.

        `around` are the access points heard, `own` the user's own ones among them; `home` is whether the device is in a
        home zone.
        """
        place = self._by_air(around) if position is None else self._by_position(around, position)
        if place is None:
            return None
        place.look(around)
        if home:
            self._zones.add(place.number)
        for address in own:
            if self._own.setdefault(address, place.number) != place.number:
                self._own[address] = _SEVERAL
        while len(self._own) > _OWN:
            del self._own[next(iter(self._own))]
        return place.number

    def homes(self) -> set[int]:
        """Return the user's own places: home zones, and places of a guarded network that was heard nowhere else."""
        return self._zones.union(self._own.values())

    def _by_position(self, around: set[bytes], position: Position) -> VisitedPlace:
        self._strange = False
        within = self._apart + position.error
        near = [
            (away, place)
            for place in self.all.values()
            if place.centre is not None and (away := position.distance(*place.centre)) <= within
        ]
        if near:
            return min(near, key=lambda each: each[0])[1]
        # A place from a time without a position is this one if its access points are around.
        alike = (place for place in self.all.values() if place.centre is None and place.resembles(around))
        place = next(alike, None) or self._add()
        place.centre = (position.latitude, position.longitude)
        return place

    def _by_air(self, around: set[bytes]) -> VisitedPlace | None:
        if len(around) < FEWEST:
            return None
        for place in self.all.values():
            if place.resembles(around):
                self._strange = False
                return place
        if not self._strange and self.all:
            self._strange = True
            return None
        self._strange = False
        return self._add()

    def _add(self) -> VisitedPlace:
        self._number += 1
        if len(self.all) >= MOST:
            gone = next(iter(self.all))
            del self.all[gone]
            self._zones.discard(gone)
        place = self.all[self._number] = VisitedPlace(self._number)
        return place
