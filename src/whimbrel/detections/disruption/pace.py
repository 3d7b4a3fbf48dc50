"""How often something happens: exact counts against a bound, in tables that a flood of addresses does not empty."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

from whimbrel.detections.moment import STRETCH
from whimbrel.detections.tables import EPISODE, Recent
from whimbrel.wifi.kinds import RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.wifi.frames import Frame

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound="Pace")

_AGAIN = 0.1
"""Seconds from the first of several transmissions to the last: a radio gives up long before. Beyond that, a frame
counts again, whatever its retry bit and its sequence number say."""

Sent = tuple[bytes | None, int | None, int, float]
"""Transmitter, sequence number and fragment of a frame, and `Air.now` of its first transmission."""


class Pace:
    """The moments of the last `most` hits. Unlike `whimbrel.detections.tables.Burst` it answers for several bounds,
    and keeps no frames."""

    __slots__ = ("_at", "_sent", "hits")

    def __init__(self, most: int) -> None:
        self._at: deque[Moment] = deque(maxlen=most)
        self._sent: Sent | None = None
        self.hits = 0
        """Hits of this episode: frames that were sent again within a tenth of a second are one."""

    def begin(self, moment: Moment, sent: Sent) -> None:
        """Count a first frame that was heard earlier."""
        self.hits = 1
        self._at.append(moment)
        self._sent = sent

    def hear(self, frame: Frame, moment: Moment) -> bool:
        """Count `frame`, which is heard at `moment`; return whether it was a hit, and not the same frame sent again."""
        now = moment[2]
        at = self._at
        if at and now - at[-1][2] > EPISODE:
            self.hits = 0
        if frame.flags & RETRY:
            sent = self._sent
            if sent is not None and sent[:3] == (frame.ta, frame.seq, frame.fragment) and 0 <= now - sent[3] < _AGAIN:
                return False
        self._sent = (frame.ta, frame.seq, frame.fragment, now)
        self.hits += 1
        at.append(moment)
        return True

    def within(self, moment: Moment, count: int, window: float) -> bool:
        """Return whether the last `count` hits lie within `window` seconds of listening until `moment`."""
        return len(self._at) >= count and self._at[-count].is_within(window, moment)


class Sieve(Generic[K, V]):
    """Values for keys that were hit at least twice; of the others, which a flood makes up, only the first frame's
    moment."""

    __slots__ = ("_forget", "once", "watched")

    def __init__(self, make: Callable[[], V], *, watched: int = 32, once: int = 256, forget: float = 60.0) -> None:
        self.watched: Recent[K, V] = Recent(watched, make)
        self.once: Recent[K, list[tuple[Moment, Sent]]] = Recent(once, list)
        self._forget = forget * STRETCH

    def use(self, key: K, frame: Frame, moment: Moment) -> V | None:
        """Return the value of `key`, for `frame` to be counted, which is heard at `moment`; None where this is its
        first."""
        watched = self.watched.entries
        value = watched.get(key)
        if value is not None:
            watched.move_to_end(key)
            return value
        first = self.once.get(key)
        now = moment.now
        if not first or now - first[0][0].now > self._forget:
            self.once.use(key)[:] = [(moment, (frame.ta, frame.seq, frame.fragment, now))]
            return None
        self.once.drop(key)
        value = self.watched.use(key)
        value.begin(*first[0])
        return value


class Crowd:
    """Stations that began something and sent nothing more since: at most `most` of them, the newest, of `window`
    seconds of listening.

    Whoever is real goes on, within milliseconds; who is made up cannot.
    """

    __slots__ = ("_begun", "_most", "_window", "seen")

    def __init__(self, most: int, window: float) -> None:
        self._begun: dict[bytes, tuple[Moment, int]] = {}
        self._most = most
        self._window = window
        self.seen = 0
        """Stations of this episode, counted again where they were forgotten in between."""

    def __len__(self) -> int:
        return len(self._begun)

    def begins(self, air: Air, address: bytes) -> None:
        """Note that a station begins, or tries again."""
        begun = self._begun
        if begun and air.now - next(reversed(begun.values()))[0].now > EPISODE:
            self.seen = 0
        if begun.pop(address, None) is None:
            self.seen += 1
        station = air.station(address)
        begun[address] = (air.moment, 0 if station is None else station.frames)
        if len(begun) > self._most:
            del begun[next(iter(begun))]

    def goes_on(self, address: bytes) -> None:
        """Note that a station goes on."""
        self._begun.pop(address, None)

    def full(self, air: Air) -> bool:
        """Return whether all places are taken, by stations of the window that did not go on."""
        begun = self._begun
        if len(begun) < self._most:
            return False
        moment = air.moment
        for address, (began, sent) in list(begun.items()):
            station = air.station(address)
            if not began.is_within(self._window, moment) or (station is not None and station.frames > sent > 0):
                del begun[address]
        return len(begun) >= self._most
