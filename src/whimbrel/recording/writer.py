"""The thread that writes recordings, so a slow card delays nothing else: the loop gives it jobs and reads its state."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.recording import (
    FramesNotKept,
    KeepRecording,
    RecordingBegun,
    RecordingEnded,
    RecordingKept,
)
from whimbrel.events.system import CommandRefused
from whimbrel.recording import naming
from whimbrel.recording.card import Card, words
from whimbrel.recording.flushing import WAIT, Flusher
from whimbrel.recording.outcome import CardAnswer, KeepOutcome
from whimbrel.recording.promise import Promise
from whimbrel.recording.recording import Counts, Form, Heading, Recording
from whimbrel.recording.selection import Mode, is_interesting
from whimbrel.recording.track import TimedPositions

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.recording.folder import Folder
    from whimbrel.recording.packing import Heard
    from whimbrel.wifi.frames import Frame

_LOOK = 5.0
"""The most seconds between two checks for work."""
_REPORT = 10.0
"""Seconds between two reports of lost frames."""
_HURRY = 1 << 20
"""With this many waiting octets the thread writes early."""
_EVIDENCE = 1024
"""Limit of remembered frames of evidence; none is recorded twice."""


class Plan(NamedTuple):
    """The limits for the thread."""

    mode: Mode
    form: Form
    lose_at_most: float
    """Seconds after which a frame is on the card."""
    file_octets: int
    file_seconds: float
    waiting_octets: int
    """Octets of memory that frames may take which wait for the card."""


class Standing(NamedTuple):
    """The state of the thread at its last iteration."""

    mode: Mode
    recording: tuple[str, ...] = ()
    octets: int = 0
    frames: int = 0
    recordings: int = 0
    used: int = 0
    free: int = 0
    written: int = 0
    last_hour: int = 0
    lost: int = 0
    late: int = 0
    latest: float = 0.0
    problem: str = ""


class Writer(threading.Thread):
    """Writes recordings. All public methods are for the loop; none blocks."""

    def __init__(self, folder: Folder, plan: Plan, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(name="recorder", daemon=True)
        self.standing = Standing(plan.mode)
        """Replaced as a whole by the thread."""
        self.heading = Heading("Whimbrel")
        self.counts = Counts()
        """The last reported facts about the radio."""
        self.told: deque[Body] = deque()
        """Events of the thread: the loop takes and publishes them."""
        self.track = TimedPositions()
        """Where the device is, which the loop adds to."""
        self._folder = folder
        self._plan = plan
        self._clock = clock
        self._mode = plan.mode
        self._jobs: deque[Callable[[], None]] = deque()
        self._queued = 0  # octets of frames among the jobs
        self._heard: deque[float] = deque()  # when the oldest frames of each of these were
        self._awaited: list[tuple[Recording, KeepOutcome]] = []  # to be written at once
        self._ending = False
        self._ended: Callable[[], object] = lambda: None
        self._wake = threading.Condition()
        self._always: Recording | None = None
        self._frozen: Recording | None = None
        self._evidence: OrderedDict[int, Frame] = OrderedDict()  # that was recorded, by its identity
        self._lost = self._lost_told = 0
        self._why_lost = ""
        self._card = Card(folder, clock)
        self._promise = Promise(plan.lose_at_most)
        self._flusher = Flusher(folder, self._card, self._promise, self.told, clock)
        self._report_at = 0.0
        self._written = 0  # by recordings that have ended

    # For the loop

    def frames(self, batches: Sequence[Sequence[Frame]], octets: int, age: float = 0.0) -> bool:
        """Queue frames that take `octets` of memory, the oldest heard `age` seconds ago; return False if too much waits
        already: they are lost."""
        with self._wake:
            if self._queued and self._queued + octets > self._plan.waiting_octets:
                self._jobs.append(partial(self._lose, sum(map(len, batches)), "the card is too slow"))
                return False
            self._queued += octets
            heard = self._clock() - age
            self._heard.append(heard)
            self._jobs.append(partial(self._take, batches, octets, heard))
            if self._queued >= _HURRY or age >= self._plan.lose_at_most * WAIT:
                self._wake.notify()
            return True

    def freeze(self, stem: str, why: str, batches: Sequence[Iterable[Heard]], *, kept: bool, answers: int = 0) -> None:
        """Begin a separate file with the recent frames; `frames` continues it until `thaw`."""
        self._do(partial(self._freeze, stem, why, batches, kept, answers))

    def thaw(self) -> None:
        """End that file."""
        self._do(self._thaw)

    def note(self, frames: Sequence[Frame], comments: Sequence[str]) -> None:
        """Comment frames that were given and are not written yet."""
        self._do(partial(self._note, frames, comments))

    def keep(self, stem: str, answers: int, outcome: KeepOutcome | None = None) -> None:
        """Protect the recording of that name from automatic deletion; empty for the file that `freeze` began. With an
        `outcome`, its frames are written at once."""
        self._do(partial(self._keep, stem, answers, outcome))

    def record(self, mode: Mode) -> None:
        """Record something else all the time."""
        self._do(partial(self._record, mode))

    def renew(self) -> None:
        """Go on in another file with what is recorded all the time."""
        self._do(self._end_always)

    def lose(self, frames: int, reason: str) -> None:
        """Count frames that were lost before they came here."""
        self._do(partial(self._lose, frames, reason))

    def overdue(self) -> str:
        """Return the warning if frames wait for longer than guaranteed; empty if none do."""
        waiting = [recording.waiting_since for recording in self._active()]
        with contextlib.suppress(IndexError):
            waiting.append(self._heard[0])
        return self._promise.overdue([since for since in waiting if since is not None], self._clock())

    def close(self, ended: Callable[[], object] = lambda: None) -> None:
        """Write the waiting frames, close the files, and end; the thread then calls `ended`."""
        with self._wake:
            self._ending = True
            self._ended = ended
            self._wake.notify()

    # The thread

    def run(self) -> None:
        """Work until closed; nothing raises."""
        self._card.attempt(self._flusher.repair)
        ended = False
        while not ended:
            with self._wake:
                if not self._jobs and not self._ending:
                    self._wake.wait(self._pause())
            ended = self.turn()
        self._ended()

    def turn(self) -> bool:
        """Do what is due; return whether it was the last of all. Without the thread, for a clock of another kind."""
        with self._wake:
            jobs, self._jobs = self._jobs, deque()
            ending = self._ending
        for job in jobs:
            job()
        self._write_due(ending)
        if ending:
            self._end_all()
        self._card.look()
        self._report(ending)
        self._stand()
        return ending and not self._jobs

    def _do(self, job: Callable[[], None]) -> None:
        with self._wake:
            self._jobs.append(job)
            self._wake.notify()

    def _pause(self) -> float:
        """Return for how long there is nothing to do but to take jobs."""
        now = self._clock()
        if not self._active():
            return _LOOK if self._mode is Mode.OFF else self._plan.lose_at_most / 4
        due = min((r.waiting_since for r in self._active() if r.waiting_since is not None), default=now)
        due += self._plan.lose_at_most * WAIT
        if self._card.problem:
            due = max(due, self._card.retry_at)
        return min(max(due - now, 0.02), self._plan.lose_at_most / 4)

    def _active(self) -> list[Recording]:
        return [recording for recording in (self._frozen, self._always) if recording is not None]

    def _take(self, batches: Sequence[Sequence[Frame]], octets: int, now: float) -> None:
        with self._wake:
            self._queued -= octets
        for frames in batches:
            if self._frozen is not None:
                self._frozen.take(frames, now)
            if self._mode is Mode.ALL:
                self._take_always(frames, now)
            elif self._mode is Mode.INTERESTING:
                self._take_always([frame for frame in frames if is_interesting(frame)], now)
        self._heard.popleft()

    def _take_always(self, frames: Sequence[Frame], now: float) -> None:
        """Add frames of the continuous recording."""
        if not frames:
            return
        if self._always is None:
            stem = naming.stem(frames[0].time, self._mode.value)
            self._always = Recording(self._folder, stem, self._plan.form, self.track)
            self.told.append(RecordingBegun(recording=stem, why=f"recording {self._mode.value}", kept=False))
        self._always.take(frames, now)

    def _freeze(self, stem: str, why: str, batches: Iterable[Iterable[Heard]], kept: bool, answers: int) -> None:
        self._thaw()
        self._frozen = recording = Recording(self._folder, stem, self._plan.form, self.track, kept=kept, why=why)
        now = self._clock()
        for frames in batches:
            recording.take(frames, now)
        self.told.append(RecordingBegun(recording=stem, why=why, kept=kept, answers=answers))

    def _thaw(self) -> None:
        if self._frozen is not None:
            self._end(self._frozen)
            self._frozen = None

    def _note(self, frames: Sequence[Frame], comments: Sequence[str]) -> None:
        if self._mode is Mode.INTERESTING:
            # Frames were heard before it was known that they are evidence: they come late, and once.
            new = [frame for frame in frames if id(frame) not in self._evidence]
            self._take_always([frame for frame in new if not is_interesting(frame)], self._clock())
            self._evidence.update((id(frame), frame) for frame in new)
            while len(self._evidence) > _EVIDENCE:
                self._evidence.popitem(last=False)
        for recording in self._active():
            recording.note(frames, comments)

    def _keep(self, stem: str, answers: int, outcome: KeepOutcome | None) -> None:
        try:
            for recording in self._active():
                if stem == recording.stem or (not stem and recording is self._frozen):
                    is_new = not recording.kept
                    recording.keep()
                    if is_new or answers:
                        self.told.append(RecordingKept(recording=recording.stem, answers=answers))
                    if outcome is not None:
                        self._awaited.append((recording, outcome))
                    return
            found = self._folder.keep(stem)
        except OSError as error:
            found, text = False, words(error)
        else:
            text = f"no recording is called {stem}; `whimbrel record list` has their names"
        if found:
            self.told.append(RecordingKept(recording=stem, answers=answers))
        else:
            self.told.append(CommandRefused(command=KeepRecording.kind, text=text, answers=answers))
        if outcome is not None:
            outcome.tell(CardAnswer(refusal="" if found else text))

    def _record(self, mode: Mode) -> None:
        if mode is not self._mode:
            self._mode = mode
            self._end_always()

    def _lose(self, frames: int, reason: str) -> None:
        self._lost += frames
        self._why_lost = reason

    def _write_due(self, ending: bool) -> None:
        """Write frames that have waited for their share of the guaranteed time, or are many, and those of the other
        recording with them; not to a card that refuses."""
        now = self._clock()
        if ending or self._awaited or not self._card.rests():
            waiting = [recording for recording in self._active() if recording.waiting_since is not None]
            if ending or self._awaited or any(self._is_due(recording, now) for recording in waiting):
                self._flush(waiting, now)
        for recording, outcome in self._awaited:
            outcome.tell(CardAnswer(waits="" if recording.waiting_since is None else self._card.problem))
        self._awaited.clear()
        for recording in self._active():
            # Frozen frames come out of the ring all at once, and may take as much memory again until they are on the
            # card.
            most = self._plan.waiting_octets * (2 if recording is self._frozen else 1)
            if self._card.problem and (lost := recording.shed(most)):
                self._lose(lost, self._card.problem)

    def _is_due(self, recording: Recording, now: float) -> bool:
        since = recording.waiting_since
        waited = since is not None and now - since >= self._plan.lose_at_most * WAIT
        return waited or recording.waiting_octets >= _HURRY

    def _flush(self, recordings: Sequence[Recording], now: float) -> None:
        ends = {recording: 1 if self._is_old(recording, now) else self._plan.file_octets for recording in recordings}
        refused = self._flusher.flush(ends, self.heading, self.counts, now)
        for recording, most in ends.items():
            if recording in refused:
                recording.give_up()
            elif recording.octets >= most:
                self._end(recording)
                if recording is self._always:
                    self._always = None
                else:
                    self._frozen = None

    def _is_old(self, recording: Recording, now: float) -> bool:
        """Return whether a file has lasted for as long as one may."""
        since = recording.begun
        return recording is self._always and bool(since) and now - since >= self._plan.file_seconds

    def _end(self, recording: Recording) -> None:
        """Write the waiting frames, and close the file; frames that the card does not accept are lost."""
        if recording.waiting_since is not None and self._flusher.flush(
            {recording: 1}, self.heading, self.counts, self._clock()
        ):
            self._lose(recording.shed(0), self._card.problem)
            recording.give_up()
        self._card.attempt(partial(recording.finish, self.counts))
        self._written += recording.written
        if recording.name is not None and not recording.name.open:
            path = self._folder.path / recording.name.file
            self.told.append(
                RecordingEnded(
                    recording=recording.stem, file=str(path), frames=recording.frames, octets=recording.octets
                )
            )

    def _end_all(self) -> None:
        self._thaw()
        self._end_always()

    def _end_always(self) -> None:
        if self._always is not None:
            self._end(self._always)
            self._always = None

    def _report(self, ending: bool) -> None:
        """Report lost and late frames, now and then."""
        now = self._clock()
        if self._lost > self._lost_told and (ending or now >= self._report_at):
            self._report_at = now + _REPORT
            self.told.append(FramesNotKept(lost=self._lost - self._lost_told, reason=self._why_lost))
            self._lost_told = self._lost
        if late := self._promise.report(now, ending=ending):
            self.told.append(late)

    def _stand(self) -> None:
        """Report the state."""
        active = self._active()
        written = self._written + sum(recording.written for recording in active)
        self.standing = Standing(
            self._mode,
            tuple(recording.name.stem if recording.name else recording.stem for recording in active),
            sum(recording.octets for recording in active),
            sum(recording.frames for recording in active),
            *self._card.seen,
            written,
            self._card.last_hour(written),
            self._lost,
            self._promise.late,
            self._promise.worst,
            self._card.trouble(),
        )
