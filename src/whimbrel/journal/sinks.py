"""What the logger writes to: a place that says whether it has room, so that a full one never holds the loop up."""

from __future__ import annotations

import select
from typing import Protocol

from whimbrel.journal.fields import JournalLine


class Sink(Protocol):
    """Takes lines. Both methods raise OSError where the other side is gone; it may come back."""

    def has_room(self) -> bool:
        """Tell whether a line can be written without waiting."""

    def write(self, line: JournalLine) -> None:
        """Write one line."""


def writable(fileno: int) -> bool:
    """Tell whether a write of at most `select.PIPE_BUF` octets to `fileno` would not wait."""
    poller = select.poll()
    poller.register(fileno, select.POLLOUT)
    return any(mask & (select.POLLOUT | select.POLLERR | select.POLLHUP) for _, mask in poller.poll(0))
