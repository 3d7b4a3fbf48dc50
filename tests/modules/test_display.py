from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.display.alerts import acknowledged, closed, raised, updated
from tests.display.panels import FakePanel
from tests.drivers.panel.controllers import mock_pins
from tests.lab.waiting import until

from whimbrel.bus import Lagged
from whimbrel.display import panel_thread
from whimbrel.display.acting import act
from whimbrel.display.settings import DisplaySettings
from whimbrel.drivers.registry import PANELS
from whimbrel.events.alerts import AcknowledgeAlert, AlertState, ReportAlerts, Severity
from whimbrel.events.base import Body, Event, Level
from whimbrel.events.device import AirSnapshot, PanelChanged, PowerWanted, ReportSignal, SignalReported
from whimbrel.events.incidents import AlertsStanding
from whimbrel.events.keys import KeysExplained, Press
from whimbrel.events.radio import RadioBlind, RadioOpened, UnlockChannel
from whimbrel.events.system import (
    CommandRefused,
    ModulesState,
    ModuleStatus,
    ReloadSettings,
    RestartModule,
    SettingsReloaded,
)
from whimbrel.module import Handover, VerbError
from whimbrel.modules.display import Display
from whimbrel.screen_offers import MenuPlace, ScreenOffer
from whimbrel.screens.alert_pages import AlertDetail
from whimbrel.screens.home import Home
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Action, Say, Screen, Set
from whimbrel.screens.state import ScreenState
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.screens.takeover import Takeover
from whimbrel.settings import Duration
from whimbrel.survey.survey import Survey
from whimbrel.testing import PATIENCE, Lab, run_module

EMPTY = AirSnapshot(access_points=(), stations=(), channels=(), totals=Survey().totals())


@pytest.fixture(autouse=True)
def _fake_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = PANELS.drivers["none"].replace(target="tests.display.panels:FakePanel")
    monkeypatch.setitem(PANELS.drivers, "none", fake)
    monkeypatch.setattr(panel_thread, "LOOK", 0.01)


class Device:
    """The module, its panel, and a finger."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.module: Display = lab.module  # type: ignore[assignment]
        self.panel: FakePanel = self.module._panel  # type: ignore[assignment]
        self.gestures = 0

    @property
    def top(self) -> Screen:
        return self.module._show.stack.top

    @property
    def state(self) -> ScreenState:
        return self.module._show.state

    @property
    def wants_air(self) -> bool:
        stats = [sub.stats for sub in self.lab.bus.subscriptions()]
        return any(stat.reader == "display" and "AirSnapshot" in stat.kinds for stat in stats)

    @property
    def shows_the_screen(self) -> bool:
        """Whether the panel has the picture of the present screen."""
        return self.panel.shown[-1:] == [self.module._show.draw(self.panel.size)]

    def press(self, key: str, gesture: str = "short") -> None:
        self.gestures += 1
        for step in ("press", gesture, "release"):
            self.lab.publish(Press(key=key, gesture=step, gesture_id=self.gestures))

    async def until(self, predicate: Callable[[], object]) -> None:
        await until(predicate, ended=self.lab._task.done)


def calm(**changes: Any) -> DisplaySettings:
    """Settings without changes by themselves."""
    still = {"dim_after": Duration(0), "off_after": Duration(0), "shift": Duration(0), "retry": Duration(0.05)}
    return DisplaySettings(driver="none", idle_rate=30, **(still | changes))


@asynccontextmanager
async def device(**changes: Any) -> AsyncIterator[Device]:
    async with run_module(Display, calm(**changes), name="display") as lab:
        lab.publish(RadioOpened(driver="sim", description="simulated air"))
        await lab.ready()
        one = Device(lab)
        one.press("left")
        await one.until(lambda: one.panel.shown and isinstance(one.top, Home))
        yield one
        one.panel.gate.set()


async def ask(one: Device, verb: str, **request: Any) -> Any:
    found = one.lab.ctx.verbs.find(verb)
    assert found is not None
    return await found(request)


class Shown(Screen):
    """A screen with the requests of a test."""

    title = "shown"

    def __init__(self, *actions: Action) -> None:
        self.actions = list(actions)
        self.draws = 0
        self.error: Exception | None = None

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image.Image:
        self.draws += 1
        if self.error is not None:
            raise self.error
        return Image.new("1", size, self.draws % 2)

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        return self.actions if (key, gesture) == ("ok", "short") else []


async def test_a_key_changes_the_picture_at_once() -> None:
    async with device() as one:
        before = one.panel.shown[-1].tobytes()
        one.press("menu")
        await one.until(lambda: one.module._show.stack.depth == 2 and one.shows_the_screen)
        assert one.panel.shown[-1].tobytes() != before


async def test_nothing_is_drawn_where_nothing_has_changed() -> None:
    async with device() as one:
        one.module._show.stack.push(screen := Shown())
        one.press("down")
        await one.until(lambda: screen.draws)
        draws = screen.draws
        for _ in range(100):
            await asyncio.sleep(0)
        assert screen.draws == draws


async def test_many_events_make_one_picture() -> None:
    async with device() as one:
        one.module._show.stack.push(screen := Shown())
        one.press("down")
        await one.until(lambda: screen.draws == 1)
        for _ in range(200):
            one.lab.publish(RadioOpened(driver="sim", description="again"))
        await one.until(lambda: screen.draws == 2)
        assert screen.draws == 2


async def test_a_slow_panel_delays_nobody() -> None:
    async with device() as one:
        one.panel.gate.clear()
        one.press("menu")
        assert await asyncio.to_thread(one.panel.busy.wait, PATIENCE)
        one.module._show.stack.push(screen := Shown())
        for draws in range(1, 6):
            one.press("down")
            await one.until(lambda draws=draws: screen.draws == draws)  # type: ignore[misc]
        assert one.panel.busy.is_set()
        shown = len(one.panel.shown)
        one.panel.gate.set()
        await one.until(lambda: len(one.panel.shown) == shown + 2)
        assert one.panel.shown[-1].tobytes() == Image.new("1", (128, 64), 1).tobytes(), "the newest wins"


async def test_a_missing_panel_is_a_warning_until_it_is_there() -> None:
    async with device() as one:
        one.panel.present = False
        gone = await one.lab.event(PanelChanged, lambda body: bool(body.problem))
        assert gone == PanelChanged(panel="fake panel", problem="it was pulled out")
        await one.until(lambda: one.lab.ctx.warnings == {"panel": "no panel here"})
        assert base64.b64decode((await ask(one, "screenshot")).png).startswith(b"\x89PNG")
        one.press("menu")
        one.panel.present = True
        shown = len(one.panel.shown)
        await one.until(lambda: not one.lab.ctx.warnings and len(one.panel.shown) > shown and one.shows_the_screen)


async def test_without_a_panel_nothing_is_drawn_until_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    async with device() as one:
        clock, passed = one.module._clock, 0.0
        monkeypatch.setattr(one.module, "_clock", lambda: clock() + passed)
        one.panel.present = False
        await one.until(lambda: one.lab.ctx.warnings)
        assert one.wants_air
        passed = 1000.0
        one.lab.publish(RadioOpened(driver="sim", description="it looks at its clock"))
        await one.until(lambda: not one.wants_air)
        await ask(one, "screenshot")
        await one.until(lambda: one.wants_air)
        passed = 2000.0
        one.lab.publish(RadioOpened(driver="sim", description="it looks at its clock"))
        await one.until(lambda: not one.wants_air)
        one.panel.present = True
        await one.until(lambda: one.wants_air and not one.lab.ctx.warnings)
        assert one.panel.level == 1


@pytest.mark.parametrize("there", [True, False])
async def test_a_screenshot_has_figures_of_now_also_while_the_panel_is_dark(
    monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    async with device(dim_after=Duration(1000), off_after=Duration(2000)) as one:
        clock, passed = one.module._clock, 0.0
        monkeypatch.setattr(one.module, "_clock", lambda: clock() + passed)
        one.panel.present = there
        await one.until(lambda: there or one.lab.ctx.warnings)
        passed = 3000.0
        one.lab.publish(RadioOpened(driver="sim", description="it looks at its clock"))
        await one.until(lambda: not one.wants_air)
        asked = asyncio.ensure_future(ask(one, "screenshot"))
        await one.until(lambda: one.wants_air)
        fresh = AirSnapshot(access_points=(), stations=(), channels=(), totals=Survey().totals())
        one.lab.publish(fresh)
        await asked
        assert one.module._show.state.air is fresh
        assert not there or one.panel.level == 0


async def test_dims_goes_off_and_wakes_without_acting(monkeypatch: pytest.MonkeyPatch) -> None:
    async with device(dim_after=Duration(1000), off_after=Duration(2000), dim=0.25) as one:
        clock, passed = one.module._clock, 0.0
        monkeypatch.setattr(one.module, "_clock", lambda: clock() + passed)
        for level in (0.25, 0):
            passed += 1000.0
            one.lab.publish(RadioOpened(driver="sim", description="it looks at its clock"))
            await one.until(lambda level=level: one.panel.level == level)  # type: ignore[misc]
        assert not one.wants_air, "nobody pays for what nobody sees"
        one.module._show.stack.push(screen := Shown())
        draws = screen.draws
        one.lab.publish(RadioOpened(driver="sim", description="again"))
        for _ in range(50):
            await asyncio.sleep(0)
        assert screen.draws == draws
        one.press("back")
        await one.until(lambda: one.panel.level == 1 and screen.draws > draws)
        assert one.top is screen, "the key that woke it did nothing else"
        assert one.wants_air
        one.module._show.stack.pop()
        one.press("menu")
        await one.until(lambda: one.module._show.stack.depth == 2)


async def test_an_alert_wakes_it_and_takes_it_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with device(dim_after=Duration(0), off_after=Duration(1000), alert_for=Duration(500)) as one:
        passed = 0.0
        for where, name in ((one.module, "_clock"), (one.lab.bus, "clock")):
            clock = getattr(where, name)
            monkeypatch.setattr(where, name, lambda clock=clock: clock() + passed)

        def go_on(seconds: float) -> None:
            nonlocal passed
            passed += seconds
            one.lab.publish(RadioOpened(driver="sim", description="it looks at its clocks"))

        go_on(1000.0)
        await one.until(lambda: one.panel.level == 0)
        one.lab.publish(RadioBlind(silent=30.0))
        await one.until(lambda: isinstance(one.top, Takeover) and one.panel.level == 1)
        assert one.state.blind
        go_on(500.0)
        await one.until(lambda: isinstance(one.top, Home))


async def test_only_what_cannot_wait_takes_it_over() -> None:
    class Minor(Body, level=Level.CRITICAL):
        """Not worth it."""

    async with device() as one:
        one.lab.publish(Minor())
        one.press("menu")
        await one.until(lambda: one.module._show.stack.depth == 2)
        assert not isinstance(one.top, Takeover)


async def test_alerts_come_and_go_and_are_seen() -> None:
    async with device(break_in="warning") as one:
        asked = one.lab.bus.subscribe(AcknowledgeAlert, reader="watcher")
        one.lab.publish(raised("7", severity=Severity.NOTICE).body)
        await one.until(lambda: [row.id for row in one.state.alerts] == ["7"])
        assert isinstance(one.top, Home)
        one.lab.publish(updated("7", severity=Severity.WARNING).body)
        await one.until(lambda: isinstance(one.top, Takeover))
        one.press("ok")
        await one.until(lambda: isinstance(one.top, AlertDetail))
        one.press("ok")
        assert (await one.lab.event(AcknowledgeAlert)).id == "7"
        assert len(asked.read_waiting()) == 1
        one.lab.publish(acknowledged("7").body)
        await one.until(lambda: one.state.alerts[0].acknowledged)
        one.lab.publish(closed("7").body)
        await one.until(lambda: not one.state.alerts[0].open)


async def test_what_the_device_told_is_seen_here() -> None:
    async with device() as one:
        one.lab.publish(RadioBlind(silent=30.0))
        await one.until(lambda: isinstance(one.top, Takeover))
        one.press("ok")
        await one.until(lambda: isinstance(one.top, AlertDetail))
        one.press("ok")
        await one.until(lambda: one.state.alerts[0].acknowledged)
        assert isinstance(one.top, Home)


async def test_what_was_raised_before_is_asked_for() -> None:
    async with device() as one:
        await one.lab.event(ReportAlerts)
        assert "alerts" not in one.state.features
        body = raised("3").body
        one.lab.publish(AlertsStanding(alerts=(AlertState(body, open=True, acknowledged=False),), incidents=()))
        await one.until(lambda: [row.id for row in one.state.alerts] == ["3"])
        assert isinstance(one.top, Home), "nothing breaks in"


async def test_alerts_that_were_missed_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with device() as one:
        await one.lab.event(ReportAlerts)
        for number in range(5000):  # more than wait for a listener, before it gets a turn
            one.lab.publish(raised(str(number)).body)
        await one.lab.event(ReportAlerts)


@pytest.fixture
def pins() -> Iterator[Any]:
    yield from mock_pins()


async def test_the_led_blinks_at_an_alert(pins: Any) -> None:
    async with device(led=17) as one:
        await one.until(lambda: one.module._led is not None)
        pin = pins.pin(17)
        pin.clear_states()
        one.lab.publish(RadioBlind(silent=30.0))
        await one.until(lambda: len(pin.states) > 2)
        await one.lab.finish()
    assert pin.function == "input", "let go"


async def test_a_line_that_cannot_be_had_for_the_led_is_a_warning(pins: Any) -> None:
    from gpiozero import OutputDevice

    taken = OutputDevice(17)
    async with device(led=17) as one:
        await one.until(lambda: "GPIO 17" in one.lab.ctx.warnings.get("led", ""))
        taken.close()
        await one.until(lambda: "led" not in one.lab.ctx.warnings)


async def test_screens_give_commands() -> None:
    async with device() as one:
        one.lab.bus.subscribe(UnlockChannel, reader="sniffer")
        one.module._show.stack.push(Shown(Say(UnlockChannel(reason="test")), Set("brightness", 0.5)))
        one.press("ok")
        assert await one.lab.event(UnlockChannel) == UnlockChannel(reason="test")
        await one.until(lambda: one.panel.level == 0.5)
        assert one.state.brightness == 0.5


async def test_the_signal_of_what_is_looked_at_is_asked_for() -> None:
    async with device() as one:
        page = access_point_page(b"\x02\0\x5e\x10\0\x01")
        one.module._show.stack.push(page)
        one.press("down")
        (address,) = page.follows()
        assert (await one.lab.event(ReportSignal)).address == address
        one.lab.publish(SignalReported(address=address, samples=((1000.0, -50), (1002.0, -49))))
        await one.until(lambda: list(one.state.signals[address]) == [(1000.0, -50), (1002.0, -49)])


async def test_a_refusal_is_shown() -> None:
    async with device() as one:
        commands = one.lab.bus.subscribe(RestartModule, reader="daemon")
        one.module._show.stack.push(Shown(Say(RestartModule(module="x"))))
        one.press("ok")
        event = await commands.read()
        assert isinstance(event, Event)
        one.lab.publish(CommandRefused(command="restart-module", text="no module is called x", answers=event.seq + 1))
        one.lab.publish(CommandRefused(command="restart-module", text="no module is called 'x'", answers=event.seq))
        await one.until(lambda: isinstance(one.top, MessageScreen))
        assert one.top.text == "no module is called 'x'"  # type: ignore[attr-defined]


async def test_a_command_that_nobody_takes_is_told() -> None:
    async with device() as one:
        one.module._show.stack.push(Shown(Say(PowerWanted(what="shutdown"))))
        one.press("ok")
        await one.until(lambda: isinstance(one.top, MessageScreen))
        assert one.top.title == "power wanted"
        assert "nothing on this device does that" in one.top.text  # type: ignore[attr-defined]


async def test_the_picture_is_turned() -> None:
    async with device() as one:
        upright = one.panel.shown[-1]
        assert one.state.rotation == 0
        act(Set("rotation", 180.0), one.module._show, one.module.ctx)
        one.press("right", "press")
        one.press("left")
        await one.until(lambda: one.panel.shown[-1] is not upright)
        turned = one.panel.shown[-1].transpose(Image.Transpose.ROTATE_180)
        assert turned.tobytes() == one.module._show.draw(one.panel.size).tobytes()


async def test_the_picture_moves_against_burn_in() -> None:
    async with device(shift=Duration(0.05)) as one:
        await one.until(lambda: len({image.tobytes() for image in one.panel.shown}) >= 4)


@pytest.mark.parametrize("where", ["draw", "key"])
async def test_a_screen_that_fails_costs_only_itself(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with device() as one:
        screen = Shown()
        if where == "draw":
            screen.error = ZeroDivisionError("oops")
        else:
            monkeypatch.setattr(screen, "key", lambda *_: 1 / 0)
        one.module._show.stack.push(screen)
        one.press("ok")
        await one.until(lambda: isinstance(one.top, Home))
        assert f"the screen shown failed ({where}): ZeroDivisionError" in one.lab.ctx.warnings["screen"]
        one.press("menu")
        await one.until(lambda: one.module._show.stack.depth == 2)


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "Too many open files")])
async def test_a_screen_that_lacks_memory_or_descriptors_is_drawn_later(error: Exception) -> None:
    async with device() as one:
        screen = Shown()
        screen.error = error
        one.module._show.stack.push(screen)
        one.press("ok")
        await one.until(lambda: "the screen shown failed (draw)" in one.lab.ctx.warnings.get("want", ""))
        assert one.top is screen
        screen.error = None
        await one.until(lambda: "want" not in one.lab.ctx.warnings)
        assert "screen" not in one.lab.ctx.warnings


async def test_modules_bring_their_own_screens() -> None:
    class Tide(Body):
        height: float

    async with device() as one:
        one.lab.publish(Tide(height=1.0))
        one.lab.ctx.offer_screen("Tides", Shown, shows=[Tide])
        await one.until(lambda: one.state.latest(Tide) == Tide(height=1.0))
        one.lab.publish(Tide(height=2.0))
        await one.until(lambda: one.state.latest(Tide) == Tide(height=2.0))
        one.lab.ctx.offer_entry("record", lambda: MenuEntry(lambda _state: "Record", lambda _state: []))
        with pytest.raises(ValueError, match="Tides"):
            one.lab.ctx.screens.add(ScreenOffer("Tides", Shown, MenuPlace(), (), "somebody else"))
        assert [offer.name for offer in one.lab.ctx.screens()] == ["Tides", "record"]
        one.lab.ctx.release()
        assert not one.lab.ctx.screens()


async def test_screenshot() -> None:
    async with device() as one:
        answer = await ask(one, "screenshot", scale=3)
        assert (answer.width, answer.height) == (128, 64)
        with Image.open(io.BytesIO(base64.b64decode(answer.png))) as image:
            assert image.size == (384, 192)
            small = image.convert("1").resize((128, 64), resample=0)
        assert small.tobytes() == one.module._show.draw(one.panel.size).tobytes()
        for scale in (0, 17, True, "2", None):
            with pytest.raises(VerbError, match="scale"):
                await ask(one, "screenshot", scale=scale)


async def test_what_was_said_before_it_listened_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whimbrel.modules.display._RADIO_FIRST", 0.0)
    async with run_module(Display, calm(), name="display") as lab:
        status = ModuleStatus("gps", "waiting", "no receiver", 0.0, False, 1, 0, ())
        lab.publish(ModulesState(modules=(status,)))
        lab.publish(RadioBlind(silent=30.0))
        lab.publish(EMPTY)
        await lab.ready()
        one = Device(lab)
        assert one.state.trouble == (status,)
        assert one.state.blind
        assert one.state.air == EMPTY


async def test_the_panel_is_dark_after_the_end() -> None:
    async with device() as one:
        await one.lab.finish()
        assert one.panel.log[-1] == "close"


def test_check_finds_what_the_driver_finds(tmp_path: Path) -> None:
    from whimbrel.drivers.panel.settings import PngSettings

    settings = DisplaySettings(driver="png", png=PngSettings(path=tmp_path / "missing" / "x.png"))
    assert [path for path, _ in Display.check(settings)] == ["png.path"]


async def test_what_a_display_has_asked_for_is_told_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    handover = Handover()
    async with run_module(Display, calm(), name="display", handover=handover) as lab:
        lab.publish(RadioOpened(driver="sim", description="simulated air"))
        await lab.ready()
        first = Device(lab)
        first.module._show.stack.push(Shown(Say(ReloadSettings(), within=30.0)))
        commands = lab.bus.subscribe(ReloadSettings, reader="test")
        first.press("ok")
        (asked,) = await commands.read_all()
        assert not isinstance(asked, Lagged)
        await lab.finish()
    async with run_module(Display, calm(), name="display", handover=handover) as lab:
        lab.publish(SettingsReloaded(changed=("display",), answers=asked.seq))
        lab.publish(RadioOpened(driver="sim", description="simulated air"))
        await lab.ready()
        one = Device(lab)
        await one.until(lambda: isinstance(one.top, MessageScreen))
        assert isinstance(one.top, MessageScreen)
        assert "display" in one.top.text


async def test_what_nobody_answers_is_told() -> None:
    async with device() as one:
        one.lab.bus.subscribe(ReloadSettings, reader="test")
        one.module._show.stack.push(Shown(Say(ReloadSettings(), within=0.05)))
        one.press("ok")
        await one.until(lambda: isinstance(one.top, MessageScreen))
        assert isinstance(one.top, MessageScreen)
        assert "no answer" in one.top.text


async def test_what_the_keys_are_is_shown_once_however_often_it_is_asked() -> None:
    async with device() as one:
        for _ in range(3):
            one.lab.publish(KeysExplained(text="arrows move"))
        await one.until(lambda: isinstance(one.top, MessageScreen))
        one.press("down")
        await one.until(lambda: one.module._show.stack.depth == 2)
