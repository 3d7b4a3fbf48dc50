"""The positions of each access point: the loudest one, and the average.

It does not work on each frame: at each new position it evaluates the access points heard since the last one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from whimbrel.geo import moved, offset
from whimbrel.rows import SightingRow
from whimbrel.survey.table import Table
from whimbrel.wifi.channels import band_of

if TYPE_CHECKING:
    from whimbrel.geo import Position
    from whimbrel.survey.access_point import AccessPoint

STRIDE = 32
"""The number of access points processed before yielding to other tasks."""
_APART = 5.0
"""Metres that the device must move before a level counts again in the average: without movement there is no new
information."""
_FAINTEST = -110
"""dBm, of which the weight is 1."""


class Sighting:
    """The state of one access point at its last known position."""

    __slots__ = (
        "_at", "_facts", "_scatter", "_weight", "address", "first", "last", "latitude", "longitude", "number", "rssi",
        "samples", "strongest",
    )  # fmt: skip

    def __init__(self, number: int, ap: AccessPoint, position: Position, rssi: int) -> None:
        self.number = number
        """In the order of sighting, from 1."""
        self.address = ap.address
        self.first, self.last = ap.first, 0.0
        self.rssi = rssi
        """dBm of the strongest."""
        self.strongest = position
        self.latitude, self.longitude = position.latitude, position.longitude
        self.samples = 0
        self._at: Position | None = None
        self._weight = self._scatter = 0.0
        self.take(ap, position, rssi)

    def take(self, ap: AccessPoint, position: Position, rssi: int) -> None:
        """Note that it was heard at a position."""
        self.last = ap.last
        self._facts = _facts(ap)
        if rssi > self.rssi:
            self.rssi, self.strongest = rssi, position
        before = self._at
        if before is not None:
            east, north = offset(before.latitude, before.longitude, position.latitude, position.longitude)
            if east * east + north * north < _APART * _APART:
                return
        self._at = position
        self.samples += 1
        # The weighted mean and the scatter around it, one sample at a time (West 1979, DOI 10.1145/359146.359153).
        weight = 10 ** ((max(rssi, _FAINTEST) - _FAINTEST) / 20)
        self._weight += weight
        east, north = offset(self.latitude, self.longitude, position.latitude, position.longitude)
        share = weight / self._weight
        self.latitude, self.longitude = moved(self.latitude, self.longitude, east * share, north * share)
        self._scatter += weight * (1 - share) * (east * east + north * north)

    @property
    def spread(self) -> float:
        """Metres: root of the mean square of the distances from the averaged position, weighted as that is."""
        return math.sqrt(self._scatter / self._weight)

    def row(self) -> SightingRow:
        """Return its row."""
        return SightingRow(
            bssid=self.address,
            **self._facts,
            rssi=self.rssi,
            strongest=self.strongest,
            latitude=self.latitude,
            longitude=self.longitude,
            spread=self.spread,
            samples=self.samples,
            first=self.first,
            last=self.last,
        )


class Sightings:
    """At most `limit` access points; those silent for longest are evicted. They outlast the survey's."""

    def __init__(self, limit: int) -> None:
        self.table: Table[Sighting] = Table(limit)
        self._number = 0

    def take(
        self, position: Position, hold: float, aps: Sequence[AccessPoint], keeps: Callable[[AccessPoint], bool]
    ) -> Iterator[None]:
        """Assign a position to the access points heard since the last call, if the two are at most `hold` seconds
        apart; yields to let other tasks run. `keeps` decides what may be recorded here."""
        entries = self.table.entries
        for number, ap in enumerate(aps, 1):
            if number % STRIDE == 0:
                yield
            rssi = ap.signal.last
            if rssi is None or not ap.beacons or abs(ap.last - position.time) > hold:
                continue
            known = entries.get(ap.address)
            if (known is not None and ap.last <= known.last) or not keeps(ap):
                continue
            # The device may have moved since: that much less exact is where it was then.
            there = position.replace(error=position.error_at(ap.last), time=ap.last)
            if known is None:
                self._number += 1
                self.table.add(Sighting(self._number, ap, there, rssi))
            else:
                known.take(ap, there, rssi)

    def after(self, number: int, count: int) -> list[Sighting]:
        """Return at most so many sightings behind that number, in their order."""
        return sorted((s for s in self.table.entries.values() if s.number > number), key=lambda s: s.number)[:count]

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds: the system clock was set."""
        self.table.shift(delta)
        for sighting in self.table.entries.values():
            sighting.strongest = sighting.strongest.replace(time=sighting.strongest.time + delta)


def _facts(ap: AccessPoint) -> dict[str, Any]:
    """Return its announcement as fields of a `SightingRow`; its beacons and elements are not kept."""
    said = ap.announced
    security = said.security
    return {
        "ssid": ap.ssid,
        "freq": said.freq,
        "channel": said.channel,
        "band": band_of(said.freq),
        "security": security.protection,
        "akms": security.akms,
        "ciphers": security.ciphers,
        "wps": said.wps,
        "adhoc": said.adhoc,
    }
