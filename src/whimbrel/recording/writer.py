"""The thread that writes recordings, so a slow card delays nothing else: the loop gives it jobs and reads its state."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.recording import FramesNotKept, RecordingBegun, RecordingEnded
from whimbrel.recording import naming
from whimbrel.recording.card import Card
from whimbrel.recording.counts import Counts
from whimbrel.recording.flushing import WAIT, Flusher
from whimbrel.recording.inbox import HURRY, SLOW, Frames, Freeze, Inbox, Job, Keep, LostFrames, Note, Wanted
from whimbrel.recording.keeping import Keeper
from whimbrel.recording.promise import Promise
from whimbrel.recording.recording import Form, Heading, Recording
from whimbrel.recording.selection import Mode, is_interesting
from whimbrel.recording.standing import Standing
from whimbrel.recording.strand import Strand
from whimbrel.recording.track import TimedPositions

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.recording.folder import Folder
    from whimbrel.recording.outcome import KeepOutcome
    from whimbrel.recording.ring import Held
    from whimbrel.wifi.frames import Frame

_LOOK = 5.0
"""The most seconds between two checks for work."""
_REPORT = 10.0
"""Seconds between two reports of lost frames."""
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
        self._inbox = Inbox(plan.mode, plan.waiting_octets)
        self._wish = self._inbox.wish  # as far as the thread has come
        self._totals = self.counts
        self._ended: Callable[[], object] = lambda: None
        self._over = False  # whether the thread has nothing more to do than to call that
        self._always = Strand(plan.waiting_octets)
        # The frames of a freeze come out of the ring all at once, and may take as much memory again until they are on
        # the card.
        self._frozen = Strand(2 * plan.waiting_octets)
        self._keeper = Keeper(folder, self.told)
        self._full = 0  # number of the last freeze whose file was full
        self._evidence: OrderedDict[int, Frame] = OrderedDict()  # that was recorded, by its identity
        self._lost = self._lost_told = 0
        self._why_lost = ""
        self._card = Card(folder, clock)
        self._promise = Promise(plan.lose_at_most)
        self._flusher = Flusher(folder, self._card, self._promise, self.told, clock)
        self._report_at = 0.0
        self._written = 0  # by recordings that have ended

    # For the loop

    @property
    def is_frozen(self) -> bool:
        """Whether the separate file that `freeze` began takes frames."""
        return self._inbox.wish.frozen not in {0, self._full}

    def frames(self, batches: Sequence[Sequence[Frame]], octets: int, age: float = 0.0) -> bool:
        """Queue frames that take `octets` of memory, the oldest heard `age` seconds ago; return False if too much waits
        already: they are lost."""
        hurry = age >= self._plan.lose_at_most * WAIT
        return self._inbox.frames(batches, octets, self._clock() - age, hurry=hurry)

    def freeze(self, stem: str, why: str, recent: Sequence[Held], *, kept: bool, answers: int = 0) -> bool:
        """Begin a separate file with the recent frames; `frames` continues it until `thaw`. Return False if the one
        before has not begun yet, because the card holds the thread up; then none begins."""
        return self._inbox.freeze(stem, why, recent, kept=kept, answers=answers)

    def thaw(self) -> None:
        """End that file."""
        self._inbox.want(self._inbox.wish._replace(frozen=0))

    def note(self, frames: Sequence[Frame], comments: Sequence[str]) -> None:
        """Comment frames that were given and are not written yet; too many that wait stay without their comments."""
        self._inbox.note(frames, comments)

    def keep(self, stem: str, answers: int, outcome: KeepOutcome | None = None) -> None:
        """Protect the recording of that name from automatic deletion; empty for the newest that `freeze` began. With an
        `outcome`, its frames are written at once."""
        if not self._inbox.keep(stem, answers, outcome):
            self._keeper.refuse(SLOW, answers, outcome)

    def record(self, mode: Mode) -> None:
        """Record something else all the time."""
        self._inbox.want(self._inbox.wish._replace(mode=mode))

    def renew(self) -> None:
        """Go on in another file with what is recorded all the time."""
        wish = self._inbox.wish
        self._inbox.want(wish._replace(file=wish.file + 1))

    def lose(self, frames: int, reason: str) -> None:
        """Count frames that were lost before they came here."""
        self._inbox.lose(frames, reason)

    def overdue(self) -> str:
        """Return the warning if frames wait for longer than guaranteed; empty if none do."""
        waiting = [recording.waiting_since for recording in self._recordings()]
        with contextlib.suppress(IndexError):
            waiting.append(self._inbox.heard[0])
        return self._promise.overdue([since for since in waiting if since is not None], self._clock())

    def close(self, ended: Callable[[], object] = lambda: None) -> None:
        """Write the waiting frames, close the files, and end; `ended` is called then, also if a mistake ends the
        thread: by the thread, or here if it has ended before."""
        self._ended = ended
        self._inbox.close()
        if self._over:
            ended()

    # The thread

    def run(self) -> None:
        """Work until closed."""
        try:
            self._card.attempt(self._flusher.repair)
            ended = False
            while not ended:
                self._inbox.wait(self._pause())
                ended = self.turn()
        finally:
            self._over = True
            self._ended()

    def turn(self) -> bool:
        """Do what is due; return whether it was the last of all. Without the thread, for a clock of another kind."""
        self._totals = self.counts
        jobs, wish, ending = self._inbox.take()
        for job in jobs:
            self._follow(job.wish)
            self._do(job)
        self._follow(wish)
        if ending:
            self._frozen.end(self._totals)
            self._always.end(self._totals)
        self._write_due(ending)
        self._close_ended(ending)
        self._shed()
        self._card.look()
        self._report(ending)
        self._stand()
        return ending and not self._inbox

    def _pause(self) -> float:
        """Return for how long there is nothing to do but to take jobs."""
        now = self._clock()
        recordings = self._recordings()
        if not recordings and not self._card.problem:
            return _LOOK if self._wish.mode is Mode.OFF else self._plan.lose_at_most / 4
        due = min((r.waiting_since for r in recordings if r.waiting_since is not None), default=now)
        due += self._plan.lose_at_most * WAIT
        if self._card.problem:
            due = max(due, self._card.retry_at)
        return min(max(due - now, 0.02), self._plan.lose_at_most / 4)

    def _recordings(self) -> list[Recording]:
        return self._frozen.recordings + self._always.recordings

    def _follow(self, wish: Wanted) -> None:
        """End what is not wanted any more."""
        before, self._wish = self._wish, wish
        if wish.frozen != before.frozen:
            self._frozen.end(self._totals)
        if (wish.mode, wish.file) != (before.mode, before.file):
            self._always.end(self._totals)
        if wish.mode is not before.mode:
            self._always.part()

    def _do(self, job: Job) -> None:
        match job:
            case Frames():
                self._take(job)
            case LostFrames():
                self._miss(job)
            case Freeze():
                self._freeze(job)
            case Note():
                self._note(job)
            case Keep():
                self._keeper.keep(job, self._recordings())

    def _take(self, job: Frames) -> None:
        mode = self._wish.mode
        for frames in job.batches:
            if self._frozen.current is not None:
                self._frozen.current.take(frames, job.heard)
            if mode is Mode.ALL:
                self._take_always(frames, job.heard)
            elif mode is Mode.INTERESTING:
                self._take_always([frame for frame in frames if is_interesting(frame)], job.heard)
        self._inbox.done(job)

    def _take_always(self, frames: Sequence[Frame], now: float) -> None:
        """Add frames of the continuous recording."""
        if not frames:
            return
        recording = self._always.current
        if recording is None:
            mode = self._wish.mode.value
            stem = self._unused(naming.stem(frames[0].time, mode))
            counts = self._totals if self._always.counts is None else self._always.counts
            recording = Recording(self._folder, stem, self._plan.form, self.track, counts=counts)
            self._always.begin(recording)
            self.told.append(RecordingBegun(recording=stem, why=f"recording {mode}", kept=False))
        recording.take(frames, now)

    def _miss(self, job: LostFrames) -> None:
        """Count frames that are missing in the recordings that go on, and have their files tell."""
        lost = 0
        if self._frozen.current is not None:
            lost = job.frames
            self._frozen.current.lose(lost)
        if self._wish.mode is not Mode.OFF:
            missing = job.frames if self._wish.mode is Mode.ALL else job.interesting
            lost = max(lost, missing)
            self._always.lose(missing)
        self._lose(lost, job.reason)

    def _freeze(self, job: Freeze) -> None:
        stem = self._unused(job.stem)
        counts = job.recent[0].counts if job.recent else self._totals
        self._keeper.newest = recording = Recording(
            self._folder, stem, self._plan.form, self.track, kept=job.kept, why=job.why, counts=counts
        )
        now = self._clock()
        for number, held in enumerate(job.recent):
            recording.lose(held.lost if number else 0)  # what is missing before all of it is not its loss
            recording.take(held.heard, now)
        self._frozen.begin(recording)
        self.told.append(RecordingBegun(recording=stem, why=job.why, kept=job.kept, answers=job.answers))

    def _note(self, job: Note) -> None:
        if self._wish.mode is Mode.INTERESTING:
            # Frames were heard before it was known that they are evidence: they come late, and once.
            new = [frame for frame in job.frames if id(frame) not in self._evidence]
            self._take_always([frame for frame in new if not is_interesting(frame)], self._clock())
            self._evidence.update((id(frame), frame) for frame in new)
            while len(self._evidence) > _EVIDENCE:
                self._evidence.popitem(last=False)
        for recording in self._recordings():
            recording.note(job.frames, job.comments)

    def _unused(self, stem: str) -> str:
        """Return the name that the file of a recording is going to have; where the card does not tell, that may become
        another one."""
        try:
            return self._folder.unused(stem)
        except OSError:
            return stem

    def _lose(self, frames: int, reason: str) -> None:
        if frames:
            self._lost += frames
            self._why_lost = reason

    def _write_due(self, ending: bool) -> None:
        """Write frames that have waited for their share of the guaranteed time, or are many, or the last ones, and
        those of all recordings with them; not to a card that refuses."""
        now = self._clock()
        at_once = ending or self._keeper.awaited
        if at_once or not self._card.rests():
            waiting = [recording for recording in self._recordings() if recording.waiting_since is not None]
            if at_once or any(self._is_due(recording, now) for recording in waiting):
                self._flush({recording: self._most(recording, now) for recording in waiting}, now)
            elif self._card.problem and not waiting:
                self._card.attempt(self._flusher.repair)
        self._keeper.answer(self._card.problem)

    def _is_due(self, recording: Recording, now: float) -> bool:
        since = recording.waiting_since
        waited = since is not None and now - since >= self._plan.lose_at_most * WAIT
        return waited or recording.waiting_octets >= HURRY or recording.ended is not None

    def _most(self, recording: Recording, now: float) -> int:
        """Return the octets at which a file ends."""
        is_old = (
            recording is self._always.current and recording.begun and now - recording.begun >= self._plan.file_seconds
        )
        return 1 if recording.ended is not None or is_old else self._plan.file_octets

    def _flush(self, ends: Mapping[Recording, int], now: float) -> None:
        refused = self._flusher.flush(ends, self.heading, self._totals, now)
        for recording, most in ends.items():
            if recording in refused:
                recording.give_up()
            elif recording.octets < most:
                continue
            elif recording is self._always.current:
                self._always.end(self._totals)
            elif recording is self._frozen.current:
                self._frozen.end(self._totals)
                self._full = self._wish.frozen

    def _close_ended(self, ending: bool) -> None:
        """Close the files of ended recordings whose frames are on the card; at the end of all, others are lost."""
        for strand in (self._frozen, self._always):
            for recording in strand.ended.copy():
                if ending:
                    self._lose(recording.shed(0), self._card.problem)
                if recording.waiting_since is None:
                    strand.ended.remove(recording)
                    self._close(recording)

    def _close(self, recording: Recording) -> None:
        try:
            recording.finish(self._totals)
        except OSError as error:
            self._card.refused(error)
        # Success does not end a problem: the file of another recording may have been left open, for `repair` to close.
        self._written += recording.written
        if recording.name is not None and not recording.name.open:
            path = self._folder.path / recording.name.file
            self.told.append(
                RecordingEnded(
                    recording=recording.title, file=str(path), frames=recording.frames, octets=recording.octets
                )
            )

    def _shed(self) -> None:
        """Drop frames that take too much memory while the card refuses them."""
        if self._card.problem:
            for strand in (self._frozen, self._always):
                self._lose(strand.shed(), self._card.problem)

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
        going = self._recordings()
        written = self._written + sum(recording.written for recording in going)
        self.standing = Standing(
            self._wish.mode,
            tuple(recording.title for recording in going),
            sum(recording.octets for recording in going),
            sum(recording.frames for recording in going),
            *self._card.seen,
            written,
            self._card.last_hour(written),
            self._lost,
            self._promise.late,
            self._promise.worst,
            self._card.trouble(),
        )
