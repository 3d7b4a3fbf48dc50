"""People before frames: while somebody waits for an answer or for the picture after a key, long work gives way.

An answer is a chain of many short steps. Work that takes a turn of 15 ms between each two of them makes the chain ten
times as long on a slow board, though neither breaks a limit.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

LONGEST = 0.15
"""Seconds for which one answer or one key has precedence at most: long answers share the time with the frames."""
SHARE = 0.5
"""Of the time that people may have, so that questions without an end do not end the watch."""


class Precedence:
    """The claims of people on one loop. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends: dict[object, float] = {}  # of each claim
        self._credit = LONGEST
        self._settled = clock()  # until when the credit is counted
        self._waiting: list[asyncio.Future[None]] = []

    @contextlib.contextmanager
    def claim(self) -> Iterator[None]:
        """Have precedence within the block, for `LONGEST` at most."""
        key = object()
        self._add(key, LONGEST)
        try:
            yield
        finally:
            self.release(key)

    def expect(self, key: object, seconds: float) -> None:
        """Have precedence for so many seconds, or until `release`; for what another module completes."""
        self._add(key, min(seconds, LONGEST))

    def release(self, key: object) -> None:
        """End a claim. Idempotent."""
        if key in self._ends:
            self._count()
            self._ends.pop(key, None)  # it may have been over
            if not self._ends:
                self._wake()

    def left(self) -> float:
        """Return the seconds for which long work should still wait; 0 if there is nobody to wait for."""
        if not self._ends:
            return 0.0
        now = self._count()
        return max(min(max(self._ends.values(), default=now) - now, self._credit), 0.0)

    async def wait(self) -> None:
        """Return once nobody has precedence."""
        loop = asyncio.get_running_loop()
        while (left := self.left()) > 0.0:
            waiter = loop.create_future()
            self._waiting.append(waiter)
            timer = loop.call_later(left, _resolve, waiter)
            try:
                await waiter
            finally:
                timer.cancel()
                if waiter in self._waiting:
                    self._waiting.remove(waiter)

    def _add(self, key: object, seconds: float) -> None:
        self._ends[key] = self._count() + seconds

    def _count(self) -> float:
        """Take the time that claims have had from the credit, give it its share of the rest; return the time."""
        now = self._clock()
        had = min(max(self._ends.values(), default=self._settled), now) - self._settled
        had = max(had, 0.0)
        rest = now - self._settled - had
        self._credit = min(max(self._credit - had, 0.0) + rest * SHARE / (1 - SHARE), LONGEST)
        self._settled = now
        for key in [key for key, end in self._ends.items() if end <= now]:
            del self._ends[key]
        return now

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            _resolve(waiter)


_OF_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, Precedence] = WeakKeyDictionary()


def people() -> Precedence:
    """Return the precedence of the running loop."""
    loop = asyncio.get_running_loop()
    found = _OF_LOOPS.get(loop)
    if found is None:
        found = _OF_LOOPS[loop] = Precedence(loop.time)
    return found


def _resolve(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
