"""Exact counts against a bound, in tables that a flood of addresses does not empty."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

from whimbrel.detections.moment import STRETCH, Moment
from whimbrel.detections.tables import EPISODE, Recent
from whimbrel.wifi.kinds import RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.base import Repeated
    from whimbrel.events.air import Disconnected
    from whimbrel.survey.station import Sealed, Station
    from whimbrel.wifi.frames import Frame

K = TypeVar("K", bound=Hashable)

_AGAIN = 0.1
"""The most seconds from a frame's first transmission to its last: a radio gives up long before. After that a frame
counts again, whatever its retry bit and its sequence number."""

Sent = tuple[bytes | None, int | None, int]
"""Transmitter, sequence number and fragment of a frame."""


class Pace:
    """The moments of the last `most` hits. Unlike `whimbrel.detections.tables.Burst` it serves several bounds, and
    keeps no frames."""

    __slots__ = ("at", "hits", "sent")

    def __init__(self, most: int) -> None:
        self.at: deque[Moment] = deque(maxlen=most)
        self.sent: Sent | None = None
        """The last frame that was a hit."""
        self.hits = 0
        """Hits of this episode; retransmissions within a tenth of a second do not count again."""

    def begin(self, moment: Moment, sent: Sent) -> None:
        """Count a first frame heard earlier."""
        self.hits = 1
        self.at.append(moment)
        self.sent = sent

    def hear(self, frame: Frame, moment: Moment) -> bool:
        """Count `frame`, heard at `moment`; return whether it was a hit and no retransmission."""
        at, sent = self.at, (frame.ta, frame.seq, frame.fragment)
        if at:
            passed = moment.now - at[-1].now
            if frame.flags & RETRY and sent == self.sent and 0.0 <= passed < _AGAIN:
                return False
            if passed > EPISODE:
                self.hits = 0
        self.sent = sent
        self.hits += 1
        at.append(moment)
        return True

    def within(self, moment: Moment, count: int, window: float) -> bool:
        """Return whether the last `count` hits lie within `window` seconds of listening until `moment`."""
        at = self.at
        if len(at) < count:
            return False
        first = at[-count]
        return moment.now - first.now <= window or first.is_within(window, moment)

    def until(self, count: int, window: float) -> float:
        """Return the time (`Moment.now`) before which one more hit makes `count` within `window`, as there are now;
        `count` is at least 2."""
        return self.at[1 - count].now + window


class EqualRow:
    """A row of equal disconnections, of which a flood consists: as long as the verdict of the last one certainly holds,
    the next one is only counted."""

    __slots__ = ("_from", "_pace", "_said", "_state", "_until", "verdict")

    def __init__(self) -> None:
        self._said: Disconnected | None = None
        self._state: object = None
        self._from = self._until = 0.0
        self._pace: Pace
        self.verdict: Repeated | None = None
        """The verdict of each of them; with the present count, if it is a claim."""

    def begin(
        self, said: Disconnected, pace: Pace, verdict: Repeated | None, now: float, until: float, state: object = None
    ) -> None:
        """Note that `verdict` holds from `now` until a time of `Moment.now`, unless `state` changes; `pace` counts."""
        self._said, self._pace, self._state, self.verdict = said, pace, state, verdict
        self._from, self._until = now, until

    def end(self) -> None:
        """Have no frame belong to the row any more."""
        self._said = None

    def goes_on(self, frame: Frame, said: Disconnected, moment: Moment, state: object = None) -> bool:
        """Return whether `frame` belongs to the row and is no retransmission, and if so, count it."""
        if said is not self._said or state is not self._state or frame.flags & RETRY:
            return False
        if not self._from <= moment.now < self._until:
            return False
        pace, verdict = self._pace, self.verdict
        pace.sent = (frame.ta, frame.seq, frame.fragment)
        pace.at.append(moment)
        pace.hits = hits = pace.hits + 1
        if verdict is not None:
            verdict.seen = hits
        return True


V = TypeVar("V", bound=Pace)


class Sieve(Generic[K, V]):
    """Values for keys that were hit at least twice. Of the others, which a flood makes up, it keeps only the moment of
    the first frame."""

    __slots__ = ("_forget", "once", "watched")

    def __init__(self, make: Callable[[], V], *, watched: int = 32, once: int = 256, forget: float = 60.0) -> None:
        self.watched: Recent[K, V] = Recent(watched, make)
        self.once: Recent[K, tuple[Moment, Sent] | None] = Recent(once, lambda: None)
        self._forget = forget * STRETCH

    def use(self, key: K, frame: Frame, moment: Moment) -> V | None:
        """Return the value of `key` to count `frame` with, heard at `moment`; None if it is the first frame of the
        key."""
        watched = self.watched.entries
        value = watched.get(key)
        if value is not None:
            watched.move_to_end(key)
            return value
        first = self.once.entries.get(key)
        now = moment.now
        if first is None or now - first[0].now > self._forget:
            self.once.put(key, (moment, (frame.ta, frame.seq, frame.fragment)))
            return None
        self.once.drop(key)
        value = self.watched.use(key)
        value.begin(*first)
        return value


class _Begun:
    """A station's beginning: the moment, and what was heard of it by then."""

    __slots__ = ("frames", "keyed", "moment", "sealed", "served")

    def __init__(self, moment: Moment, station: Station | None) -> None:
        self.moment = moment
        self.frames = self.served = 0
        self.keyed = 0.0
        self.sealed: Sealed | None = None
        if station is not None:
            self.frames, self.served = station.frames, station.served
            self.keyed, self.sealed = station.keyed, station.sealed_down

    def goes_on(self, station: Station, *, protected: bool) -> bool:
        """Return whether `station` has gone on; where its network is `protected`, not by frames that anybody can send
        in its name: its access point must send message 3 or encrypted data."""
        if not protected:
            return 0 < self.frames < station.frames
        sealed, keyed = station.sealed_down, station.keyed
        return (
            station.served > self.served
            or (keyed != 0 and keyed != self.keyed)
            or (sealed is not None and sealed is not self.sealed)
        )


class Crowd:
    """Stations that began something and have not gone on since: the newest `most` of them, within `window` seconds of
    listening.

    A real station continues within milliseconds; a made-up one cannot, where the network is protected.
    """

    __slots__ = ("_begun", "_most", "_window", "seen")

    def __init__(self, most: int, window: float) -> None:
        self._begun: dict[bytes, _Begun] = {}
        self._most = most
        self._window = window
        self.seen = 0
        """Stations of this episode; one that was forgotten in between counts again."""

    def __len__(self) -> int:
        return len(self._begun)

    def begins(self, air: Air, address: bytes) -> None:
        """Note the beginning, or another attempt, of a station."""
        begun = self._begun
        if begun and air.now - next(reversed(begun.values())).moment.now > EPISODE:
            self.seen = 0
        if begun.pop(address, None) is None:
            self.seen += 1
        begun[address] = _Begun(air.moment, air.station(address))
        if len(begun) > self._most:
            del begun[next(iter(begun))]

    def goes_on(self, address: bytes) -> None:
        """Note that a station goes on."""
        self._begun.pop(address, None)

    def full(self, air: Air, *, protected: bool) -> bool:
        """Return whether `most` stations within the window began and did not continue."""
        begun = self._begun
        if len(begun) < self._most:
            return False
        within, window, moment, stations = Moment.is_within, self._window, air.moment, air.stations
        over = []
        for address, began in begun.items():
            if not within(began.moment, window, moment) or (
                address in stations and began.goes_on(stations[address], protected=protected)
            ):
                over.append(address)
        for address in over:
            del begun[address]
        return len(begun) >= self._most
