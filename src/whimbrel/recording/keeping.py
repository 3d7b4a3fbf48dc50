"""Protects recordings from automatic deletion on request, and answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from whimbrel.events.recording import KeepRecording, RecordingKept
from whimbrel.events.system import CommandRefused
from whimbrel.recording.card import words
from whimbrel.recording.outcome import CardAnswer, KeepOutcome

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.recording.folder import Folder
    from whimbrel.recording.inbox import Keep
    from whimbrel.recording.recording import Recording


class Keeper:
    """Used by one thread, but `refuse` by any."""

    def __init__(self, folder: Folder, told: deque[Body]) -> None:
        self.newest: Recording | None = None
        """The separate recording that a request without a name is about."""
        self.awaited: list[tuple[Recording, KeepOutcome]] = []
        """Recordings to be written at once."""
        self._folder = folder
        self._told = told

    def keep(self, job: Keep, going: Sequence[Recording]) -> None:
        """Protect what a job asks for: one of the recordings in progress, or a file."""
        found = (each for each in going if each.is_called(job.stem) or (not job.stem and each is self.newest))
        try:
            if recording := next(found, None):
                is_new = not recording.kept
                recording.keep()
                if is_new or job.answers:
                    self._told.append(RecordingKept(recording=recording.title, answers=job.answers))
                if job.outcome is not None:
                    self.awaited.append((recording, job.outcome))
                return
            stem = job.stem or (self.newest.title if self.newest is not None else "")
            is_there = self._folder.keep(stem)
        except OSError as error:
            self.refuse(words(error), job.answers, job.outcome)
            return
        if not is_there:
            self.refuse(
                f"no recording is called {stem}; `whimbrel record list` has their names", job.answers, job.outcome
            )
            return
        self._told.append(RecordingKept(recording=stem, answers=job.answers))
        if job.outcome is not None:
            job.outcome.tell(CardAnswer(stem))

    def refuse(self, text: str, answers: int, outcome: KeepOutcome | None) -> None:
        """Answer that a recording is not protected."""
        self._told.append(CommandRefused(command=KeepRecording.kind, text=text, answers=answers))
        if outcome is not None:
            outcome.tell(CardAnswer(refusal=text))

    def answer(self, problem: str) -> None:
        """Answer those that await frames on the card, after an attempt to write these."""
        for recording, outcome in self.awaited:
            outcome.tell(CardAnswer(recording.title, waits="" if recording.waiting_since is None else problem))
        self.awaited.clear()
