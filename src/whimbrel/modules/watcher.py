"""The watcher: passes every frame through the survey, and publishes the findings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.bus import Closed, Lagged
from whimbrel.detections.base import Detection
from whimbrel.detections.engine import WANTING, Detections
from whimbrel.detections.guarded import Guard, GuardedNetwork
from whimbrel.detections.options import Options
from whimbrel.detections.registry import all_detections, settings_class
from whimbrel.detections.several import SeveralReceivers
from whimbrel.events.alerts import Alert, AlertUpdated
from whimbrel.events.base import Body, Event
from whimbrel.events.device import AirSnapshot, LastSnapshot
from whimbrel.events.radio import WAITING, ClockStepped, FrameBatch, ListeningChanged, RadioClosed, RadioOpened
from whimbrel.events.recording import AlertEvidence
from whimbrel.events.thinning import FramesCounted
from whimbrel.module import Context, Module, Stage
from whimbrel.precedence import people
from whimbrel.settings import Duration, Mac, frozen, setting
from whimbrel.survey.snapshots import Snapshots
from whimbrel.survey.survey import Survey, SurveyLimits
from whimbrel.tasks import give_way
from whimbrel.verbs.air import SURVEY, SurveyRows
from whimbrel.watching import guarded_file, survey_answers
from whimbrel.watching.acknowledgements import Acknowledgements
from whimbrel.watching.alert_store import AlertStore
from whimbrel.watching.commands import WatcherCommands
from whimbrel.watching.guarding import Guarding
from whimbrel.watching.ignoring import Ignoring
from whimbrel.watching.keeper import AlertKeeper
from whimbrel.watching.mistakes import because
from whimbrel.watching.placing import AccessPointPlaces, Placing
from whimbrel.watching.verbs import WatcherVerbs
from whimbrel.wifi.frames import Frame

if TYPE_CHECKING:
    from whimbrel.watching.counting import Counting

    DetectionSettings = Options
else:
    DetectionSettings = settings_class()

_SNAPSHOT = 0.5
"""Seconds between two snapshots for screens."""
_SNAPSHOT_SHARE = 0.04
"""Part of the processor's time that may go into them: where there is so much in the air that one takes long, they
are fewer. Other programs that take the processor meanwhile do not count."""
_HOLD = 0.015
"""Seconds after which the watcher yields to other modules: half of the loop's limit, because one more frame can take
long."""


@frozen
class WatcherSettings:
    """How much is remembered of the air, and for how long."""

    access_points: int = setting(
        512, low=1, help="Limit of remembered access points; beyond it, the least recently heard is forgotten."
    )
    stations: int = setting(
        2048, low=1, help="Limit of remembered stations; beyond it, the least recently heard is forgotten."
    )
    forget_access_points: Duration = setting(
        Duration(300.0), low=10, help="Silence after which an access point counts as gone."
    )
    forget_stations: Duration = setting(Duration(600.0), low=10, help="Silence after which a station counts as gone.")
    report: Duration = setting(
        Duration(10.0), low=0, help="How often a summary of the air is sent, in time of the frames; 0s for never."
    )
    backlog: int = setting(
        256,
        low=1,
        help="Batches of up to 64 frames that may wait, 4 MiB at most; beyond that, the oldest are lost and counted.",
    )
    sightings: int = setting(
        4096,
        low=1,
        help="Limit of access points with remembered positions, if the module position knows the device's position.",
    )
    trusted: tuple[Mac, ...] = setting(
        (),
        help="Known stations with permission: as senders they raise no alerts. The address of an access point "
        "still does, because attackers use it.",
    )
    guarded: tuple[GuardedNetwork, ...] = setting(
        (), help="Your own networks: they are watched more closely for imitations and changes."
    )
    learned: Path | None = setting(
        None,
        help="File of the networks that `whimbrel learn` has added to these; null: guarded.yaml in the service's state "
        "directory (/var/lib/whimbrel), or in ~/.local/state/whimbrel.",
    )
    ignored: Path | None = setting(
        None,
        help="File of devices that are no followers (`whimbrel ignore`); null: ignored.txt beside the learned ones.",
    )
    remembered: Path | None = setting(
        None,
        help="File of the alerts, their numbers and acknowledgements, which outlast a restart; null: alerts.json "
        "beside the learned networks; /dev/null for none. Where the module history runs, that keeps the alerts, and "
        "this file their next number alone.",
    )
    detections: DetectionSettings = setting(
        factory=DetectionSettings,
        help="The detections, with a section for each rule; docs/detections.md explains them.",
    )


_WATCH = 2
"""Version of `WatcherState`, and of its contents."""


class WatcherState(NamedTuple):
    """The state that one run of the watcher passes to the next."""

    survey: Survey | None
    """None if the run failed, because it may be the reason."""
    detections: Detections
    """Their alerts and clock continue; the rules themselves restart."""
    seen: dict[str, int]
    """`Acknowledgements.ranks`."""
    now: float
    """Time of the last frame."""
    places: AccessPointPlaces | None
    """The positions of access points."""


class Watcher(Module[WatcherSettings]):
    """Runs the survey and the detections. Answers the verb ``survey`` and those of `WatcherVerbs`."""

    Settings = WatcherSettings
    stage = Stage.WORKER
    critical = True

    def __init__(self, ctx: Context[WatcherSettings]) -> None:
        super().__init__(ctx)
        settings = self.settings
        limits = SurveyLimits(
            access_points=settings.access_points,
            stations=settings.stations,
            forget_access_points=settings.forget_access_points,
            forget_stations=settings.forget_stations,
            report_every=settings.report,
        )
        before: WatcherState | None = ctx.handover.take(_WATCH)
        self.survey = Survey(limits) if before is None or before.survey is None else before.survey
        self.detections = Detections(
            self.survey,
            Guard(settings.guarded, settings.trusted),
            all_detections(),
            vars(settings.detections),
            self._detection_failed,
        )
        self._receivers = SeveralReceivers(self.detections)
        self._before = before
        self._limits = limits
        self._found: Sequence[Body] = () if before is None else self.detections.go_on(before.detections)
        self._seen = Acknowledgements(self.detections.alerts, ctx.publish, None if before is None else before.seen)
        self._store = AlertStore(ctx, self.detections.alerts, self._seen, settings.remembered)
        self._keeper = AlertKeeper(ctx, self.detections, self._seen, self._store, self._detection_of)
        self._guarding = Guarding(
            ctx, self.detections, settings.guarded, settings.trusted, settings.learned, lambda: self._now
        )
        self._verbs = WatcherVerbs(
            ctx,
            self.detections,
            vars(settings.detections),
            self._seen,
            self._keeper,
            self._store,
            self._guarding,
            lambda: self._now,
        )
        self._commands = WatcherCommands(ctx, self.detections, self._seen, self._store, self._guarding)
        self._ignoring = Ignoring(ctx, self.detections, settings.ignored, lambda: self._now)
        self._placing = Placing(ctx, self.detections, settings.sightings, before.places if before else None)
        self._counting: Counting | None = None  # of a source that thins
        self.failures = 0
        """Frames that a mistake in this program kept from being understood."""
        self._now = 0.0  # time of the last frame
        self._finished = False

    @classmethod
    def check(cls, settings: WatcherSettings) -> Iterable[tuple[str, str]]:
        """Yield the problems of the file of learned networks."""
        paths = [settings.learned]
        if settings.learned is None:
            # The check is rarely run by the service itself, which has another state directory.
            usual = dict.fromkeys((guarded_file.default_path(), guarded_file.SERVICE))
            paths = [path for path in usual if os.access(path, os.R_OK)]
        for path in filter(None, paths):
            try:
                guarded_file.read(path)
            except guarded_file.BadFile as error:
                yield "learned", str(error)

    async def run(self) -> None:
        """Watch until the module is asked to end and all waiting events are read."""
        ctx = self.ctx
        batches = ctx.subscribe(
            FrameBatch, FramesCounted, ClockStepped, ListeningChanged, RadioOpened, RadioClosed, *Placing.KINDS,
            capacity=self.settings.backlog, octets=WAITING, paces=True,
        )  # fmt: skip
        commands = ctx.subscribe(*WatcherCommands.KINDS)
        self._receivers.follow(*sorted(ctx.latest_of_each(RadioOpened) + ctx.latest_of_each(RadioClosed)))
        ctx.serve(SURVEY, self._answer)
        await self._guarding.open()
        await self._remember()
        await self._keeper.open()
        self._verbs.open()
        self._placing.open()
        await self._ignoring.open()
        ctx.ready()
        parts = (self._store, self._keeper, self._placing)
        work = [self._make_snapshots(), self._commands.run(commands), *[part.run() for part in parts]]
        beside = [asyncio.create_task(part) for part in work]
        failed = False
        try:
            while True:
                await self._take(await batches.read_all())
        except Closed:
            if not ctx.replaced:
                self._finish()
                await self._tell_the_last()
        except Exception:
            failed = True
            raise
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            if ctx.replaced or failed:
                # After a failure the survey may be broken: the next run starts an empty one.
                survey = None if failed else self.survey
                ctx.handover.leave(
                    _WATCH, WatcherState(survey, self.detections, self._seen.ranks, self._now, self._placing.places)
                )
            else:
                self._finish()
            await self._store.close()

    def _finish(self) -> None:
        """End all alerts. Idempotent."""
        if not self._finished:
            self._finished = True
            self.ctx.publish_all(self.detections.finish(), self._now)

    async def _tell_the_last(self) -> None:
        """Let a history have what its next sample would have had."""
        if not self._keeper.keeps:
            return
        for step in Snapshots(self.survey).steps():
            if step is None:
                await asyncio.sleep(0)
            else:
                # Meanwhile this module answers what the history asks: for evidence, and for positions.
                await self._keeper.hand_over(LastSnapshot(**step.as_dict()))

    async def _remember(self) -> None:
        """Continue the state of the previous run, or else the alerts of an earlier process."""
        before, self._before = self._before, None
        if before is None:
            await self._store.open(self._detection_of)
            return
        self._now = before.now
        lost = () if before.survey is None else before.survey.go_on(self._limits)
        self.ctx.publish_all((*lost, *self._found), self._now)

    def _detection_of(self, rule: str) -> Detection[Any] | None:
        """Return the detection of a rule, even if it is switched off; None if there is none."""
        if found := self.detections.of_rule(rule):
            return found
        cls = next((cls for cls in all_detections() if cls.rule == rule), None)
        return None if cls is None else cls(cls.Settings(), self.detections.air)

    async def _make_snapshots(self) -> None:
        """Publish snapshots now and then, while there is a listener; in slices, so that no other task waits."""
        clock = asyncio.get_running_loop().time
        snapshots = Snapshots(self.survey)
        while True:
            spent = 0.0
            if self.ctx.wanted(AirSnapshot):
                began, paid = clock(), thread_time()
                try:
                    for step in snapshots.steps():
                        if step is not None:
                            self.ctx.publish(step)
                        if clock() - began > _HOLD:
                            spent += thread_time() - paid
                            await give_way()
                            began, paid = clock(), thread_time()
                except Exception as error:  # noqa: BLE001  # a row that cannot be made must not end the watch
                    self.ctx.warn("snapshot", f"nothing new for the screen: {type(error).__name__}: {error}")
                spent += thread_time() - paid
            await asyncio.sleep(max(_SNAPSHOT, spent / _SNAPSHOT_SHARE))

    async def _take_other(self, event: Event) -> None:
        """Process an event other than a batch of frames."""
        body = event.body
        if isinstance(body, RadioOpened | RadioClosed):
            self._receivers.follow(event)
        elif isinstance(body, ClockStepped):
            self.detections.shift(body.delta)
            self._placing.shift(body.delta)
            self._now += body.delta
        elif isinstance(body, FramesCounted):
            await self._take_counts(body)
        elif not isinstance(body, ListeningChanged):
            await self._placing.take(body)
        elif body.paused:  # no frame will trigger the next report: the last state is published now
            self.ctx.publish(self.survey.report(self._now), self._now)

    async def _take_counts(self, counted: FramesCounted) -> None:
        """Process the counts of frames that the kernel has not passed on."""
        if self._counting is None:
            from whimbrel.watching.counting import Counting

            self._counting = Counting(self.ctx, self.detections, self._receivers)
        findings = self._counting.take(counted)
        if findings and self._store.lacks:
            await self._store.publish(partial(self._tell, findings, self._now))
        else:
            self._tell(findings, self._now)

    async def _take(self, events: Sequence[Event | Lagged]) -> None:
        """Process the waiting events; other modules can run if it takes long."""
        await people().wait()
        clock = asyncio.get_running_loop().time
        until = clock() + _HOLD
        for event in events:
            if isinstance(event, Lagged):  # the bus counts and reports losses
                continue
            if not isinstance(event.body, FrameBatch):
                await self._take_other(event)
                continue
            freq, frames = event.body.freq, event.body.frames
            observe = self._receivers.of(event.body.receiver)
            for frame in frames:
                try:
                    findings = observe(frame, freq)
                except Exception as error:  # noqa: BLE001  # one frame must not end the watch; it is counted and shown
                    self._failed(frame, error)
                    continue
                # Known frames are cheap, so the clock is read only after others.
                if findings:
                    if self._store.lacks:
                        await self._store.publish(partial(self._tell, findings, frame.time))
                    else:
                        self._tell(findings, frame.time)
                    if clock() > until:
                        await give_way()
                        until = clock() + _HOLD
            if frames:
                self._now = frames[-1].time
            if clock() > until:  # known frames are cheap, but a whole backlog of them is not
                await give_way()
                until = clock() + _HOLD

    def _tell(self, findings: Iterable[Body], at: float) -> None:
        for finding in findings:
            self.ctx.publish(finding, at)
            if isinstance(finding, Alert | AlertUpdated):
                self._show_evidence(finding, at)

    def _show_evidence(self, alert: Alert | AlertUpdated, at: float) -> None:
        """Publish the evidence of an alert if there is a listener."""
        standing = self.detections.alerts.find(alert.id) if self.ctx.wanted(AlertEvidence) else None
        if standing is not None:
            frames = standing.evidence.frames
            shown = AlertEvidence(id=alert.id, rule=alert.rule, title=alert.title, text=alert.text, frames=frames)
            self.ctx.publish(shown, at)

    def _failed(self, frame: Frame, error: Exception) -> None:
        """Count and show a mistake of ours, with the frame that brought it to light."""
        self.failures += 1
        self.ctx.warn("frame", f"{self.failures} frames were not understood {because(error, frame)}")

    def _detection_failed(self, detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
        """Report a failed detection, which is switched off if the mistake is its own; the others continue."""
        outcome = "has missed something" if isinstance(error, WANTING) else "is switched off"
        self.ctx.warn(detection.rule, f"the detection {detection.rule} {outcome} {because(error, frame)}")

    async def _answer(self, request: dict[str, Any]) -> SurveyRows:
        return await survey_answers.answer(self.survey, self._now, request)
