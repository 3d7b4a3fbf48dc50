"""The state of the card: success and speed of writes, octets written, losses."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.recording.folder import NoRoom

if TYPE_CHECKING:
    from whimbrel.recording.folder import Folder

_RETRY = 2.0
"""Seconds between two attempts to write to a card that refuses."""
_LOOK = 5.0
"""Seconds between two checks of the folder and the free space."""
_REMEMBER = 30.0
"""Seconds for which a slow card is reported."""
_HOUR, _SLICE = 3600.0, 60.0
_STUCK = {
    errno.ENOSPC: "the card is full: delete something, or lower modules.recorder.folder_size or .least_free",
    errno.EDQUOT: "the quota is used up: delete something, or lower modules.recorder.folder_size",
    errno.EROFS: "the card can only be read: it may be worn out, or its file system damaged; see dmesg",
    errno.EIO: "the card fails: it may be worn out, or loose; see dmesg",
    errno.EACCES: "no permission: name another modules.recorder.folder, or give this one to the service's user",
}


class Seen(NamedTuple):
    """The folder at the last check."""

    recordings: int = 0
    used: int = 0
    """Octets of all of them."""
    free: int = 0
    """Octets that are free where they are."""


class Card:
    """Attempts operations on the card, and remembers their results. Used by one thread."""

    def __init__(self, folder: Folder, clock: Callable[[], float]) -> None:
        self.problem = ""
        """Why it takes nothing, with advice; empty if it does."""
        self.retry_at = 0.0
        """Monotonic seconds before which a card that refuses is left in peace."""
        self.seen = Seen()
        self._folder = folder
        self._clock = clock
        self._slow = ""
        self._slow_until = 0.0
        self._look_at = 0.0
        self._hour: deque[tuple[float, int]] = deque()  # octets written, in slices of time

    def attempt(self, action: Callable[[], None]) -> bool:
        """Execute an action on the card; note its problem, or that it is over."""
        try:
            action()
        except OSError as error:
            self.refused(error)
            return False
        self.problem = ""
        return True

    def refused(self, error: OSError) -> None:
        """Note its problem, and leave it in peace for a while."""
        self.problem = f"nothing can be recorded in {self._folder.path}: {words(error)}"
        self.retry_at = self._clock() + _RETRY

    def rests(self) -> bool:
        """Return whether it has refused a moment ago."""
        return bool(self.problem) and self._clock() < self.retry_at

    def was_slow(self, text: str) -> None:
        """Report it as slow for a while."""
        self._slow, self._slow_until = text, self._clock() + _REMEMBER

    def trouble(self) -> str:
        """Return its problem, with advice; empty if there is none."""
        return self.problem or (self._slow if self._clock() < self._slow_until else "")

    def look(self) -> None:
        """Check the folder, now and then."""
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK
        try:
            recordings = self._folder.recordings()
            self.seen = Seen(len(recordings), sum(r.octets for r in recordings), self._folder.free())
        except OSError as error:
            self.problem = self.problem or f"{self._folder.path} cannot be read: {words(error)}"

    def last_hour(self, written: int) -> int:
        """Return how much of the octets written so far was written within the last hour, to a minute."""
        now, hour = self._clock(), self._hour
        if not hour or now - hour[-1][0] >= _SLICE:
            hour.append((now, written))
        while len(hour) > 1 and now - hour[1][0] >= _HOUR:
            hour.popleft()
        return written - hour[0][1]


def words(error: OSError) -> str:
    """Return the meaning of an error for the user, with advice if there is some."""
    code = 0 if isinstance(error, NoRoom) else error.errno or 0  # that has its own advice
    return _STUCK.get(code) or error.strerror or str(error)
