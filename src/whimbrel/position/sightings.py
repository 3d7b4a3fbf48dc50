"""The positions of each access point: the loudest one, and the average.

It does not work on each frame: at each new position it evaluates the access points heard since the last one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

from whimbrel.geo import moved, offset
from whimbrel.rows import SightingRow
from whimbrel.wifi.channels import band_of

if TYPE_CHECKING:
    from whimbrel.geo import Position
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.security import Protection

STRIDE = 32
"""The number of access points processed before yielding to other tasks."""
_APART = 5.0
"""Metres that the device must move before a level counts again in the average: without movement there is no new
information."""
_FAINTEST = -110
"""dBm, of which the weight is 1."""
_FIRST, _LAST, _STRONGEST = _TIMES = ("first", "last", "strongest")


class _Network(NamedTuple):
    """The announcements that its row shows, under the same names; its beacons and elements are not kept."""

    ssid: bytes
    freq: int
    channel: int
    band: str
    security: Protection
    akms: tuple[str, ...]
    ciphers: tuple[str, ...]
    wps: bool
    adhoc: bool


class Sighting:
    """The state of one access point at its last known position."""

    __slots__ = (
        "_at", "_network", "_scatter", "address", "earlier", "first", "last", "latitude", "longitude", "number", "rssi",
        "samples", "strongest", "weight",
    )  # fmt: skip

    def __init__(self, row: SightingRow) -> None:
        self.number = 0
        """In the order of the last change."""
        self.address = row.bssid
        self.earlier = frozenset(_TIMES)
        """Its times stamped by an earlier process: setting the clock does not move them."""
        self.first, self.last = row.first, row.last
        self.rssi = row.rssi
        """dBm of the strongest."""
        self.strongest = row.strongest
        self.latitude, self.longitude = row.latitude, row.longitude
        self.samples = row.samples
        self.weight = row.weight
        self._network = _Network(*(getattr(row, name) for name in _Network._fields))
        self._at: Position | None = None
        self._scatter = row.spread * row.spread * row.weight

    @classmethod
    def begin(cls, ap: AccessPoint, position: Position, rssi: int) -> Self:
        """Return one that was never heard at a position before."""
        row = SightingRow(
            bssid=ap.address,
            **_network(ap)._asdict(),
            rssi=rssi,
            strongest=position,
            latitude=position.latitude,
            longitude=position.longitude,
            spread=0.0,
            samples=0,
            weight=0.0,
            first=ap.first,
            last=ap.last,
        )
        sighting = cls(row)
        sighting.earlier = frozenset()
        sighting.take(ap, position, rssi)
        return sighting

    def take(self, ap: AccessPoint, position: Position, rssi: int) -> None:
        """Note that it was heard at a position."""
        self.last = ap.last
        self._network = _network(ap)
        if rssi > self.rssi:
            self.rssi, self.strongest = rssi, position
            self.earlier -= {_STRONGEST}
        self.earlier -= {_LAST}
        before = self._at
        if before is not None:
            east, north = offset(before.latitude, before.longitude, position.latitude, position.longitude)
            if east * east + north * north < _APART * _APART:
                return
        self._at = position
        self.samples += 1
        weight = 10 ** ((max(rssi, _FAINTEST) - _FAINTEST) / 20)
        self._average(position.latitude, position.longitude, weight, 0.0)

    def go_on_from(self, row: SightingRow) -> None:
        """Add the facts of an earlier process."""
        self.first = row.first
        self.earlier |= {_FIRST}
        if row.rssi > self.rssi:
            self.rssi, self.strongest = row.rssi, row.strongest
            self.earlier |= {_STRONGEST}
        self.samples += row.samples
        self._average(row.latitude, row.longitude, row.weight, row.spread * row.spread * row.weight)

    def shift(self, delta: float) -> None:
        """Move the times of this process by `delta` seconds."""
        moved_by = {name: 0.0 if name in self.earlier else delta for name in _TIMES}
        self.first += moved_by[_FIRST]
        self.last += moved_by[_LAST]
        self.strongest = self.strongest.replace(time=self.strongest.time + moved_by[_STRONGEST])

    @property
    def ssid(self) -> bytes:
        """Its SSID, if known."""
        return self._network.ssid

    @property
    def spread(self) -> float:
        """Metres: root of the mean square of the distances from the averaged position, weighted as that is."""
        return math.sqrt(self._scatter / self.weight) if self.weight else 0.0

    def row(self) -> SightingRow:
        """Return its row."""
        return SightingRow(
            bssid=self.address,
            **self._network._asdict(),
            rssi=self.rssi,
            strongest=self.strongest,
            latitude=self.latitude,
            longitude=self.longitude,
            spread=self.spread,
            samples=self.samples,
            weight=self.weight,
            first=self.first,
            last=self.last,
        )

    def _average(self, latitude: float, longitude: float, weight: float, scatter: float) -> None:
        """Put positions with their own average, weight and scatter to these."""
        # One position at a time by West 1979 (DOI 10.1145/359146.359153), many by Chan, Golub and LeVeque 1982
        # (DOI 10.1007/978-3-642-51461-6_3), of which that is the case of one.
        before = self.weight
        self.weight += weight
        if not self.weight:
            return
        share = weight / self.weight
        east, north = offset(self.latitude, self.longitude, latitude, longitude)
        self.latitude, self.longitude = moved(self.latitude, self.longitude, east * share, north * share)
        self._scatter += scatter + before * share * (east * east + north * north)


class Sightings:
    """At most `limit` access points; those silent for longest are evicted. They outlast the survey's."""

    def __init__(self, limit: int) -> None:
        self.entries: dict[bytes, Sighting] = {}
        """By address, in the order of `Sighting.number`: the last changed comes last."""
        self.number = 0
        """The number of the last change; below 1 for sightings of an earlier process without a change since."""
        self._limit = limit

    def take(
        self, position: Position, hold: float, aps: Sequence[AccessPoint], keeps: Callable[[AccessPoint], bool]
    ) -> Iterator[None]:
        """Assign a position to the access points heard since the last call, if the two are at most `hold` seconds
        apart; yields to let other tasks run. `keeps` decides what may be recorded here."""
        for number, ap in enumerate(aps, 1):
            if number % STRIDE == 0:
                yield
            rssi = ap.signal.last
            if rssi is None or not ap.beacons or abs(ap.last - position.time) > hold:
                continue
            known = self.entries.get(ap.address)
            # The clock of an earlier process may have been ahead of the present one.
            told = known is not None and _LAST not in known.earlier and ap.last <= known.last
            if told or not keeps(ap):
                continue
            # The device may have moved since: that much less exact is where it was then.
            there = position.replace(error=position.error_at(ap.last), time=ap.last)
            if known is None:
                known = Sighting.begin(ap, there, rssi)
            else:
                known.take(ap, there, rssi)
                del self.entries[ap.address]
            self.number += 1
            known.number = self.number
            self.entries[ap.address] = known
            self.resize(self._limit)

    def recall(self, rows: Sequence[SightingRow]) -> None:
        """Continue from the facts of an earlier process; `rows` are in the order of their last change."""
        earlier: dict[bytes, Sighting] = {}
        for row in rows:
            known = self.entries.get(row.bssid)
            if known is None:
                earlier[row.bssid] = Sighting(row)
            else:
                known.go_on_from(row)
        for number, sighting in enumerate(earlier.values(), 1 - len(earlier)):
            sighting.number = number
        self.entries = earlier | self.entries
        self.resize(self._limit)

    def after(self, number: int | None, count: int) -> list[Sighting]:
        """Return at most this many sightings changed after that number, in their order; for None from the first one."""
        found: list[Sighting] = []
        for sighting in reversed(self.entries.values()):
            if number is not None and sighting.number <= number:
                break
            found.append(sighting)
        return found[: -count - 1 : -1]

    def forget(self, unwanted: Callable[[Sighting], bool]) -> None:
        """Remove unwanted sightings."""
        for address in [address for address, sighting in self.entries.items() if unwanted(sighting)]:
            del self.entries[address]

    def resize(self, limit: int) -> None:
        """Hold at most `limit` of them."""
        self._limit = limit
        while len(self.entries) > limit:
            del self.entries[next(iter(self.entries))]

    def shift(self, delta: float) -> None:
        """Move the times of this process by `delta` seconds: the system clock was set."""
        for sighting in self.entries.values():
            sighting.shift(delta)


def _network(ap: AccessPoint) -> _Network:
    said = ap.announced
    security = said.security
    return _Network(
        ap.ssid, said.freq, said.channel, band_of(said.freq), security.protection, security.akms, security.ciphers,
        said.wps, said.adhoc,
    )  # fmt: skip
