"""Publishing from other threads: GPIO callbacks, device writers, workers of libraries."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import TYPE_CHECKING

from whimbrel.events.system import EventsLost

if TYPE_CHECKING:
    from whimbrel.bus import Sender

DEFAULT_CAPACITY = 256


class ThreadDoor:
    """Accepts bodies from any thread and publishes them on the loop, in the order in which they were posted.

    It holds at most `capacity` bodies. A body posted beyond that is dropped, so that a runaway thread cannot fill the
    memory; an `EventsLost` after the accepted bodies reports the number. Many posts between two iterations of the loop
    wake it once.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, sender: Sender, *, capacity: int = DEFAULT_CAPACITY) -> None:
        self.capacity = capacity
        self.dropped = 0
        self._loop = loop
        self._sender = sender
        self._waiting: deque[object] = deque()
        self._told = 0
        self._lock = threading.Lock()

    def post(self, body: object) -> bool:
        """Pass `body` to the loop; return whether it was accepted. Never blocks for longer than a list append."""
        with self._lock:
            if len(self._waiting) >= self.capacity or self._loop.is_closed():
                self.dropped += 1
                return False
            self._waiting.append(body)
            if len(self._waiting) > 1:
                return True
        try:
            self._loop.call_soon_threadsafe(self._open)
        except RuntimeError:  # the loop was closed after the check
            with self._lock:
                self.dropped += len(self._waiting)  # also those that other threads posted meanwhile
                self._waiting.clear()
            return False
        return True

    def _open(self) -> None:
        with self._lock:
            bodies = list(self._waiting)
            self._waiting.clear()
            lost = self.dropped - self._told
            self._told = self.dropped
        refused: Exception | None = None
        for body in bodies:
            try:
                self._sender.publish(body)
            except Exception as error:  # noqa: BLE001  # one that is no event must not cost those behind it
                refused = error
        if lost:
            self._sender.publish(EventsLost(reader=self._sender.name, lost=lost))
        if refused is not None:
            raise ValueError(f"{self._sender.name} posted what is no event: {refused}") from refused
