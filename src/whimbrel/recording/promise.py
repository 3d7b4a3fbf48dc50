"""The guarantee that frames are on the card a certain time after they were heard: the count and size of violations."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from whimbrel.events.recording import RecordedLate

_REPORT = 10.0
"""Seconds between two reports."""
_WRITES = 8
"""The last writes, which late frames may have waited for."""


class Promise:
    """Measures its violations. All times are monotonic."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.late = 0
        """The number of frames since the start that reached the card too late."""
        self.worst = 0.0
        """Seconds until the latest of them was there."""
        self._told = 0
        self._worst_told = 0.0  # since the last report
        self._longest = 0.0  # seconds of the longest write that late frames waited for, since then
        self._by_card = False  # whether they waited for writes more than for anything else
        self._writes: deque[tuple[float, float]] = deque(maxlen=_WRITES)  # when the last ones began and ended
        self._refused = False  # whether the card has refused frames since then
        self._report_at = 0.0

    def overdue(self, waiting: Collection[float], now: float) -> str:
        """Return what is to be told where frames wait for longer than was promised, heard at these times; empty if none
        do."""
        if not waiting or now - min(waiting) <= self.seconds:
            return ""
        return (
            f"frames are not on the card after the {self.seconds:g} s of modules.recorder.lose_at_most: the card is "
            "too slow, or the processor too busy"
        )

    def reached(self, heard: Mapping[float, int], begun: float, now: float, *, refused: bool = False) -> str:
        """Note that a write from `begun` to `now` has brought frames to the card; `heard`: their numbers by times of
        hearing; `refused`: the card has refused the ones before.

        Return the reason if some were late, otherwise an empty text.
        """
        if self._writes and self._writes[-1][0] == begun:
            self._writes.pop()  # of another recording, in the same write
        self._writes.append((begun, now))
        late = {since: frames for since, frames in heard.items() if now - since > self.seconds}
        if not late:
            return ""
        took = now - min(late)
        self.late += sum(late.values())
        self.worst = max(self.worst, took)
        self._worst_told = max(self._worst_told, took)
        waited_for = [(start, end) for start, end in self._writes if end > now - took]
        self._longest = max(self._longest, *(end - start for start, end in waited_for))
        waited = sum(end - max(start, now - took) for start, end in waited_for)
        self._by_card = self._by_card or waited > took / 2
        self._refused = self._refused or refused
        return self._reason()

    def report(self, now: float, *, ending: bool = False) -> RecordedLate | None:
        """Return the event about late frames, now and then."""
        if self.late == self._told or (now < self._report_at and not ending):
            return None
        self._report_at = now + _REPORT
        told = RecordedLate(
            frames=self.late - self._told, seconds=self._worst_told, promised=self.seconds, reason=self._reason()
        )
        self._told, self._worst_told, self._longest = self.late, 0.0, 0.0
        self._by_card = self._refused = False
        return told

    def _reason(self) -> str:
        if self._refused:
            return "the card took nothing for a while"
        if self._by_card:
            return f"the card is slow: one write took {self._longest:.1f} s"
        return "the processor is too busy"
