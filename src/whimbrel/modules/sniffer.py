"""The sniffers: each opens a radio, turns its frames into batches on the bus, and visits its share of the channels."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from whimbrel.bus import Lagged, Subscription
from whimbrel.drivers.choice import DriverSettings, choice, chooses
from whimbrel.drivers.ports import (
    FrameSource,
    RadioGone,
    Tuner,
    is_of_announcements,
    is_patient,
    is_thinning,
)
from whimbrel.drivers.registry import SOURCES, TUNERS
from whimbrel.events.base import Body
from whimbrel.events.radio import (
    CaptureBegun,
    ClockStepped,
    FrameBatch,
    ListeningChanged,
    PauseListening,
    ProbingChanged,
    ReceiverJudged,
    ResumeListening,
)
from whimbrel.events.system import CommandRefused
from whimbrel.hearing.hearing import Hearing
from whimbrel.module import Context, Module, NotReady, Stage, ignore
from whimbrel.precedence import people
from whimbrel.radio.choice import AUTO, ChosenSource, RadioChoice, named_radios
from whimbrel.radio.conductor import Conductor
from whimbrel.radio.pace import ListenersPace, be_patient, caught_up
from whimbrel.radio.probing import warn_of_probing
from whimbrel.radio.recoveries import recovery_of
from whimbrel.radio.recovery import Recovery
from whimbrel.radio.sharing import Sharing, another_hears, is_told_already, others_are_paused
from whimbrel.radio.tally import Tally
from whimbrel.radio.verbs import RadioVerbs
from whimbrel.settings import Duration, setting
from whimbrel.tasks import first_to_end
from whimbrel.tuning.plan import make_plan
from whimbrel.tuning.settings import RecoverySettings, TunerSettings
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.frames import Frame

if TYPE_CHECKING:
    from whimbrel.hearing.hearing import Heard

RECEIVER = "receiver"
"""The warning of a receiver without usable frames."""
_HOLD = 1.0
"""Seconds for which frames may be held back until later ones show how to read them."""
_AT_ONCE = 0.25
"""Seconds after its opening within which a source that goes is not there at all; less than any pause of the ladder."""
_PAUSE_MAX = 60.0
"""Longest pause in seconds before a source is opened again that goes time after time without a frame."""


@chooses(source=SOURCES, tuner=TUNERS)
class SnifferSettings(DriverSettings):
    """Where frames come from, and which channels are visited."""

    source: str = choice(
        SOURCES,
        AUTO,
        help="Where frames come from",
        auto="linux where a radio with monitor mode is free, else scan; the journal has the choice and its reason, "
        "and an adapter that is plugged in later is taken",
    )
    tuner: str = choice(
        TUNERS,
        "nl80211",
        help="Whose channels are set",
        none="for capture files and for an interface tuned by another program",
    )
    hop: TunerSettings = setting(factory=TunerSettings, help="The channels to visit, for every tuner.")
    recovery: RecoverySettings = setting(factory=RecoverySettings, help="The recovery of a blind radio.")
    report: Duration = setting(Duration(10.0), low=0.1, help="How often received and lost frames are counted up.")

    def check(self) -> None:
        """Raise ValueError where the tuner cannot tune the source."""
        if self.tuner == "none" or self.source in {AUTO, *TUNERS.find(self.tuner).tunes}:
            return
        fit = [tuner.name for tuner in TUNERS.drivers.values() if self.source in tuner.tunes]
        raise ValueError(
            f"tuner: expected {' or '.join([*fit, 'none'])} for the source {self.source}, found {self.tuner}"
        )


class Sniffer(Module[SnifferSettings]):
    """Owns the radio, or the first one of several."""

    Settings = SnifferSettings
    stage = Stage.SOURCE
    critical = True
    number: ClassVar[int] = 0
    """Of the receiver."""

    def __init__(self, ctx: Context[SnifferSettings]) -> None:
        super().__init__(ctx)
        self._clock = asyncio.get_running_loop().time
        self._source: FrameSource
        self._tally: Tally
        self._choice = RadioChoice(ctx, self.settings, self.number)
        self._chosen: ChosenSource
        self._sharing: Sharing
        self._conductor: Conductor | None = None
        self._recovery: Recovery | None = None
        self._pauses: Subscription
        self._paused = False
        self._skipped = 0  # frames of the present pause
        self._hearing: Hearing
        self._letting_go: asyncio.TimerHandle | None = None
        self._pace = ListenersPace(ctx.bus, FrameBatch, self._clock)

    async def run(self) -> None:
        """Capture until the source ends or the module is to end. Raises `NotReady` if there is no radio."""
        self._chosen = await self._choice.choose()
        try:
            await self._listen()
        except NotReady as error:
            await self._choice.failed(str(error))
            raise

    async def _listen(self) -> None:
        """Open the chosen radio, capture, and close it. Raises `NotReady`."""
        settings = self.settings
        self._source = SOURCES.load(self._chosen.driver)(self._chosen.settings)
        self._source.on_event = self._notice
        self._hearing = Hearing(live=self._source.live)
        self._source.turn = self._catch_up
        source = self._source
        if is_patient(source):
            source.has_room = self._has_room
        # The settings have been checked; only a source that was chosen may be one that has no channels to be set.
        tunes = settings.tuner != "none" and self._chosen.driver in TUNERS.find(settings.tuner).tunes
        tuner = TUNERS.load(settings.tuner)(self._source) if tunes else None
        try:
            if tuner is not None:
                await tuner.open()
            await self._source.open()
            await self._capture(tuner)
        finally:
            try:
                await self._source.close()
            finally:
                if tuner is not None:
                    await tuner.close()

    def dead(self) -> str | None:
        """Report a permanently blind radio, unless there may be another one, or another receiver hears: a restart would
        end that too."""
        if self._recovery is None or self._choice.may_change or another_hears(self.ctx.bus, self.ctx.name):
            return None
        return self._recovery.dead()

    @classmethod
    def check(cls, settings: SnifferSettings) -> Iterable[tuple[str, str]]:
        """Yield the settings that cannot work on this machine, with their paths."""
        if settings.source != AUTO:
            yield from _problems(settings, settings.source)
            return
        # Either will do; only a radio that neither finds is missing.
        scans = not any(_problems(settings, "scan"))
        for path, problem in _problems(settings, "linux"):
            if not scans or path not in {"linux.radio", "linux.interface"}:
                yield path, problem

    @classmethod
    def claims(cls, settings: SnifferSettings) -> Iterable[tuple[str, str]]:
        """Yield the radio that the settings name: it can have one receiver."""
        return named_radios(settings)

    async def _capture(self, tuner: Tuner | None) -> None:
        """Run the source and everything around it; ends when the source does."""
        self._choice.refuse_taken(self._source.description)
        # Sources of other packages may have any settings.
        expression = str(getattr(self._chosen.settings, "filter", ""))
        self._tally = Tally(self.ctx, self._source, self._chosen.driver, self._clock, expression, self.number)
        if tuner is not None:
            plan = make_plan(self.settings.hop, tuner.channels())
            moves = self._source.hurry if is_patient(self._source) else ignore
            self._conductor = Conductor(self.ctx, tuner, plan, self._clock, moves, self._tally.listening.go)
            self._conductor.takes = lambda channel: self._sharing.owner(channel) == self.ctx.name
        self._sharing = Sharing(self.ctx, self._conductor)
        if self._conductor is not None:
            self._conductor.on_drop = self._sharing.share
        self._recovery = recovery_of(self.ctx, self._source, self._conductor, self.settings.recovery, self._clock)
        if self._recovery is not None:
            self._recovery.look_around = self._sharing.look_around
        self._tell_opened()
        self._pauses = self.ctx.subscribe(PauseListening, ResumeListening)
        why_not = f"source: {self._chosen.driver}, tuner: none"
        if is_of_announcements(self._source):
            why_not = "a scan visits all channels by itself"
        RadioVerbs(self.ctx, self._conductor, self._sharing, why_not).serve()
        self.ctx.ready()
        try:
            await first_to_end(self._work())
        except asyncio.CancelledError:
            self._end("stopped")
            raise
        except Exception as error:
            self._end(str(error) or type(error).__name__)
            raise
        self._end("stopped" if self.ctx.stopping.is_set() else "the end of the source")

    def _work(self) -> Iterable[Coroutine[Any, Any, object]]:
        yield self._run_source()
        yield self._tally.run(self.settings.report)
        yield self.ctx.stopping.wait()
        yield self._take_pauses()
        if is_patient(self._source):
            yield be_patient(self._source, self._camps)
        if is_thinning(self._source):
            from whimbrel.radio.thinning import ThinningControl

            yield ThinningControl(self.ctx, self._source, self._tally, lambda: self._paused).run()
        if self._conductor is not None:
            yield self._conductor.run()
            yield self._conductor.take_commands()
            yield self._conductor.take_findings()
            yield self._sharing.run()
        if self._recovery is not None:
            yield self._recovery.run()
            yield self._choice.seek_another(self._recovery.exhausted)
        if self._choice.may_improve and is_of_announcements(self._source):
            yield self._choice.await_better()

    def _tell_opened(self) -> None:
        self._tally.opened(self._conductor.freqs if self._conductor else (), self._chosen.reason)
        self._sharing.opened()
        if self._recovery is not None:
            self._recovery.opened()
        if others_are_paused(self.ctx.bus, self.ctx.name):  # listening is, for the person who asked
            self._pause(paused=True)

    async def _run_source(self) -> None:
        """Capture to the end of the source; open it again when its interface was recreated. Raises `NotReady`."""
        deliver = self.ctx.timed(self._deliver)
        fruitless = 0
        while True:
            opened = self._clock()
            try:
                await self._source.run(deliver)
            except RadioGone as gone:
                self._end(str(gone))
                if self._clock() - opened < _AT_ONCE:
                    raise NotReady(str(gone)) from gone
                fruitless = 0 if self._source.losses().received else fruitless + 1
                if fruitless > 1:
                    await asyncio.sleep(min(2.0 ** min(fruitless - 2, 8), _PAUSE_MAX))
                await self._reopen()
            else:
                return

    async def _reopen(self) -> None:
        """Open the source once more. Raises `NotReady` if there is nothing to open."""
        self._pass_on(self._hearing.begin())
        if self._conductor is None:
            await self._source.open()
        else:
            # A step of the recovery may be recreating the interface at this moment.
            async with self._conductor.busy:
                await self._source.open()
            self._conductor.go_again()
        self._tell_opened()

    def _camps(self) -> bool:
        return self._conductor is not None and self._conductor.posture.mode == "camping"

    async def _take_pauses(self) -> None:
        """Pause and resume at the request of other modules."""
        async for event in self._pauses:
            if isinstance(event, Lagged):
                continue
            command = event.body
            paused = isinstance(command, PauseListening)
            if paused != self._paused:
                self._pause(paused=paused, answers=event.seq)
            else:
                why = "listening is paused already" if paused else "it listens already"
                self.ctx.publish(CommandRefused(command=command.kind, text=why, answers=event.seq))

    def _pause(self, *, paused: bool, answers: int = 0) -> None:
        self._paused = paused
        self._tally.listening.run(on=not paused)
        self.ctx.publish(ListeningChanged(paused=paused, skipped=self._skipped, answers=answers))
        self._skipped = 0

    def _deliver(self, link_type: int, records: Sequence[CaptureRecord]) -> None:
        if self._paused:
            self._skipped += len(records)
            if self._recovery is not None:
                self._recovery.heard(len(records))
            return
        heard = self._hearing.take(link_type, records)
        self._pass_on(heard, self._hearing.records)
        if self._hearing.waits and self._letting_go is None:
            self._letting_go = asyncio.get_running_loop().call_later(_HOLD, self._let_go)

    def _pass_on(self, heard: Iterable[Heard], records: Sequence[CaptureRecord] = ()) -> None:
        """Publish the frames, which have these `records` if they have any."""
        for part in heard:
            if isinstance(part, ReceiverJudged):
                self._judge(part)
            elif isinstance(part, ClockStepped):
                self._tell_step(part)
            else:
                self._publish(part, records)

    def _publish(self, frames: Sequence[Frame], records: Sequence[CaptureRecord]) -> None:
        self._tally.note(frames)
        if self.number:
            for frame in frames:
                frame.receiver = self.number
                frame.tsft = None  # this clock is not that of the first receiver, with which it would be compared
        freq = 0
        if self._conductor is not None:
            freq = self._conductor.freq
            self._conductor.heard(frames)
        if self._recovery is not None:
            self._recovery.heard(len(frames))
        self.ctx.publish(FrameBatch(frames=frames, freq=freq, receiver=self.number, records=records))

    def _judge(self, judged: ReceiverJudged) -> None:
        """Report the faults of the receiver; an unusable one degrades the module."""
        self._tally.judged(judged.findings)
        self.ctx.publish(judged)
        if judged.useless:
            self.ctx.warn(RECEIVER, f"{'; '.join(judged.findings)}: use another driver, firmware or radio")
        else:
            self.ctx.clear(RECEIVER)

    def _notice(self, body: Body) -> None:
        """Publish the driver's other observations, in order with the frames."""
        if isinstance(body, ClockStepped):
            self._pass_on(self._hearing.release())
            self._hearing.clock_set(body.delta)
            self._tell_step(body)
            return
        if isinstance(body, CaptureBegun):
            self._pass_on(self._hearing.begin())
        if isinstance(body, ProbingChanged):
            warn_of_probing(self.ctx, body)
        self.ctx.publish(body)

    def _tell_step(self, step: ClockStepped) -> None:
        """Publish a step of the clock, unless another receiver has told the same one."""
        if not self._source.live or not is_told_already(self.ctx.bus, step, self.ctx.name):
            self.ctx.publish(step)

    def _let_go(self) -> None:
        """Publish frames that were held back for long enough."""
        self._letting_go = None
        self._pass_on(self._hearing.release())

    def _end(self, reason: str) -> None:
        """Publish the remaining frames, and that listening has ended, and a pause with it."""
        if self._letting_go is not None:
            self._letting_go.cancel()
            self._letting_go = None
        self._pass_on(self._hearing.release())
        if self._paused:  # the next run takes frames in from its start
            self._pause(paused=False)
        self._tally.closed(reason)

    def _has_room(self) -> bool:
        """Return whether the next frames should leave the kernel: people go first, and what waits there is bounded."""
        return people().left() <= 0.0 and self._pace.has_room()

    async def _catch_up(self) -> None:
        """Let the listeners take the frames of a file that is read as fast as possible."""
        await caught_up(self.ctx.bus, FrameBatch, self._clock)


class SecondSniffer(Sniffer):
    """Owns a second radio, beside that of the sniffer; they share the channels.

    Its settings are those of the sniffer. Where the sources leave it open which radio, it gets one that the first does
    not use: by default a further one in monitor mode, else one to scan with.
    """

    critical = False
    number = 1


def _problems(settings: SnifferSettings, name: str) -> Iterator[tuple[str, str]]:
    for path, problem in SOURCES.load(name).check(getattr(settings, name, None)):
        yield f"{name}.{path}", problem
