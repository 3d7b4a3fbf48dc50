"""Recorder: keeps the last frames in memory; a thread writes those requested by alerts, people and the settings."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from whimbrel.bus import Closed, Lagged, Subscription
from whimbrel.events.alerts import Alert, AlertUpdated, NetworksGuarded, Severity
from whimbrel.events.base import Event
from whimbrel.events.incidents import IncidentChanged, IncidentOpened
from whimbrel.events.position import PositionChanged, ZonesDrawn
from whimbrel.events.radio import WAITING, ClockStepped, FrameBatch, RadioOpened, RadioReport
from whimbrel.events.recording import (
    AlertEvidence,
    CapturedFrames,
    FreezeRefused,
    KeepRecording,
    RecorderState,
    RecordFrames,
    RecordingChanged,
)
from whimbrel.events.system import CommandRefused, DaemonStarted, SettingsReloaded
from whimbrel.geo import Kept
from whimbrel.module import Context, Module, Stage, VerbError
from whimbrel.receivers import heard_and_lost, radios
from whimbrel.recording import naming
from whimbrel.recording.counts import RadioTotals
from whimbrel.recording.folder import Folder, rows
from whimbrel.recording.freezing import Freezing, Occasions, Step
from whimbrel.recording.limits import Caps
from whimbrel.recording.origin import Origin
from whimbrel.recording.outcome import KeepOutcome
from whimbrel.recording.packing import packed, packed_place
from whimbrel.recording.recording import Form
from whimbrel.recording.ring import OVERHEAD, FrameRing
from whimbrel.recording.selection import Mode
from whimbrel.recording.settings import RecorderSettings
from whimbrel.recording.standing import Standing
from whimbrel.recording.stay_at_home import StayAtHome
from whimbrel.recording.writer import Plan, Writer
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.verbs.recording import (
    CAPTURE,
    RECORD,
    RECORDING_PIECE,
    RECORDINGS,
    CaptureOrigin,
    RecordingPiece,
    RecordingResult,
    Recordings,
)
from whimbrel.watching import state_file
from whimbrel.wifi.frames import Frame
from whimbrel.wording.about_recording import evidence_comments

_SCREEN = "whimbrel.screens.recorder:recorder_page"
_TICK = 0.25
"""Seconds between two checks for events of the thread."""
_STEP = 60.0
"""Seconds by which the clock is set at least where the continuous recording goes on under the name of its new time."""
_OLDEST = 60.0
"""The most seconds that frames can have waited; beyond, a clock is wrong, and tells nothing."""
_STATE = 1.0
"""Seconds between two states for the screen."""
_AT_HOME = "the device is in a zone of the kind home, where nothing is recorded (modules.position.zones.keep)"
_BUSY = "the card is too slow: it has not taken the recording before this one"
_CARD = "card"
_PIECE = 96 << 10
"""Octets of a recording in one answer."""


class Recorder(Module[RecorderSettings]):
    """The flight recorder. Answers the verbs ``recordings``, ``record`` and ``capture``."""

    Settings = RecorderSettings
    stage: ClassVar[Stage] = Stage.SINK

    def __init__(self, ctx: Context[RecorderSettings]) -> None:
        super().__init__(ctx)
        settings = self.settings
        path = state_file.default_path("recordings") if settings.folder is None else settings.folder
        self._form = Form(settings.payload, settings.snap_length)
        self._folder = Folder(path, Caps(settings.folder_size, settings.least_free))
        plan = Plan(
            settings.mode, self._form, settings.lose_at_most, settings.file_size, settings.file_time, settings.waiting
        )
        self._writer = Writer(self._folder, plan)
        self._ring = FrameRing(settings.ring, settings.before)
        self._freezing = Freezing(settings.after, settings.alerts_an_hour)
        self._occasions = Occasions(settings.freeze)
        self._home = StayAtHome()
        self._stem = ""  # of the file that `_freezing` is about
        self._mode = settings.mode
        self._batches: list[Sequence[Frame]] = []  # for the thread
        self._octets = 0  # of memory, of those
        self._now = 0.0  # time of the last frame
        self._live = True
        self._totals = RadioTotals()
        self._origin = Origin()
        self._streams = False  # whether a listener needs frames at once
        self._streamed = 0
        self._told: Standing | None = None

    async def run(self) -> None:
        """Record until the module is asked to end and all waiting events are read."""
        ctx = self.ctx
        heard = ctx.subscribe(
            FrameBatch, ClockStepped, IncidentOpened, IncidentChanged, Alert, AlertUpdated, AlertEvidence,
            PositionChanged, ZonesDrawn, NetworksGuarded, RadioOpened, RadioReport,
            capacity=self.settings.backlog, octets=WAITING, paces=True,
        )  # fmt: skip
        commands = ctx.subscribe(KeepRecording, RecordFrames, SettingsReloaded)
        for kind in (NetworksGuarded, PositionChanged, ZonesDrawn, RadioOpened):
            if known := ctx.latest(kind):
                self._note(known.body)
        await self._read_settings()
        ctx.serve(RECORDINGS, self._answer)
        ctx.serve(RECORDING_PIECE, self._fetch)
        ctx.serve(RECORD, self._obey)
        ctx.serve(CAPTURE, self._begin_capture)
        ctx.offer_screen("Recorder", _SCREEN, MenuPlace(Section.LOOK, 43), [RecorderState])
        self._writer.start()
        ctx.ready()
        beside = [asyncio.create_task(self._watch()), asyncio.create_task(self._take_commands(commands))]
        try:
            while True:
                for event in await heard.read_all():
                    self._take(event)
                self._pass_on()
                if not self._writer.is_alive():
                    raise RuntimeError("the thread that writes recordings has ended by a mistake in Whimbrel")
        except Closed:
            pass
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            await self._close()
            self._tell()

    async def _close(self) -> None:
        """Ask the thread to write the waiting frames, and to end."""
        ended = asyncio.Event()
        self._writer.close(partial(asyncio.get_running_loop().call_soon_threadsafe, ended.set))
        # Not joined in a thread of asyncio's: a card that hangs would hold up the end of the process.
        if self._writer.is_alive():
            await ended.wait()

    def _take(self, event: Event | Lagged) -> None:
        if isinstance(event, Lagged):
            self._miss(event.lost)
            return
        body = event.body
        if isinstance(body, FrameBatch):
            self._hear(body)
        elif isinstance(body, IncidentOpened | IncidentChanged):
            self._alerted(body.id, body.rules[0], body.severity, f"Incident {body.id}, {body.title}: {body.text}")
        elif isinstance(body, Alert | AlertUpdated):
            if not body.incident:
                self._alerted(body.id, body.rule, body.severity, f"Alert {body.id}, {body.title}: {body.text}")
        elif isinstance(body, AlertEvidence):
            self._pass_on()
            words = evidence_comments(body.id, body.title, body.text, len(body.frames))
            told = [(frame, note) for frame, note in zip(body.frames, words, strict=True) if self._home.allows(frame)]
            self._writer.note([frame for frame, _ in told], [note for _, note in told])
        elif isinstance(body, ClockStepped):
            self._pass_on(body.delta)
            for part in (self._ring, self._freezing, self._home):
                part.shift(body.delta)
            self._now += body.delta
            if abs(body.delta) > _STEP:
                self._writer.renew()
        else:
            self._note(body)

    def _note(self, body: object) -> None:
        """Process events about the position, the guarded networks, and the radio."""
        if isinstance(body, PositionChanged):
            self._home.move(body.zones, body.position.time)
            # Devices heard at home appear on no map, so their frames have no position.
            place = packed_place(body.position) if self._home.keep is None else b""
            self._writer.track.add(body.position.time, body.until, place)
        elif isinstance(body, ZonesDrawn):
            self._home.redraw(body.zones, self._now)
        elif isinstance(body, NetworksGuarded):
            self._home.guard(body.ssids, body.bssids)
        elif isinstance(body, RadioReport):
            self._writer.counts = self._totals.by(heard_and_lost(self.ctx.latest_of_each))
        elif isinstance(body, RadioOpened):
            self._open(body)

    def _hear(self, batch: FrameBatch) -> None:
        frames = self._home.heard(batch.frames)
        self._now = batch.frames[-1].time
        if self._streams:
            self._stream(batch.frames)
        size = 0
        if frames:
            self._ring.add(frames, batch.records if frames is batch.frames else (), self._writer.counts)
            if self._mode is Mode.OFF and not self._freezing.active:
                return
            size = sum(len(frame.raw) for frame in frames) + OVERHEAD * len(frames)
            self._batches.append(frames)
            self._octets += size
        if self._freezing.heard(self._now, size):
            self._thaw()

    def _miss(self, events: int) -> None:
        """Note a gap, of which nothing but the number of lost events is known."""
        if self._home.keep is Kept.NOTHING:
            return
        self._ring.lose(events)
        if self._mode is not Mode.OFF or self._freezing.active:
            self._pass_on()
            self._writer.lose(events, "the recorder was too slow (each counts as one: a batch of frames)")

    def _pass_on(self, step: float = 0.0) -> None:
        """Pass the collected frames to the thread, before a `step` of the clock."""
        if self._batches:
            batches, self._batches = self._batches, []
            octets, self._octets = self._octets, 0
            # They may have waited in the kernel and on the bus: the guarantee counts from their time in the air.
            age = time.time() - batches[0][0].time - step
            self._writer.frames(batches, octets, age if self._live and 0 < age <= _OLDEST else 0.0)

    def _alerted(self, number: str, rule: str, severity: Severity, why: str) -> None:
        """Record an incident, or an alert without one, for as long as it lasts."""
        self._end_full()
        if self._home.keep is Kept.NOTHING or not self._occasions.wants(number, severity, self._freezing.active):
            return
        step, an_hour = self._freezing.wanted(self._now, self._ring.octets), self.settings.alerts_an_hour
        stem = naming.stem(self._now, rule, f"a{number}")
        if step is Step.REFUSE:
            self.ctx.publish(FreezeRefused(id=number, rule=rule, an_hour=an_hour))
        elif step is Step.BEGIN and not self._freeze(stem, why) and self._occasions.forget(number):
            self.ctx.publish(FreezeRefused(id=number, rule=rule, an_hour=an_hour, reason=_BUSY))

    def _freeze(self, stem: str, why: str, *, kept: bool = False, answers: int = 0) -> bool:
        """Begin a separate file; return False if the card does not let that happen."""
        self._pass_on()  # the collected frames are in the ring too
        begun = self._writer.freeze(stem, why, self._ring.batches(), kept=kept, answers=answers)
        if begun:
            self._stem = stem
        else:
            self._freezing.cancel()
        return begun

    def _end_full(self) -> None:
        """Note that the thread has ended the separate file, full before its time: nothing joins that any more."""
        if not self._writer.is_frozen:
            self._freezing.end()

    def _thaw(self) -> None:
        self._pass_on()
        self._freezing.end()
        self._writer.thaw()

    def _keep(self, answers: int, outcome: KeepOutcome | None = None) -> str:
        """Keep the recent frames for good; return the name of the recording. Raises VerbError at home, and if the card
        does not let it begin."""
        if self._home.keep is Kept.NOTHING:
            raise VerbError(_AT_HOME)
        self._end_full()
        now = self._now or time.time()
        if self._freezing.wanted(now, self._ring.octets, by_hand=True) is Step.JOIN:
            self._writer.keep("", answers, outcome)
        elif not self._freeze(naming.stem(now, "kept"), "kept by hand", kept=True, answers=answers):
            raise VerbError(f"the recent frames are not kept: {_BUSY}")
        elif outcome is not None:
            self._writer.keep("", 0, outcome)
        return self._stem

    def _record(self, mode: Mode, answers: int) -> None:
        self._pass_on()
        self._mode = mode
        self._writer.record(mode)
        self.ctx.publish(RecordingChanged(mode=mode.value, answers=answers))

    async def _take_commands(self, commands: Subscription) -> None:
        async for event in commands:
            if isinstance(event, Lagged):
                continue
            body = event.body
            if isinstance(body, SettingsReloaded):
                await self._read_settings()
            elif isinstance(body, RecordFrames):
                if body.mode and body.mode not in set(Mode):
                    text = f"expected {', '.join(Mode)}, found {body.mode}"
                    self.ctx.publish(CommandRefused(command=body.kind, text=text, answers=event.seq))
                else:
                    self._record(Mode(body.mode) if body.mode else self.settings.mode, event.seq)
            elif body.recording:
                self._writer.keep(body.recording, event.seq)
            else:
                try:
                    self._keep(event.seq)
                except VerbError as error:
                    self.ctx.publish(CommandRefused(command=body.kind, text=str(error), answers=event.seq))

    async def _watch(self) -> None:
        """Publish the thread's events and its state."""
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            await asyncio.sleep(_TICK)
            self._streams = self.ctx.wanted(CapturedFrames)
            self._tell()
            standing = self._writer.standing
            if clock() >= due and (self.ctx.wanted(RecorderState) or standing != self._told):
                due = clock() + _STATE
                self._told = standing
                self.ctx.publish(self._state(standing))

    def _tell(self) -> None:
        while self._writer.told:
            self.ctx.publish(self._writer.told.popleft())
        self._end_full()
        if problem := self._writer.standing.problem or self._writer.overdue():
            self.ctx.warn(_CARD, problem)
        else:
            self.ctx.clear(_CARD)

    def _state(self, standing: Standing) -> RecorderState:
        home = "" if self._home.keep is None else self._home.keep.value
        return standing.state(self._folder.path, self.settings.folder_size, self._ring, home)

    def _open(self, opened: RadioOpened) -> None:
        self._live = opened.live
        self._writer.counts = self._totals.by(heard_and_lost(self.ctx.latest_of_each))
        self._origin.opened = opened.replace(description=radios(self.ctx.latest_of_each))
        self._writer.heading = self._origin.heading()

    async def _read_settings(self) -> None:
        """Set the settings in force for later files."""
        started = self.ctx.latest(DaemonStarted)
        await asyncio.to_thread(self._origin.read_settings, started.body.config if started else "")
        self._writer.heading = self._origin.heading()

    def _stream(self, frames: Sequence[Frame]) -> None:
        blocks = b"".join(packed(frame, *self._form, place=self._writer.track.at(frame.time)) for frame in frames)
        self.ctx.publish(CapturedFrames(first=self._streamed, count=len(frames), octets=blocks))
        self._streamed += len(frames)

    async def _answer(self, _request: dict[str, Any]) -> Recordings:
        try:
            found = await asyncio.to_thread(rows, self._folder)
        except OSError as error:
            raise VerbError(f"{self._folder.path} cannot be read: {error.strerror}") from error
        return Recordings(state=self._state(self._writer.standing), recordings=tuple(found))

    async def _fetch(self, request: dict[str, Any]) -> RecordingPiece:
        recording, offset = str(request.get("recording")), request.get("offset", 0)
        if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset < 1 << 62:
            raise VerbError(f'"offset": expected a number of octets, found {offset!r}')
        try:
            found = await asyncio.to_thread(self._folder.piece, recording, offset, _PIECE)
        except OSError as error:
            raise VerbError(f"{recording} cannot be read: {error.strerror}") from error
        if found is None:
            raise VerbError(_unknown(recording))
        data = base64.b64encode(found[1]).decode("ascii")
        return RecordingPiece(recording=recording, offset=offset, octets=found[0], data=data)

    async def _obey(self, request: dict[str, Any]) -> RecordingResult:
        if (what := request.get("what")) == "keep":
            return await self._keep_now(request.get("recording"))
        if not isinstance(what, str) or what not in set(Mode):
            raise VerbError(f'"what": expected keep, {", ".join(Mode)}, found {what!r}')
        self._record(Mode(what), 0)
        return RecordingResult(recording="", mode=what)

    async def _keep_now(self, recording: Any) -> RecordingResult:
        outcome = KeepOutcome()
        if recording is None:
            recording = self._keep(0, outcome)
        elif any(row.recording == recording for row in (await self._answer({})).recordings):
            self._writer.keep(recording, 0, outcome)
        else:
            raise VerbError(_unknown(recording))
        answer = await outcome.wait()
        if answer.refusal:
            raise VerbError(f"{recording} is not protected from automatic deletion: {answer.refusal}")
        return RecordingResult(recording=answer.recording or recording, mode=self._mode.value, problem=answer.waits)

    async def _begin_capture(self, _request: dict[str, Any]) -> CaptureOrigin:
        heading = self._writer.heading
        return CaptureOrigin(
            application=heading.application, comments=heading.comments, interface=heading.name,
            description=heading.description, filter=heading.chosen, snap_length=self._form.snap_length,
        )  # fmt: skip


def _unknown(recording: object) -> str:
    return f"no recording is called {recording!r}; `whimbrel record list` has their names"
