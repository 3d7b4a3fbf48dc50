"""The logger of the second process: it writes local events. The daemon's events are in the daemon's journal."""

from __future__ import annotations

from collections.abc import Callable

from whimbrel.events.base import Event
from whimbrel.modules.logger import Logger


def local_logger(is_local: Callable[[str], bool]) -> type[Logger]:
    """Return a logger without events from other sources."""

    class LocalLogger(Logger):
        """Writes the events of this process."""

        def concerns(self, event: Event) -> bool:
            """Return whether the event was published in this process."""
            return is_local(event.source)

    return LocalLogger
