"""What the bus keeps of the recent past for listeners with one interest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from whimbrel.events.base import Event

if TYPE_CHECKING:
    from whimbrel.bus import Subscription


class Ring:
    """The recent events that match one interest, with a running index; what every reader has read goes."""

    __slots__ = ("asleep", "base", "caught_up", "exclude", "items", "keep", "kinds", "readers", "trim_at")

    def __init__(self, kinds: tuple[type, ...], exclude: str | None = None) -> None:
        self.kinds = kinds
        self.exclude = exclude  # the source whose events stay out
        self.items: list[Event] = []
        self.base = 0  # running index of items[0]
        self.readers: list[Subscription] = []
        self.asleep: list[asyncio.Future[None]] = []
        self.caught_up = 0  # readers that have read everything since the last event
        self.keep = 0
        self.trim_at = 0

    @property
    def end(self) -> int:
        """The index that the next event will have."""
        return self.base + len(self.items)

    def copy(self, exclude: str | None) -> Ring:
        """Return a ring without readers that holds the same events under the same indexes."""
        ring = Ring(self.kinds, exclude)
        ring.base = self.base
        ring.items = self.items.copy()
        return ring

    def set_readers(self, readers: list[Subscription]) -> None:
        """Serve exactly these readers, and keep as much as the one with the largest capacity may still read."""
        self.readers = readers
        self.caught_up = 0
        self.keep = max((reader.capacity for reader in readers), default=0)
        # Trimming at twice what must be kept makes its cost per event constant.
        self.trim_at = 2 * self.keep + 64

    def trim(self) -> None:
        """Let go of what no reader may read any more."""
        surplus = len(self.items) - self.keep
        del self.items[:surplus]
        self.base += surplus

    def reached_end(self) -> None:
        """Note that one more reader has read everything; let the events go after the last."""
        self.caught_up += 1
        if self.caught_up == len(self.readers):
            self.base += len(self.items)
            self.items.clear()

    def wake(self) -> None:
        """Wake every reader that waits."""
        asleep, self.asleep = self.asleep, []
        for waiter in asleep:
            if not waiter.done():
                waiter.set_result(None)
