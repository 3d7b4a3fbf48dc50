"""The GPIO driver on gpiozero's mock pins, which report as the real ones do, but in the thread that drives them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.drivers.keypad.listening import listening

from whimbrel.drivers import lines
from whimbrel.drivers.keypad import gpio
from whimbrel.drivers.keypad.gpio import GpioKeypad
from whimbrel.drivers.keypad.settings import GpioSettings
from whimbrel.module import NotReady
from whimbrel.testing import PATIENCE

gpiozero = pytest.importorskip("gpiozero")
mock = pytest.importorskip("gpiozero.pins.mock")

KEYS: dict[Any, int] = {"up": 17, "down": 22, "ok": 4}


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    factory = mock.MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


def keypad(**settings: Any) -> GpioKeypad:
    return GpioKeypad(GpioSettings(keys=KEYS, **settings))


async def test_edges_of_each_key(board: Any) -> None:
    async with listening(keypad()) as listener:
        began = time.monotonic()
        board.pin(17).drive_low()
        board.pin(4).drive_low()
        board.pin(17).drive_high()
        await listener.wait_for(("up", True), ("ok", True), ("up", False))
        assert all(began <= at <= time.monotonic() for _, _, at in listener.edges)


async def test_from_another_thread(board: Any) -> None:
    async with listening(keypad()) as listener:
        thread = threading.Thread(target=board.pin(22).drive_low)
        thread.start()
        await listener.wait_for(("down", True))
        thread.join()


@pytest.mark.parametrize(
    ("pull", "active", "pressed_high"),
    [("up", "low", False), ("up", "high", True), ("down", "high", True), ("down", "low", False)],
)
async def test_pull_and_active_level(board: Any, pull: str, active: str, pressed_high: bool) -> None:
    pad = keypad(pull=pull, active=active)
    await pad.open()
    pin = board.pin(4)
    assert pin.pull == pull
    inverted = (pull == "up") == pressed_high
    assert ("ok" in pad.held()) == inverted
    await pad.close()
    async with listening(pad) as listener:
        if inverted:
            (pin.drive_low if pressed_high else pin.drive_high)()
            await listener.wait_for(("ok", False))
            listener.edges.clear()
        (pin.drive_high if pressed_high else pin.drive_low)()
        await listener.wait_for(("ok", True))


@pytest.mark.parametrize(("active", "pressed_high"), [("low", False), ("high", True)])
async def test_without_pull(board: Any, active: str, pressed_high: bool) -> None:
    pin = board.pin(4)
    (pin.drive_low if pressed_high else pin.drive_high)()
    async with listening(keypad(pull="none", active=active)) as listener:
        assert pin.pull == "floating"
        (pin.drive_high if pressed_high else pin.drive_low)()
        await listener.wait_for(("ok", True))


async def test_a_key_that_is_down_at_the_opening_is_held_and_not_pressed(board: Any) -> None:
    pad = keypad(pull="none")
    board.pin(17).drive_high()
    board.pin(22).drive_high()
    async with listening(pad) as listener:
        assert set(pad.held()) == {"ok"}
        board.pin(4).drive_high()
        await listener.wait_for(("ok", False))


async def test_a_change_between_opening_and_running_is_reported(board: Any) -> None:
    pad = keypad()
    await pad.open()
    board.pin(4).drive_low()
    seen: list[tuple[str, bool]] = []
    task = asyncio.create_task(pad.run(lambda key, down, _: seen.append((key, down))))
    await asyncio.sleep(0)
    assert seen == [("ok", True)]
    task.cancel()
    await asyncio.wait([task])
    await pad.close()


async def test_the_filter_is_set(board: Any) -> None:
    async with listening(keypad(filter=0.003)):
        assert board.pin(4).bounce == pytest.approx(0.003)
    async with listening(keypad(filter=0.0)):
        assert board.pin(4).bounce is None


async def test_an_error_in_a_callback_does_not_reach_the_thread(board: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_key: str, _down: bool, _at: float) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(gpio, "CHECK", 0.01)
    pad = keypad()
    await pad.open()
    task = asyncio.create_task(pad.run(broken))
    await asyncio.sleep(0)
    board.pin(17).drive_low()  # would raise here, where the caller is gpiozero
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        await asyncio.wait_for(task, PATIENCE)
    await pad.close()


async def test_a_watching_thread_that_has_ended_is_said(board: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpio, "CHECK", 0.01)
    monkeypatch.setattr(lines, "watched", lambda: False)
    pad = keypad()
    monkeypatch.setattr(lines, "_mend_thread", lambda: None)
    await pad.open()
    with pytest.raises(NotReady, match="thread has ended"):
        await asyncio.wait_for(pad.run(lambda *_: None), PATIENCE)
    await pad.close()


async def test_a_line_that_this_process_has_already(board: Any) -> None:
    with gpiozero.LED(22), pytest.raises(NotReady, match=r"^GPIO 22 \(down\) is used twice by Whimbrel"):
        await keypad().open()
    async with listening(keypad()):  # the claims before it was released
        pass


async def test_a_line_that_another_program_has(board: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pin = board.pin

    def claim(name: str) -> Any:
        if name == "GPIO4":
            raise RuntimeError("GPIO busy")  # the text of lgpio.error
        return pin(name)

    monkeypatch.setattr(board, "pin", claim)
    with pytest.raises(NotReady, match=r"^GPIO 4 \(ok\) is unavailable: another program.*gpioinfo") as error:
        await keypad().open()
    assert "\n" not in str(error.value)


async def test_a_line_whose_resistor_is_soldered(board: Any) -> None:
    with pytest.raises(NotReady, match=r"^GPIO 2 \(menu\) is unavailable: .*pull"):
        await GpioKeypad(GpioSettings(keys={"menu": 2}, pull="down")).open()


async def test_cancelled_while_it_opens(board: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    acquire = lines.acquire

    def slow(chip: int | None = None) -> Any:
        go_on.wait(10)
        return acquire(chip)

    monkeypatch.setattr(lines, "acquire", slow)
    pad = keypad()
    opening = asyncio.create_task(pad.open())
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    with gpiozero.LED(17), gpiozero.LED(4):
        pass
    assert lines._Shared.users == 0


def test_it_says_what_it_is() -> None:
    assert keypad().description == "3 keys on GPIO 4, 17, 22"
