"""What the loop has for the thread that writes recordings, in its order and within bounds of memory: while a card holds
the thread up, frames are lost and counted."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from whimbrel.recording.selection import Mode, is_interesting

if TYPE_CHECKING:
    from whimbrel.recording.outcome import KeepOutcome
    from whimbrel.recording.ring import Held
    from whimbrel.wifi.frames import Frame

HURRY = 1 << 20
"""With this many waiting octets the thread works early."""
SLOW = "the card is too slow"
_NOTED = 1024
"""Limit of waiting frames of evidence."""
_ORDERS = 64
"""Limit of waiting requests to keep a recording."""


class Wanted(NamedTuple):
    """What the loop wants recorded."""

    mode: Mode
    file: int = 0
    """Number of the continuous file: another one begins another file."""
    frozen: int = 0
    """Number of the separate file; 0: there is none."""


class Frames(NamedTuple):
    """Frames to record."""

    wish: Wanted
    batches: Sequence[Sequence[Frame]]
    octets: int
    """Of memory."""
    heard: float
    """Monotonic time at which the oldest one was heard."""


class LostFrames(NamedTuple):
    """Frames that cannot be recorded."""

    wish: Wanted
    frames: int
    interesting: int
    """How many of them are interesting, if these are wanted."""
    reason: str


class Freeze(NamedTuple):
    """Begin the separate file with the recent frames."""

    wish: Wanted
    stem: str
    why: str
    recent: Sequence[Held]
    kept: bool
    answers: int


class Note(NamedTuple):
    """Comment frames of evidence."""

    wish: Wanted
    frames: Sequence[Frame]
    comments: Sequence[str]


class Keep(NamedTuple):
    """Protect a recording."""

    wish: Wanted
    stem: str
    answers: int
    outcome: KeepOutcome | None


Job: TypeAlias = Frames | LostFrames | Freeze | Note | Keep


class Inbox:
    """Jobs, which one thread puts, and another one takes. Every method that may refuse returns whether it has not."""

    def __init__(self, mode: Mode, most: int) -> None:
        """`most`: octets of memory that frames may take, beside those of one freeze."""
        self.wish = Wanted(mode)
        """What is wanted by now."""
        self.octets = 0
        """Of memory that the waiting frames take."""
        self.heard: deque[float] = deque()
        """When the frames of each job were heard that is not done, the oldest first."""
        self._most = most
        self._jobs: deque[Job] = deque()
        self._taken = self.wish
        self._ending = False
        self._freezes = 0  # since the start
        self._freezing = False  # whether a freeze waits
        self._noted = self._orders = 0
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """Return how many jobs wait."""
        return len(self._jobs)

    # For the loop

    def frames(self, batches: Sequence[Sequence[Frame]], octets: int, heard: float, *, hurry: bool) -> bool:
        """Put frames, which are lost if too many wait; with `hurry` the thread wakes."""
        with self._changed:
            if self.octets and self.octets + octets > self._most:
                interesting = 0
                if self.wish.mode is Mode.INTERESTING:
                    interesting = sum(map(is_interesting, itertools.chain.from_iterable(batches)))
                self._lose(sum(map(len, batches)), interesting, SLOW)
                return False
            self.octets += octets
            self.heard.append(heard)
            self._jobs.append(Frames(self.wish, batches, octets, heard))
            if hurry or self.octets >= HURRY:
                self._changed.notify()
            return True

    def lose(self, frames: int, reason: str) -> None:
        """Put frames that were lost before they came here."""
        with self._changed:
            self._lose(frames, frames, reason)

    def freeze(self, stem: str, why: str, recent: Sequence[Held], *, kept: bool, answers: int) -> bool:
        """Put what begins a separate file, whose number is in the wish then; one at a time, for its memory."""
        with self._changed:
            if self._freezing:
                return False
            self._freezing = True
            self._freezes += 1
            self.wish = self.wish._replace(frozen=self._freezes)
            self._put(Freeze(self.wish, stem, why, recent, kept, answers))
            return True

    def note(self, frames: Sequence[Frame], comments: Sequence[str]) -> bool:
        """Put comments on frames of evidence, which may be recorded for that alone."""
        with self._changed:
            if self._noted + len(frames) > _NOTED:
                if self.wish.mode is Mode.INTERESTING:
                    self._lose(0, sum(not is_interesting(frame) for frame in frames), SLOW)
                return False
            self._noted += len(frames)
            self._put(Note(self.wish, frames, comments))
            return True

    def keep(self, stem: str, answers: int, outcome: KeepOutcome | None) -> bool:
        """Put the name of a recording to protect."""
        with self._changed:
            if self._orders >= _ORDERS:
                return False
            self._orders += 1
            self._put(Keep(self.wish, stem, answers, outcome))
            return True

    def want(self, wish: Wanted) -> None:
        """Replace the wish."""
        with self._changed:
            self.wish = wish
            self._changed.notify()

    def close(self) -> None:
        """Have the thread end."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    # For the thread

    def wait(self, seconds: float) -> None:
        """Wait for jobs, another wish or the end."""
        with self._changed:
            if not self._jobs and not self._ending and self.wish == self._taken:
                self._changed.wait(seconds)

    def take(self) -> tuple[Sequence[Job], Wanted, bool]:
        """Return the waiting jobs, the wish behind them, and whether they are to be the last."""
        with self._changed:
            jobs, self._jobs = self._jobs, deque()
            self._freezing = False
            self._noted = self._orders = 0
            self._taken = self.wish
            return jobs, self.wish, self._ending

    def done(self, job: Frames) -> None:
        """Note that the frames of a job wait here no more."""
        with self._changed:
            self.octets -= job.octets
            self.heard.popleft()

    def _put(self, job: Job) -> None:
        self._jobs.append(job)
        self._changed.notify()

    def _lose(self, frames: int, interesting: int, reason: str) -> None:
        last = self._jobs[-1] if self._jobs else None
        if isinstance(last, LostFrames):  # so that losses without an end take no memory
            self._jobs[-1] = last._replace(
                frames=last.frames + frames, interesting=last.interesting + interesting, reason=reason
            )
        else:
            self._jobs.append(LostFrames(self.wish, frames, interesting, reason))
