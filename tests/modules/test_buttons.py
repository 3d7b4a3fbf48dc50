from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.lab.fresh import fresh

from whimbrel.config import check, loads
from whimbrel.drivers.keypad.none import NoKeypad
from whimbrel.drivers.keypad.settings import SimKeypadSettings
from whimbrel.drivers.ports import Edge
from whimbrel.drivers.registry import KEYPADS
from whimbrel.events.base import Event
from whimbrel.events.encode import encode
from whimbrel.events.keys import KeyEdge, KeyTrouble, Press
from whimbrel.module import NotReady, VerbError
from whimbrel.modules.buttons import Buttons, ButtonsSettings
from whimbrel.settings import Duration
from whimbrel.settings.problems import ConfigError
from whimbrel.testing import PATIENCE, Lab, run_module

gpiozero = pytest.importorskip("gpiozero")


class Fingers(NoKeypad):
    """A keypad controlled by the test."""

    edge: Edge
    down_at_opening: Sequence[str] = ()

    def __init__(self) -> None:
        super().__init__()
        self.running = asyncio.Event()
        self.ends: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed = 0

    def held(self) -> tuple[str, ...]:
        return tuple(self.down_at_opening)

    async def run(self, edge: Edge) -> None:
        self.edge = edge
        self.running.set()
        await self.ends

    async def close(self) -> None:
        self.closed += 1

    def press(self, key: str, down: bool) -> None:
        self.edge(key, down, time.monotonic())


@pytest.fixture
async def fingers(monkeypatch: pytest.MonkeyPatch) -> Fingers:
    fingers = Fingers()
    monkeypatch.setattr(KEYPADS, "load", lambda name: lambda settings: fingers)
    return fingers


def settings(**values: Any) -> ButtonsSettings:
    """Return settings with which no press becomes a long one by itself, unless they contain a time for it."""
    return ButtonsSettings(**{"long": Duration(PATIENCE), "repeat": Duration(0.03)} | values)


async def step(lab: Lab, key: str, gesture: str) -> Press:
    return await lab.event(Press, lambda press: (press.key, press.gesture) == (key, gesture))


def gestures(events: Sequence[Event]) -> list[tuple[str, str, int]]:
    return [(e.body.key, e.body.gesture, e.body.gesture_id) for e in events if isinstance(e.body, Press)]


async def ask(lab: Lab, **request: object) -> Any:
    verb = lab.ctx.verbs.find("press")
    assert verb is not None
    return encode(await verb(dict(request)))


async def test_a_short_press(fingers: Fingers) -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        await fingers.running.wait()
        fingers.press("ok", True)
        await step(lab, "ok", "press")
        fingers.press("ok", False)
        await step(lab, "ok", "release")
        events = await lab.finish()
    assert gestures(events) == [("ok", "press", 1), ("ok", "short", 1), ("ok", "release", 1)]
    assert [(e.body.key, e.body.down) for e in events if isinstance(e.body, KeyEdge)] == [("ok", True), ("ok", False)]
    assert fingers.closed == 1


async def test_long_and_repeats_come_by_the_clock_while_the_key_is_held(fingers: Fingers) -> None:
    async with run_module(Buttons, settings(long=Duration(0.2))) as lab:
        await lab.ready()
        fingers.press("down", True)
        began = time.monotonic()
        assert (await step(lab, "down", "long")).held == pytest.approx(0.2)
        assert time.monotonic() - began >= 0.19
        for _ in range(3):
            await step(lab, "down", "repeat")
        fingers.press("down", False)
        assert (await step(lab, "down", "release")).gesture_id == 1


async def test_edges_from_other_threads(fingers: Fingers) -> None:
    async with run_module(Buttons, settings(debounce=Duration(0.0))) as lab:
        await lab.ready()

        def tap(key: str) -> None:
            for n in range(5):
                fingers.press(key, n % 2 == 0)

        threads = [threading.Thread(target=tap, args=(key,)) for key in ("up", "left")]
        for thread in threads:
            thread.start()
        for key in ("up", "left"):
            fingers.press(key, False)
        for thread in threads:
            await asyncio.to_thread(thread.join)
        events = await lab.finish()
    told = gestures(events)
    for key in ("up", "left"):
        mine = [gesture for name, gesture, _ in told if name == key]
        assert mine
        assert mine == ["press", "short", "release"] * (len(mine) // 3)


async def test_a_release_seen_in_time_but_read_late_is_short(fingers: Fingers, monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        fingers.press("ok", True)
        await step(lab, "ok", "press")
        fingers.press("ok", False)
        # A module has held the loop until after the time at which it would have been a long one.
        loop = asyncio.get_running_loop()
        held, clock = PATIENCE + 1, loop.time
        monkeypatch.setattr(loop, "time", lambda: clock() + held)
        await step(lab, "ok", "release")
        events = await lab.finish()
    assert [gesture for _, gesture, _ in gestures(events)] == ["press", "short", "release"]


async def test_the_newest_edge_survives_a_full_door(fingers: Fingers, monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_module(Buttons, settings(debounce=Duration(0.0))) as lab:
        await lab.ready()
        lab.ctx.open_door().capacity = 4
        for n in range(20):
            fingers.press("ok", n % 2 == 0)
        await step(lab, "ok", "release")
        events = await lab.finish()
    assert lab.ctx.open_door().dropped == 16
    assert [gesture for _, gesture, _ in gestures(events)] == ["press", "short", "release"] * 2


async def test_edges_of_other_modules_count_too(fingers: Fingers) -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        lab.publish(KeyEdge(key="menu", down=True, at=time.monotonic() + 1e6))
        await step(lab, "menu", "press")
        lab.publish(KeyEdge(key="menu", down=False, at=float("nan")))
        lab.publish(KeyEdge(key="eject", down=True, at=0.0))
        await step(lab, "menu", "release")
        fingers.press("ok", True)
        await step(lab, "ok", "press")


async def test_a_stuck_key_is_reported_and_warned_of_until_it_is_let_go(fingers: Fingers) -> None:
    async with run_module(Buttons, settings(long=Duration(0.1), stuck=Duration(0.2))) as lab:
        await lab.ready()
        fingers.press("ok", True)
        trouble = await lab.event(KeyTrouble)
        assert (trouble.key, trouble.problem) == ("ok", "stuck")
        assert trouble.seconds == pytest.approx(0.2)
        assert "the key ok is held down" in lab.ctx.warnings["key-ok"]
        with pytest.raises(VerbError, match="ok is stuck"):
            await ask(lab, key="ok")
        fingers.press("ok", False)
        await lab.event(KeyEdge)
        assert await ask(lab, key="up")
        assert "key-ok" not in lab.ctx.warnings


async def test_a_buzzing_line_is_reported(fingers: Fingers) -> None:
    async with run_module(Buttons, settings(debounce=Duration(0.0))) as lab:
        await lab.ready()
        for n in range(100):
            fingers.press("left", n % 2 == 0)
        trouble = await lab.event(KeyTrouble)
        assert (trouble.key, trouble.problem) == ("left", "bouncing")
        assert "changes faster than a finger" in lab.warned["key-left"]


async def test_a_key_that_is_down_at_the_opening_is_not_pressed(fingers: Fingers) -> None:
    fingers.down_at_opening = ["menu"]
    async with run_module(Buttons, settings(stuck=Duration(0.2))) as lab:
        await lab.ready()
        await lab.event(KeyTrouble)
        fingers.press("menu", False)
        await lab.event(KeyEdge)
        events = await lab.finish()
    assert gestures(events) == []


async def test_what_is_held_at_the_end_is_let_go(fingers: Fingers) -> None:
    async with run_module(Buttons, settings(long=Duration(0.2))) as lab:
        await lab.ready()
        fingers.press("ok", True)
        await step(lab, "ok", "long")
        events = await lab.finish()
    assert gestures(events)[-1] == ("ok", "release", 1)


async def test_a_keypad_that_ends_is_said_and_the_control_socket_still_presses(fingers: Fingers) -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        fingers.ends.set_result(None)
        assert (await ask(lab, key="ok"))["gesture"] == "short"
        assert lab.ctx.warnings["closed"].startswith("no keypad: closed")
        await lab.finish()


async def test_a_keypad_that_is_lost_is_opened_again_by_the_supervisor(fingers: Fingers) -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        fingers.ends.set_exception(NotReady("unplugged"))
        with pytest.raises(NotReady, match="unplugged"):
            await lab.event(KeyTrouble)
    assert fingers.closed == 1


async def test_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    script = SimKeypadSettings(script=("down", "10ms", "ok:long"), every=Duration(0.01), hold=Duration(1.5))
    async with run_module(Buttons, settings(driver="sim", sim=script, long=Duration(1.0))) as lab:
        await lab.ready()
        await step(lab, "ok", "release")
        events = await lab.finish()
    assert [told for told in gestures(events) if told[1] != "repeat"] == [
        ("down", "press", 1), ("down", "short", 1), ("down", "release", 1),
        ("ok", "press", 2), ("ok", "long", 2), ("ok", "release", 2),
    ]  # fmt: skip


async def test_the_verb_presses_as_a_finger_does() -> None:
    async with run_module(Buttons, settings(long=Duration(1.0))) as lab:
        await lab.ready()
        short = await ask(lab, key="up")
        long = await ask(lab, key="ok", gesture="long")
        events = await lab.finish()
    assert (short["key"], short["gesture"], short["gesture_id"]) == ("up", "short", 1)
    assert (long["key"], long["gesture"], long["gesture_id"]) == ("ok", "long", 2)
    assert long["held"] >= 1.0
    assert sum(isinstance(event.body, KeyEdge) for event in events) == 4
    assert gestures(events)[-1] == ("ok", "release", 2)


async def test_a_short_press_by_the_verb_is_short_however_long_the_loop_is_held_up() -> None:
    async with run_module(Buttons, settings(long=Duration(0.3))) as lab:
        await lab.ready()
        for held in (False, True):
            pressing = asyncio.create_task(ask(lab, key="ok"))
            if held:
                await step(lab, "ok", "press")
            else:
                await asyncio.sleep(0)
            time.sleep(0.5)  # noqa: ASYNC251  # a module that blocks the loop
            assert (await pressing)["gesture"] == "short"


async def test_a_program_that_presses_as_fast_as_it_can_is_no_bad_contact() -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        answers = [await ask(lab, key="down") for _ in range(40)]
        events = await lab.finish()
    assert [answer["gesture"] for answer in answers] == ["short"] * 40
    assert not [event for event in events if isinstance(event.body, KeyTrouble)]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({}, '"key": expected one of up, down'),
        ({"key": ["up"]}, '"key": expected one of up, down'),
        ({"key": "eject"}, "expected one of the keys up, down"),
        ({"key": "up", "gesture": "double"}, "up:short or up:long"),
        ({"key": "up", "gesture": 2}, "short or long"),
    ],
)
async def test_the_verb_refuses(request_: dict[str, Any], reason: str) -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        with pytest.raises(VerbError, match=reason):
            await ask(lab, **request_)


async def test_the_verb_leaves_a_key_in_hand_alone(fingers: Fingers) -> None:
    async with run_module(Buttons, settings()) as lab:
        await lab.ready()
        fingers.press("ok", True)
        await step(lab, "ok", "press")
        with pytest.raises(VerbError, match="ok is being held"):
            await ask(lab, key="ok")


async def test_the_verb_ends_when_the_module_does(fingers: Fingers) -> None:
    async with run_module(Buttons, settings(long=Duration(5.0), stuck=Duration(9.0))) as lab:
        await lab.ready()
        pressing = asyncio.create_task(ask(lab, key="ok", gesture="long"))
        await step(lab, "ok", "press")
        await lab.finish()
        with pytest.raises(VerbError, match="stopped meanwhile"):
            await pressing


async def test_from_the_edge_of_a_line_to_the_press(monkeypatch: pytest.MonkeyPatch) -> None:
    from gpiozero.pins.mock import MockFactory

    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    configuration = loads("modules: {buttons: {driver: gpio, gpio: {keys: {ok: 4}}}}")
    waits = []
    async with run_module(Buttons, configuration.modules["buttons"]) as lab:
        await lab.ready()
        pin = factory.pin("GPIO4")
        for change, gesture in ((pin.drive_low, "press"), (pin.drive_high, "release")) * 15:
            began: list[float] = []

            def drive(change: Callable[[], None] = change, began: list[float] = began) -> None:
                began.append(time.perf_counter())
                change()

            thread = threading.Thread(target=drive)
            thread.start()
            await step(lab, "ok", gesture)
            waits.append(time.perf_counter() - began[0])
            thread.join()
            await asyncio.sleep(0.05)  # no faster than a finger
    # The machine may be busy: what counts is the quickest, which nothing but a wait of ours could slow.
    assert min(waits) < 0.03


GPIO = """\
modules:
  buttons:
    driver: gpio
    gpio:
      keys:
        up: 17
        down: 22
"""


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        (GPIO.replace("22", "17"), 7, "gpio.keys.down: expected a pin of its own, found 17, which up has"),
        (GPIO.replace("22", "28"), 7, "gpio.keys.down: expected a whole number from 0 to 27, found 28"),
        (GPIO.replace("22", "-1"), 7, "gpio.keys.down: expected a whole number from 0 to 27, found -1"),
        (GPIO.replace("22", "BCM22"), 7, "gpio.keys.down: expected a whole number from 0 to 27, found BCM22"),
        (GPIO.replace("down", "dwon"), 7, "gpio.keys.dwon: expected one of up, down, "),
        (GPIO.partition("      keys")[0].replace("    gpio:\n", ""), 3, "driver: gpio needs keys: set gpio.keys"),
        (GPIO.partition("keys:")[0] + "keys: {}\n", 3, "driver: gpio needs keys: set gpio.keys"),
        (GPIO.replace("gpio\n", "gpoi\n"), 3, "driver: expected one of gpio, keyboard, sim, none, found gpoi"),
        (GPIO + "      pull: sideways\n", 8, "gpio.pull: expected one of up, down, none, found sideways"),
        ("modules:\n  buttons:\n    driver: sim\n    sim:\n      script: [up, ok:no]\n", 5, "sim.script: script[1]: "),
        ("modules:\n  buttons:\n    driver: sim\n    long: 2s\n", 4, "long: expected less than sim.hold, 1s, found 2s"),
        (
            "modules:\n  buttons:\n    driver: keyboard\n    keyboard:\n      hold: 100ms\n",
            5,
            "keyboard.hold: expected more than long, 0.5s, found 0.1s",
        ),
    ],
)  # fmt: skip
def test_mistakes_in_the_settings_are_told_with_their_line(wrong: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        loads(wrong, "file")
    assert [problem.line for problem in error.value.problems] == [line]
    assert f": modules.buttons.{said}" in str(error.value)


def test_what_the_machine_lacks_is_told_with_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from whimbrel.drivers import lines

    monkeypatch.setattr(lines, "problem", lambda chip: f"no permission on /dev/gpiochip{chip or 0}")
    problems = [str(problem) for problem in check(loads(GPIO, "file"))]
    assert problems == ["file:4:5: modules.buttons.gpio.chip: no permission on /dev/gpiochip0"]
    assert check(loads("modules: {buttons: }")) == []


def test_gpiozero_is_not_imported_with_the_module() -> None:
    script = "import sys, whimbrel.modules.buttons\nprint({'gpiozero', 'lgpio', 'termios'} & set(sys.modules))"
    assert fresh(script).stdout == "set()\n"
