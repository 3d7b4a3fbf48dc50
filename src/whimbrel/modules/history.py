"""History: stores findings in a file, so that they are still known in a week."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar, TypeVar

from whimbrel import __version__
from whimbrel.bus import Closed, Lagged
from whimbrel.events.alerts import (
    Alert,
    AlertAcknowledged,
    AlertClosed,
    AlertUpdated,
    NetworksGuarded,
    ReportAlerts,
)
from whimbrel.events.base import Event
from whimbrel.events.device import SOURCE, AirSnapshot, LastSnapshot, TimeJudged
from whimbrel.events.history import AlertKeeping, HistoryErased, HistoryWritten, PastKnown, SinceLastTime
from whimbrel.events.incidents import AlertsStanding, IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.position import ZonesDrawn
from whimbrel.events.radio import ClockStepped, RadioClosed, RadioOpened, RadioReport
from whimbrel.history import answers
from whimbrel.history.alerts import AlertRows
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.entries import NEEDED, Entry, step
from whimbrel.history.past import past_of
from whimbrel.history.places import PlaceKeeper
from whimbrel.history.queries import Reader
from whimbrel.history.sessions import Session
from whimbrel.history.settings import HistorySettings
from whimbrel.history.since import LastTime, last_time, since, take_air
from whimbrel.history.store import Limits, Store, StoreError, Unusable
from whimbrel.history.writer import HistoryWriter, Told
from whimbrel.module import Context, Module, NotReady, Stage, VerbError
from whimbrel.receivers import radios
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.system.losses import BusLosses, KernelLosses
from whimbrel.verbs.alerts import EVIDENCE
from whimbrel.verbs.history import ERASE, HISTORY, Erased, History
from whimbrel.watching import state_file

T = TypeVar("T")

_NAME = "history.db"
_SCREEN = "whimbrel.screens.since_last_time:since_page"
_HANDOVER = 2
"""Version of the state for the next run: the number of the session, and of the last sighting."""
_SAMPLE = 10.0
"""The most seconds of waiting for a sample of the survey; without a watcher, none comes."""
_PAST = 3600.0
"""Seconds between two summaries for the detections."""
_SLICE = 8
"""Alerts, or events about them, at a time before other modules can run."""
_RESTORED = 128
"""Alerts that are handed to the watcher: as many as that remembers."""
_END = 4.0
"""The most seconds for writing the last entries: less than `daemon.stop_timeout`."""
_CARD, _DAMAGED, _NOT_KEPT, _CROWD = "card", "damaged", "not-kept", "crowd"


class HistoryKeeper(Module[HistorySettings]):
    """Puts alerts, access points, channels and times of listening into a file. Answers the verbs ``history`` and
    ``erase``."""

    Settings = HistorySettings
    stage: ClassVar[Stage] = Stage.SINK

    def __init__(self, ctx: Context[HistorySettings]) -> None:
        super().__init__(ctx)
        settings = self.settings
        self.file = state_file.default_path(_NAME) if settings.file is None else settings.file
        self._store = Store(self.file, Limits(settings.keep, settings.size, settings.sightings))
        self._writer = HistoryWriter(self._store, settings.backlog, self._tell)
        self._places = PlaceKeeper(ctx, self._writer, self.file, settings.sightings)
        self._kernel = KernelLosses()
        self._bus = BusLosses()
        self._not_kept = 0
        self._alerts: AlertRows
        self._session: Session
        self._collector: Collector
        self._last: LastTime | None = None
        self._began = self._offset = 0.0  # on the loop's clock; what the system's clock was ahead of it then
        self._steps = self._files = 0
        self._guarded: tuple[bytes, ...] = ()
        self._past_wanted = asyncio.Event()

    @classmethod
    def check(cls, settings: HistorySettings) -> Iterable[tuple[str, str]]:
        """Yield the folder that cannot be written."""
        if settings.file is not None and settings.file.is_dir():
            yield "file", f"{settings.file} is a folder: name a file in it"

    @classmethod
    def claims(cls, settings: HistorySettings) -> Iterable[tuple[str, str]]:
        """Yield the file: two histories would mix their days."""
        if settings.file is not None:
            yield "file", f"file {settings.file}"

    async def run(self) -> None:
        """Keep findings until stopped. Raises `NotReady` if the file cannot be opened, or is another one."""
        ctx = self.ctx
        # Before any waiting: the watcher starts next, and raises alerts once it knows the keeper of alerts.
        ctx.publish(AlertKeeping(state="opening"))
        ctx.open_door()
        events = ctx.subscribe(
            Alert, AlertUpdated, AlertClosed, AlertAcknowledged, AlertsStanding, IncidentOpened, IncidentChanged,
            IncidentClosed, NetworksGuarded, ZonesDrawn, ClockStepped, TimeJudged, RadioOpened, RadioClosed,
            LastSnapshot, HistoryWritten, own=True,
        )  # fmt: skip
        self._writer.start()
        beside: list[asyncio.Task[None]] = []
        try:
            await self._open()
            ctx.serve(HISTORY, self._answer)
            ctx.serve(ERASE, self._erase)
            ctx.offer_screen("Since last time", _SCREEN, MenuPlace(Section.LOOK, 42), shows=[SinceLastTime])
            ctx.ready()
            beside = [asyncio.create_task(part) for part in (self._sample(), self._tell_past())]
            while True:
                for number, event in enumerate(await events.read_all(), 1):
                    await self._take(event)
                    if number % _SLICE == 0:  # a person may acknowledge all alerts at once
                        await asyncio.sleep(0)
        except Closed:
            pass
        finally:
            for task in beside:
                task.cancel()
            if beside:
                await asyncio.wait(beside)
                await self._finish()
            ctx.publish(AlertKeeping(state="closed"))
            if not await asyncio.to_thread(self._writer.end, _END):
                ctx.warn(_CARD, f"the last entries are not on the card: {self.file} takes longer than {_END:g} s")

    def dead(self) -> str | None:
        """Report that the writer ended while the module runs."""
        running = self.ctx.is_ready.is_set() and not self.ctx.stopping.is_set()
        return "the thread that writes the history has ended" if running and not self._writer.alive else None

    async def _open(self) -> None:
        """Open the file, and publish its knowledge. Raises `NotReady`."""
        ctx = self.ctx
        try:
            await self._in_thread(Store.open)
            before: tuple[int, int] | None = ctx.handover.take(_HANDOVER)
            number, upto = (await self._in_thread(Store.session), 0) if before is None else before
        except (StoreError, Unusable) as error:
            raise NotReady(str(error)) from error
        self._files = self._store.begun
        states, self._last = await asyncio.to_thread(self._read, number)
        self._session = Session(number, __version__, self.settings.place, ctx.bus.clock())
        self._collector = Collector(number, self._store.known, Keeping(self.settings.stations))
        self._alerts = AlertRows(number, states)
        self._session.radio = radios(ctx.latest_of_each)
        self._began = asyncio.get_running_loop().time()
        self._offset = ctx.bus.clock() - self._began
        if (judged := ctx.latest(TimeJudged)) is not None:
            self._session.judge(known=judged.body.known, set_by=0.0)
        self._writer.put([self._session.entry(0.0)])
        if self._store.damaged:
            ctx.warn(_DAMAGED, self._store.damaged)
        self._places.open(number, upto)
        ctx.publish(since(self._last, self._collector, 0.0, first=True))
        ctx.publish(AlertKeeping(state="open", alerts=tuple(states)))
        # The alerts from the watcher's own file, and those raised before this was open.
        ctx.publish(ReportAlerts())
        for kind in (NetworksGuarded, ZonesDrawn):
            if (latest := ctx.latest(kind)) is not None:
                self._take_of_device(latest)

    def _read(self, number: int) -> tuple[list[Any], LastTime | None]:
        with Reader(self.file) as reader:
            return reader.states(_RESTORED), last_time(reader, number)

    async def _take(self, event: Event | Lagged) -> None:
        if isinstance(event, Lagged):
            self.ctx.publish(ReportAlerts())
            return
        body = event.body
        if isinstance(body, (Alert, AlertUpdated, AlertClosed)):
            entry = self._alerts.take(body)
            if isinstance(body, Alert):
                whom = body.sender, body.receiver, body.bssid
                self._writer.call(lambda _store: self._collector.alerted(*whom))
            if entry is not None:
                # A new alert is written at once, an old one together with the next entries.
                raised = isinstance(body, Alert) or self._alerts.became_worse
                self._writer.put([entry] if raised else [entry._replace(matters=NEEDED)], event.seq)
        elif isinstance(body, (IncidentOpened, IncidentChanged, IncidentClosed)):
            entry = self._alerts.take_incident(body)
            if entry is not None:  # with its alert, or with the next entries
                self._writer.put([entry._replace(matters=NEEDED)], event.seq)
        elif isinstance(body, AlertAcknowledged):
            self._writer.put(self._alerts.acknowledge(body.id), event.seq, flush=True)
        elif isinstance(body, AlertsStanding):
            await self._take_standing(event)
        elif isinstance(body, HistoryWritten):
            self._hear_writer(body)
        elif isinstance(body, LastSnapshot):
            await self._take_air(body, event.seq)
        else:
            self._take_of_device(event)

    async def _take_standing(self, event: Event) -> None:
        found = []
        for number, state in enumerate(event.body.alerts, 1):
            found += self._alerts.take_state(state)
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        self._writer.put(found, event.seq, flush=True)

    def _take_of_device(self, event: Event) -> None:
        body = event.body
        if isinstance(body, NetworksGuarded):
            self._guard(body)
        elif isinstance(body, ZonesDrawn):
            self._places.draw(body.zones)
        elif isinstance(body, RadioOpened):
            self._session.radio = radios(self.ctx.latest_of_each)
            self._writer.put([self._session.entry(self._collector.now)])
        elif isinstance(body, RadioClosed):
            self._kernel.closed(event)
        elif isinstance(body, TimeJudged):
            now = self.ctx.bus.clock() - asyncio.get_running_loop().time()
            moved = self._session.moved if body.by == SOURCE else now - self._offset
            if not (self._session.radio or self._collector.now):
                # Before the first radio nobody tells a step of the clock, and nothing has been stamped.
                self._session.shift(moved - self._session.moved)
            self._session.judge(known=body.known, set_by=moved)
            self._writer.put([self._session.entry(0.0)])
        elif isinstance(body, ClockStepped):
            self._steps += 1
            delta = body.delta
            self._session.shift(delta)
            self._alerts.shift(delta)
            self._places.begin_anew()
            # The session behind it: its row says whether the clock is known.
            self._writer.put([step(self._steps, self._session.id, delta), self._session.entry(0.0)])
            self._writer.call(lambda _store: self._collector.shift(delta))

    def _guard(self, body: NetworksGuarded) -> None:
        self._guarded = body.ssids
        self._places.guard(body)
        keeping = Keeping(self.settings.stations, frozenset(body.bssids), frozenset(body.ssids))

        def change(_store: Store) -> None:
            self._collector.keeping = keeping

        self._writer.call(change)
        self._past_wanted.set()

    async def _tell_past(self) -> None:
        """Publish the summary for detections, when the guarded networks change and now and then."""

        def read() -> PastKnown:
            with Reader(self.file) as reader:
                return past_of(reader, self._guarded)

        while True:
            self._past_wanted.clear()
            with contextlib.suppress(OSError, answers.SQLITE_ERROR):  # the writer reports the problem
                self.ctx.publish(await asyncio.to_thread(read))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAST):
                    await self._past_wanted.wait()

    async def _sample(self) -> None:
        """Read the survey now and then."""
        while True:
            await asyncio.sleep(self.settings.commit)
            event = await self.ctx.next(AirSnapshot, _SAMPLE)  # now and then, because it costs the watcher time
            if event is not None:
                await self._take_air(event.body)

    async def _take_air(self, air: AirSnapshot, mark: int = 0) -> None:
        collector, session = self._collector, self._session
        wall = self.ctx.bus.clock()
        listened = asyncio.get_running_loop().time() - self._began
        try:
            found, known, told = await self._in_thread(lambda _: take_air(collector, air, wall, self._last, listened))
        except StoreError:  # the next sample has it all
            self._writer.put((), flush=True)
            return
        found += await self._evidence()
        found += await self._places.sample(known)
        # Where anything is written, the session is too: what it counts is not lost with the power.
        if found or mark or session.is_due(collector.now):
            found.append(self._counted())
        self._writer.put(found, mark, flush=True, now=collector.now if session.clock else 0.0)
        if collector.left_out:
            self.ctx.warn(_CROWD, f"{collector.left_out} access points were not kept: too many new ones in an hour")
        if told is not None:
            self.ctx.publish(told)

    def _counted(self) -> Entry:
        """Return the row of the session, with its counts as they are now."""
        session, collector = self._session, self._collector
        session.kernel_lost = self._kernel.total(self.ctx.latest_of_each(RadioReport))
        session.bus_lost = self._bus.total(self.ctx.bus.subscriptions())
        session.frames, session.not_kept = collector.frames, self._not_kept + collector.left_out
        return session.entry(collector.now)

    async def _evidence(self) -> list[Any]:
        """Return the frames of the alerts that were raised or ended since the last time, as the watcher has them."""
        found: list[Any] = []
        ask = self.ctx.verbs.find(EVIDENCE.name)
        if not self.settings.evidence or ask is None:
            return found
        for number in self._alerts.unfetched():
            try:
                answer = await ask({"alert": number})
            except VerbError:  # not remembered any more
                continue
            found += self._alerts.frames(answer, self.settings.evidence)
        return found

    async def _finish(self) -> None:
        """Write the pending entries."""
        collector, session = self._collector, self._session
        with contextlib.suppress(StoreError):
            late = await self._in_thread(lambda _store: collector.finish())
            self._writer.put([*late, *self._places.finish(), self._counted()])
        if self.ctx.replaced:
            self.ctx.handover.leave(_HANDOVER, (session.id, self._places.upto))

    def _hear_writer(self, body: HistoryWritten) -> None:
        """Report the problem of the card, and the losses. Raises NotReady where the file is another history."""
        ctx = self.ctx
        if body.replaced:
            raise NotReady(f"{self.file} is another history than before, as on another card: it is opened now")
        self._not_kept = body.not_kept
        if body.problem:
            ctx.warn(_CARD, f"nothing is written now: {body.problem}; new entries wait, and writing is tried again")
        else:
            ctx.clear(_CARD)
        if body.not_kept:
            ctx.warn(_NOT_KEPT, f"{body.not_kept} entries of the history are lost, because the card did not take them")
        if body.damaged:
            ctx.warn(_DAMAGED, body.damaged)
        if body.begun > self._files:
            self._files = body.begun
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Put all that is remembered into another file: the one before is gone, or was set aside."""
        self._alerts = AlertRows(self._session.id, ())
        self._places.begin_anew()
        self._writer.call(lambda _store: self._collector.begin_anew())
        self._writer.put([self._session.entry(self._collector.now)], flush=True)
        self.ctx.publish(ReportAlerts())

    def _tell(self, told: Told) -> None:
        """Note the results of the thread; called in the thread."""
        said = told._asdict()
        self.ctx.post(HistoryWritten(**{name: said[name] for name in HistoryWritten.fields}))

    async def _answer(self, request: dict[str, Any]) -> History:
        wish = answers.wish_of(request)
        return await _of_file(asyncio.to_thread(answers.answer, self.file, wish))

    async def _erase(self, request: dict[str, Any]) -> Erased:
        """Erase from the file, and from the pending entries."""
        wish = answers.erasing(request)
        collector = self._collector

        def erase(store: Store) -> tuple[int, set[int]]:
            rows = store.erase(wish)
            collector.forget(wish.device, wish.ssid)
            return rows, store.alerts()

        rows, left = await _of_file(asyncio.wrap_future(self._writer.call(erase, behind_all=True)))
        gone = self._alerts.forget_but(left)
        self._places.forget(wish)
        self.ctx.publish(HistoryErased(rows=rows, alerts=gone, **wish._asdict()))
        self._writer.put([self._session.entry(collector.now)])
        if wish.everything:
            self._last = None
        return Erased(rows=rows, file=str(self.file))

    async def _in_thread(self, job: Callable[[Store], T]) -> T:
        return await asyncio.wrap_future(self._writer.call(job))


async def _of_file(answer: Awaitable[T]) -> T:
    """Return the result of `answer`. Raises `VerbError` if the file fails."""
    try:
        return await answer
    except (StoreError, OSError, answers.SQLITE_ERROR) as error:
        raise VerbError(f"the history cannot be read now: {error}") from error
