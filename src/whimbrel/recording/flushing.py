"""Brings the frames that wait to the card: those of all recordings together, for little more than the price of one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from whimbrel.events.recording import RecordingRepaired, RecordingsDeleted

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.recording.card import Card
    from whimbrel.recording.counts import Counts
    from whimbrel.recording.folder import Folder
    from whimbrel.recording.promise import Promise
    from whimbrel.recording.recording import Heading, Recording

WAIT = 1 / 3
"""The share of the guaranteed time for which frames wait for others. The rest is for a slow card and a busy
processor."""


class Flusher:
    """Writes and syncs, and compares the time that it took with the guarantee. Used by one thread."""

    def __init__(
        self,
        folder: Folder,
        card: Card,
        promise: Promise,
        told: deque[Body],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._card = card
        self._promise = promise
        self._told = told
        self._clock = clock

    def flush(
        self, recordings: Mapping[Recording, int], heading: Heading, counts: Counts, now: float
    ) -> set[Recording]:
        """Write the waiting frames of all `recordings`; return those of which the card has not taken everything.

        The number of each is the octets at which its file ends, as for `Recording.write`.

        All are written before the first is synced: a file system with a journal then commits them together.
        """
        was_stuck = bool(self._card.problem)
        refused: dict[Recording, OSError] = {}
        for recording, most in recordings.items():
            try:
                self._write(recording, heading, counts, now, most)
            except OSError as error:
                refused[recording] = error
        for recording in recordings:
            try:
                recording.settle()
            except OSError as error:
                refused.setdefault(recording, error)
            self._measure(recording, now, was_stuck=was_stuck)
        if refused:
            self._card.refused(next(iter(refused.values())))
        else:
            self._card.attempt(self.repair if was_stuck else lambda: None)
        return set(refused)

    def repair(self) -> None:
        """Close the files that were left open. Raises OSError."""
        for repaired in self._folder.repair():
            path = self._folder.path / repaired.name.file
            self._told.append(RecordingRepaired(file=str(path), octets=repaired.octets, cut=repaired.cut))

    def _write(self, recording: Recording, heading: Heading, counts: Counts, now: float, most: int) -> None:
        deleted = self._folder.make_room(recording.waiting_octets)
        if deleted:
            self._told.append(RecordingsDeleted(files=tuple(deleted)))
        recording.write(heading, counts, now, most)

    def _measure(self, recording: Recording, begun: float, *, was_stuck: bool) -> None:
        """Compare the frames that have reached the card with the guarantee."""
        now, promised = self._clock(), self._promise.seconds
        why = self._promise.reached(recording.reached, begun, now, refused=was_stuck)
        recording.reached.clear()
        if was_stuck:
            return  # that it was is told, and no sign of a slow card
        if not why and now - begun > promised * (1 - WAIT):  # the rest is for frames that have waited
            why = f"the card is slow: one write took {now - begun:.1f} s"
        if why:
            self._card.was_slow(
                f"{why}: too much for the {promised:g} s of modules.recorder.lose_at_most; use a faster card, record "
                "less, or promise less"
            )
