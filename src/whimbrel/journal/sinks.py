"""The logger's outputs, which report whether they have room, so that a full one never blocks the loop."""

from __future__ import annotations

import select
from typing import Protocol

from whimbrel.journal.fields import JournalLine


class Sink(Protocol):
    """Accepts lines. Both methods raise OSError if the other side is gone; it may come back."""

    def has_room(self) -> bool:
        """Return whether a line can be written without blocking."""

    def write(self, line: JournalLine) -> None:
        """Write one line."""


def writable(fileno: int) -> bool:
    """Return whether a write of at most `select.PIPE_BUF` octets to `fileno` would not block."""
    poller = select.poll()
    poller.register(fileno, select.POLLOUT)
    return any(mask & (select.POLLOUT | select.POLLERR | select.POLLHUP) for _, mask in poller.poll(0))
