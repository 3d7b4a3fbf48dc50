"""The display: draws screens on the panel, follows keys, and interrupts for alerts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from whimbrel import __version__
from whimbrel.bus import Lagged, Policy, Subscription
from whimbrel.display.acting import act
from whimbrel.display.alert_board import AlertBoard
from whimbrel.display.beside import beside
from whimbrel.display.gathering import Gatherer
from whimbrel.display.led import Led
from whimbrel.display.pace import NEVER, RedrawPace
from whimbrel.display.panel_thread import NOTHING, Beside, PanelThread
from whimbrel.display.picture import finish, glass
from whimbrel.display.rest import Rest, Shift, Sleeper
from whimbrel.display.settings import DisplaySettings
from whimbrel.drivers.ports import is_lasting
from whimbrel.drivers.registry import PANELS
from whimbrel.events.alerts import ReportAlerts
from whimbrel.events.base import Level
from whimbrel.events.device import AirSnapshot, PanelChanged, ReportSignal, ScreenOffered, ScreenReport, SystemReport
from whimbrel.events.interest import OUTCOMES, kinds_where, level_of
from whimbrel.events.keys import KeysExplained, Press
from whimbrel.events.radio import RadioOpened
from whimbrel.events.system import SettingsRefused, SettingsReloaded
from whimbrel.module import Context, Module, NotReady
from whimbrel.tasks import until
from whimbrel.verbs.device import SCREENSHOT, Screenshot

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.display.screenshots import Screenshots
    from whimbrel.display.show import Show
    from whimbrel.drivers.ports import Panel

_RADIO_FIRST = 2.0
"""Seconds that the radio has to open before Pillow, luma and the screens are imported: they cost a Zero as long."""
_OUTCOMES = 1
"""Version of the state for the next run: the commands waiting for an answer."""
_REPORT = 60.0
"""Seconds between two reports of the cost of drawing."""
_LAST_PATIENCE = 2.0
"""Seconds that a stop waits for the panel to go dark."""
_LASTING_PATIENCE = 4.5
"""Seconds that it waits for the last picture of a slow panel: less than `daemon.stop_timeout`."""
_FRESH = 1.0
"""Seconds for which a screenshot waits for figures of now."""
_BLINKS = 8
"""Times that the LED blinks at an alert."""
_ALARMS = kinds_where("alarms", lambda kind: level_of(kind) <= Level.ALERT)


class Display(Module[DisplaySettings]):
    """Draws screens on a panel, which may be missing. Answers the verb screenshot."""

    Settings = DisplaySettings

    def __init__(self, ctx: Context[DisplaySettings]) -> None:
        super().__init__(ctx)
        settings = self.settings
        self._clock = asyncio.get_running_loop().time
        now = self._clock()
        self._sleeper = Sleeper(settings.dim_after, settings.off_after, now)
        self._shift = Shift(settings.shift, now)
        self._offset = (0, 0)
        self._rest = Rest.AWAKE
        self._lit = asyncio.Event()
        self._lit.set()
        self._panel: Panel = PANELS.load(settings.driver)(settings.section("driver"))
        self._size = glass(self._panel)
        self._thread = PanelThread(self._panel, self._post_panel, settings.retry)
        self._show: Show
        self._farewell: Image | None = None  # upright, for a panel that keeps it
        self._air: Subscription | None = None
        self._led: Led | None = None
        self._nudge = asyncio.Event()
        self._screenshots: Screenshots | None = None
        self._pace = RedrawPace(settings.rate, settings.idle_rate, slow=is_lasting(self._panel))
        self._draws = 0
        self._draw_seconds = 0.0
        self._swallowed = 0  # the gesture that woke the panel, or whose screen failed

    @classmethod
    def check(cls, settings: DisplaySettings) -> Iterable[tuple[str, str]]:
        """Yield the obstacles to using the panel or the LED."""
        for path, problem in PANELS.load(settings.driver).check(settings.section("driver")):
            yield f"{settings.driver}.{path}", problem
        if settings.led is not None:
            from whimbrel.drivers.lines import problem as lines_problem

            if found := lines_problem():
                yield "led", found

    @classmethod
    def claims(cls, settings: DisplaySettings) -> Iterable[tuple[str, str]]:
        """Yield the lines of the LED and of the panel."""
        if settings.led is not None:
            yield "led", f"GPIO line {settings.led}"
        for path, taken in PANELS.load(settings.driver).claims(settings.section("driver")):
            yield f"{settings.driver}.{path}", taken

    async def run(self) -> None:
        """Run until asked to stop. A missing panel is searched for again and again; everything else continues."""
        ctx = self.ctx
        ctx.open_door()
        presses = ctx.subscribe(Press)
        heard = ctx.subscribe(*Gatherer.KINDS, PanelChanged, own=True)
        system = ctx.subscribe(SystemReport, policy=Policy.LATEST)
        alarms = ctx.subscribe(_ALARMS, *AlertBoard.KINDS)
        outcomes = ctx.subscribe(OUTCOMES)
        questions = ctx.subscribe(KeysExplained)
        await self._await_radio()
        self._show = await asyncio.to_thread(self._make_show)
        self._catch_up()
        self._thread.start()
        ctx.serve(SCREENSHOT, self._screenshot)
        ctx.ready()
        work = (
            self._take_presses(presses), self._take_events(heard), self._take_events(system), self._take_alarms(alarms),
            self._take_outcomes(outcomes), self._take_questions(questions), self._follow_air(), self._follow_offers(),
            self._light_led(), self._report(), self._redraw(),
        )  # fmt: skip
        try:
            await until(ctx.stopping.wait(), work)
        finally:
            await self._end()

    async def _end(self) -> None:
        self.ctx.handover.leave(_OUTCOMES, self._show.outcomes)
        patience = _LAST_PATIENCE
        if is_lasting(self._panel) and self._farewell is not None:
            patience = _LASTING_PATIENCE
            self._panel.last = finish(self._farewell, self._show.state.rotation, (0, 0), self._panel.mode)
        self._thread.stop()
        await asyncio.to_thread(self._thread.join, patience)
        if self._led is not None:
            await asyncio.to_thread(self._led.close)

    async def _await_radio(self) -> None:
        """Leave the processor to the radio's start."""
        if self.ctx.latest(RadioOpened) is not None:
            return
        opened = self.ctx.subscribe(RadioOpened)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RADIO_FIRST):
                async for _ in opened:
                    break
        opened.close()

    def _make_show(self) -> Show:
        """Import the drawing code, and make the screens; in a thread. Raises `NotReady`."""
        try:
            from whimbrel.display.show import Show
        except ImportError as missing:
            raise NotReady(f"the display needs Pillow ({missing}): apt install python3-pil") from missing
        show = Show(
            self.ctx.screens,
            __version__,
            self.settings.alert_for,
            self.ctx.bus.clock(),
            self.settings.break_in,
            self.ctx.handover.take(_OUTCOMES),
        )
        show.state.brightness = self.settings.brightness
        if is_lasting(self._panel):
            self._farewell = show.farewell(self._size)
        show.draw(self._size)  # loads fonts and pictures, which takes longer than the loop may be held
        return show

    def _catch_up(self) -> None:
        """Read the latest events from before the start of this module."""
        kinds = (*Gatherer.KINDS, AirSnapshot, SystemReport)
        for event in sorted(event for kind in kinds for event in self.ctx.latest_of_each(kind)):
            self._show.gatherer.take(event)
        # A reload of the display's own settings was requested by the previous display, and may be complete by now.
        for kind in (SettingsReloaded, SettingsRefused):
            if (outcome := self.ctx.latest(kind)) is not None:
                self._show.take_outcome(outcome.body)
        self.ctx.publish(ReportAlerts())

    async def _take_events(self, sub: Subscription) -> None:
        async for event in sub:
            if isinstance(event, Lagged):
                continue
            if isinstance(event.body, PanelChanged):
                self._note_panel(event.body)
            else:
                self._show.gatherer.take(event)
                self._touch()

    async def _follow_air(self) -> None:
        """Take snapshots of the air while the panel is lit; while it is off, the watcher need not make any."""
        while True:
            await self._lit.wait()
            self._air = self.ctx.subscribe(AirSnapshot, policy=Policy.LATEST)
            await self._take_events(self._air)
            if self.ctx.stopping.is_set():
                return

    async def _take_presses(self, sub: Subscription) -> None:
        async for event in sub:
            if not isinstance(event, Lagged):
                self._press(event.body)

    def _press(self, step: Press) -> None:
        asleep = self._sleeper.at(self._clock()) is not Rest.AWAKE
        self._sleeper.touch(self._clock())
        if asleep:
            self._swallowed = step.gesture_id
        self._touch(urgent=True)
        if step.gesture_id == self._swallowed:
            return
        self._show.state.now = self.ctx.bus.clock()
        try:
            actions = self._show.press(step)
        except Exception as error:  # noqa: BLE001  # one screen's mistake must not take the others away
            self._give_up("key", error)
            self._swallowed = step.gesture_id
            return
        brightness = self._show.state.brightness
        for action in actions:
            act(action, self._show, self.ctx)
        if self._show.state.brightness != brightness:
            self._dim()

    async def _take_outcomes(self, sub: Subscription) -> None:
        async for event in sub:
            if not isinstance(event, Lagged) and self._show.take_outcome(event.body):
                self._touch(urgent=True)

    async def _take_questions(self, sub: Subscription) -> None:
        async for event in sub:
            if not isinstance(event, Lagged):
                self._show.explain("keys", event.body.text)
                self._touch(urgent=True)

    async def _follow_offers(self) -> None:
        """Keep the newest events of the modules' own screens, as these are added and removed."""
        while not self.ctx.stopping.is_set():
            kinds = {kind for offer in self.ctx.screens() for kind in offer.shows}
            sub = self.ctx.subscribe(ScreenOffered, *kinds, own=True)
            newest = self._show.state.newest
            newest.clear()
            known = filter(None, map(self.ctx.latest, kinds))
            newest.update({type(event.body): event.body for event in known})
            async for event in sub:
                if isinstance(event, Lagged) or isinstance(event.body, ScreenOffered):
                    break
                newest[type(event.body)] = event.body
                self._touch()
            sub.close()

    async def _take_alarms(self, sub: Subscription) -> None:
        async for event in sub:
            if isinstance(event, Lagged):
                self.ctx.publish(ReportAlerts())
                continue
            self._show.state.now = self.ctx.bus.clock()
            if self._show.take_alarm(event):
                self._sleeper.wake(self._clock())
                if self._led is not None:
                    self._led.blink(_BLINKS)
            self._touch(urgent=True)

    async def _light_led(self) -> None:
        if self.settings.led is None:
            return
        led = Led(self.settings.led, active_high=self.settings.led_active == "high")
        while True:
            try:
                await asyncio.to_thread(led.open)
            except NotReady as missing:
                self.ctx.warn("led", str(missing))
                await asyncio.sleep(self.settings.retry)
            else:
                self.ctx.clear("led")
                self._led = led
                return

    def _post_panel(self, problem: str) -> None:
        """Report the panel's state to the loop; called in the panel's thread."""
        self.ctx.post(PanelChanged(panel=self._panel.description, problem=problem))

    def _note_panel(self, body: PanelChanged) -> None:
        self._sleeper.there = not body.problem
        if body.problem:
            self.ctx.warn("panel", body.problem)
            self._nudge.set()
        else:
            self.ctx.clear("panel")
            self._dim()
            self._touch(urgent=True)

    def _touch(self, *, urgent: bool = False) -> None:
        """Request a new picture, at once or when it is due."""
        self._pace.touch(urgent=urgent)
        if urgent or self._rest is not Rest.OFF:
            self._nudge.set()

    async def _redraw(self) -> None:
        while True:
            self._nudge.clear()
            now = self._clock()
            self._turn(now)
            due = NEVER if self._rest is Rest.OFF else self._pace.due(moving=self._show.awake)
            if due <= now:
                self._paint(now)
                continue
            due = min(due, self._next_turn(now))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if due == NEVER else due - now):
                    await self._nudge.wait()

    def _next_turn(self, now: float) -> float:
        """Return the time of the next change by itself."""
        times = [self._sleeper.due(now), NEVER if self._rest is Rest.OFF else self._shift.due(now)]
        if (due := self._show.due) is not None:
            times.append(now + max(due - self.ctx.bus.clock(), 0.01))
        return min(times)

    def _turn(self, now: float) -> None:
        """Let time pass, for notices and for the panel's rest."""
        top = self._show.stack.top
        self._show.turn(self.ctx.bus.clock())
        if self._show.stack.top is not top:
            self._pace.touch(urgent=True)
        if (offset := self._shift.at(now)) != self._offset:
            self._offset = offset
            self._pace.touch()
        rest = self._sleeper.seen(now)
        if rest is self._rest:
            return
        self._rest = rest
        if rest is Rest.OFF:
            self._lit.clear()
            if self._air is not None:
                self._air.close()
        elif not self._lit.is_set():
            self._lit.set()
            self._pace.touch(urgent=True)
        self._dim()

    def _dim(self) -> None:
        share = {Rest.AWAKE: 1.0, Rest.DIM: self.settings.dim, Rest.OFF: 0.0}[self._sleeper.at(self._clock())]
        self._thread.dim(share * self._show.state.brightness)

    def _paint(self, now: float) -> None:
        """Draw, and hand the picture to the thread."""
        self._pace.drew(now)
        began = time.perf_counter()
        try:
            image = self._show.draw(self._size)
            self.ctx.clear("want")
        except Exception as error:  # noqa: BLE001  # one screen's mistake must not take the others away
            self._give_up("draw", error)
            return
        for address in self._show.gatherer.follow(self._show.stack.top.follows()):
            self.ctx.publish(ReportSignal(address=address))
        finished = finish(image, self._show.state.rotation, self._offset, self._panel.mode)
        columns, rows = self._thread.room
        text = Beside(columns, tuple(beside(self._show.state, columns, rows))) if columns else NOTHING
        self._thread.put(finished, text)
        self._draws += 1
        self._draw_seconds += time.perf_counter() - began

    def _give_up(self, what: str, error: Exception) -> None:
        """Leave a screen that fails by a mistake of ours; draw one that lacks memory or descriptors later."""
        title = self._show.stack.top.title or type(self._show.stack.top).__name__
        failed = f"the screen {title} failed ({what}): {type(error).__name__}: {error}"
        if wants := isinstance(error, MemoryError | OSError):
            self.ctx.warn("want", failed)
        else:
            self.ctx.warn("screen", f"{failed}; please report it")
        if wants or self._show.give_up():
            self._touch(urgent=not wants)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(_REPORT)
            sent = self._thread.take()
            draws, self._draws = self._draws, 0
            seconds, self._draw_seconds = self._draw_seconds, 0.0
            if draws:
                self.ctx.publish(
                    ScreenReport(
                        frames=sent.frames,
                        skipped=sent.skipped,
                        draw=seconds / draws,
                        send=sent.seconds / sent.frames if sent.frames else 0.0,
                    )
                )

    async def _screenshot(self, request: dict[str, Any]) -> Screenshot:
        """Answer with the present image, upright and unshifted, even while the panel is off. Raises `VerbError`."""
        if self._screenshots is None:
            from whimbrel.display.screenshots import Screenshots

            self._screenshots = Screenshots()
        self._sleeper.ask(self._clock())
        self._nudge.set()
        # None was taken while nobody looked.
        if self._rest is Rest.OFF and (air := await self.ctx.next(AirSnapshot, _FRESH)) is not None:
            self._show.gatherer.take(air)
        self._show.turn(self.ctx.bus.clock())
        taken = await self._screenshots.take(lambda: self._show.draw(self._size), request.get("scale", 1))
        return Screenshot(**taken._asdict())
