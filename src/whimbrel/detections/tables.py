"""Bounded memory for detections: windows of time, and tables that evict the least recently used entry."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

from whimbrel.detections.base import Claim, Repeated

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.wifi.frames import Frame

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

EPISODE = 120.0
"""Seconds without a hit after which counting restarts: the alert has ended."""


class Recent(Generic[K, V]):
    """At most `limit` values by key, made by `make` at their first use; the least recently used one is evicted."""

    __slots__ = ("_make", "entries", "evicted", "limit")

    def __init__(self, limit: int, make: Callable[[], V]) -> None:
        self.limit = limit
        self.entries: OrderedDict[K, V] = OrderedDict()
        self.evicted = 0
        self._make = make

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, key: K) -> bool:
        """Return whether there is a value of this key, without using it."""
        return key in self.entries

    def use(self, key: K) -> V:
        """Return the value of `key`, a new one if there is none."""
        entries = self.entries
        value = entries.get(key)
        if value is None:
            if len(entries) >= self.limit:
                entries.popitem(last=False)
                self.evicted += 1
            value = entries[key] = self._make()
        else:
            entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Use `key` with this value from now on."""
        entries = self.entries
        if key in entries:
            entries.move_to_end(key)
        elif len(entries) >= self.limit:
            entries.popitem(last=False)
            self.evicted += 1
        entries[key] = value

    def get(self, key: K) -> V | None:
        """Return the value of `key`, None if there is none; this does not count as a use."""
        return self.entries.get(key)

    def drop(self, key: K) -> None:
        """Forget the value of `key`, if there is one."""
        self.entries.pop(key, None)


class EpisodeTally:
    """A count that restarts after a pause."""

    __slots__ = ("_at", "total")

    def __init__(self) -> None:
        self._at = float("-inf")
        self.total = 0

    def hit(self, now: float, within: float = EPISODE) -> None:
        """Count one more at `now`; it is the first again over `within` seconds, or over an episode, after the last."""
        self.total = self.total + 1 if now - self._at <= min(within, EPISODE) else 1
        self._at = now


class Burst:
    """Detects `count` hits within `window` seconds of listening; keeps at most `KEPT` of their frames.

    The clock is the time spent on the channel (`Air.moment`), so a hopping radio that hears a tenth needs a tenth as
    many. `whimbrel.detections.moment.STRETCH` bounds the real time.
    """

    KEPT = 16

    __slots__ = ("_at", "_counted", "_most", "_window", "frames", "total")

    def __init__(self, count: int, window: float) -> None:
        self._most = max(count, 1)
        self._at: deque[Moment] = deque()
        self._window = window
        self._counted = float("-inf")
        self.frames: deque[Frame] = deque()
        """The newest frames of the window."""
        self.total = 0
        """Hits within the window; once there were enough, or the rule has made a claim, all since then."""

    def hit(self, air: Air, frame: Frame) -> bool:
        """Count `frame`; return whether there are now enough hits."""
        at, frames, window = self._at, self.frames, self._window
        moment = air.moment
        while at and (len(at) >= self._most or not at[0].is_within(window, moment)):
            at.popleft()
        at.append(moment)
        frames.append(frame)
        while len(frames) > min(len(at), self.KEPT):
            frames.popleft()
        now = moment.now
        enough = len(at) >= self._most
        self.total = self.total + 1 if now - self._counted <= EPISODE else len(at)
        if enough:
            self._counted = now
        return enough

    def before(self, frame: Frame) -> list[Frame]:
        """Return the kept frames without `frame`, oldest first: the evidence has that one already."""
        return [kept for kept in self.frames if kept is not frame]

    def count_on(self) -> None:
        """Note a claim that needs fewer hits: from now on all of them count."""
        self._counted = self._at[-1].now

    def paused(self, now: float) -> bool:
        """Return whether the last hit belongs to an earlier episode, or there was none."""
        return not self._at or now - self._at[-1].now > EPISODE

    @property
    def span(self) -> float:
        """Seconds of listening between the first and the last counted hit."""
        return self._at[0].until(self._at[-1]) if self._at else 0.0


class Retold:
    """The last claims of a few keys, repeated for a moment: a flood makes hundreds of claims a second, and writing the
    text of each would be most of their cost."""

    MOMENT = 0.5
    """Seconds."""

    __slots__ = ("_claims", "_limit")

    def __init__(self, limit: int = 8) -> None:
        self._claims: OrderedDict[Hashable, Repeated] = OrderedDict()
        self._limit = limit

    def again(self, key: Hashable, now: float, seen: int) -> Repeated | None:
        """Return the claim with the present count, until the next call; None if a new one must be written."""
        try:
            repeated = self._claims[key]
        except KeyError:
            return None
        if not 0.0 <= now - repeated.at < self.MOMENT:
            return None
        repeated.seen = seen
        return repeated

    def keep(self, key: Hashable, now: float, claim: Claim) -> Claim:
        """Keep a claim of the time `now`, without its frames, and return it."""
        self._claims[key] = Repeated(claim.without_frames(), now)
        self._claims.move_to_end(key)
        if len(self._claims) > self._limit:
            self._claims.popitem(last=False)
        return claim
