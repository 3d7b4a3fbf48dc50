"""Recordings of one kind: the one that takes frames, and those that have ended and wait for the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.recording.counts import Counts
    from whimbrel.recording.recording import Recording


class Strand:
    """At most one of its recordings takes frames. Used by one thread, but `recordings` by any."""

    def __init__(self, most: int) -> None:
        """`most`: octets of memory that its frames may take while the card refuses them."""
        self.current: Recording | None = None
        self.ended: list[Recording] = []
        """The oldest first."""
        self.counts: Counts | None = None
        """The totals of the radio when the last one ended; None if what comes next does not follow on it."""
        self._most = most
        self._missing = 0  # frames that are missing before the first one of the next recording

    @property
    def recordings(self) -> list[Recording]:
        """All of them, the oldest first."""
        current = self.current
        return [*self.ended, *([] if current is None else [current])]

    def begin(self, recording: Recording) -> None:
        """Let a recording take frames from now on; the one before is to be ended."""
        recording.lose(self._missing)
        self._missing = 0
        self.current = recording

    def end(self, counts: Counts) -> None:
        """End the current recording, if there is one: it keeps what waits until the card takes it."""
        if self.current is not None:
            self.current.end(counts)
            self.ended.append(self.current)
            self.current = None
            self.counts = counts

    def part(self) -> None:
        """Note that the next recording does not follow on the last one."""
        self.counts = None
        self._missing = 0

    def lose(self, frames: int) -> None:
        """Note that frames are missing before the next ones."""
        if self.current is not None:
            self.current.lose(frames)
        else:
            self._missing += frames

    def shed(self) -> int:
        """Drop frames until the rest takes no more memory than it may: the oldest first, those of kept recordings last;
        return their number."""
        over = sum(recording.waiting_octets for recording in self.recordings) - self._most
        lost = 0
        for recording in sorted(self.recordings, key=lambda recording: recording.kept):
            if over <= 0:
                break
            before = recording.waiting_octets
            lost += recording.shed(max(before - over, 0))
            over -= before - recording.waiting_octets
        return lost
