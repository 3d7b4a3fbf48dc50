"""gpiozero's devices on our own pins, on a kernel that is played: linux/gpio.h anew, by ctypes, and pipes for lines."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.lab.waiting import block_until

gpiozero = pytest.importorskip("gpiozero")

from whimbrel.drivers import gpiochip, pins  # noqa: E402  # gpiozero may be missing

ZERO_W = 0x9000C1
IN, OUT, RISING, FALLING, UP, DOWN, FLOATING = (1 << bit for bit in (2, 3, 4, 5, 8, 9, 10))


class Attribute(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint32), ("padding", ctypes.c_uint32), ("value", ctypes.c_uint64), ("mask", ctypes.c_uint64),
    )  # fmt: skip


class Config(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64), ("num_attrs", ctypes.c_uint32), ("padding", ctypes.c_uint32 * 5),
        ("attrs", Attribute * 10),
    )  # fmt: skip


class Request(ctypes.Structure):
    _fields_ = (
        ("offsets", ctypes.c_uint32 * 64), ("consumer", ctypes.c_char * 32), ("config", Config),
        ("num_lines", ctypes.c_uint32), ("event_buffer_size", ctypes.c_uint32), ("padding", ctypes.c_uint32 * 5),
        ("fd", ctypes.c_int32),
    )  # fmt: skip


class Values(ctypes.Structure):
    _fields_ = (("bits", ctypes.c_uint64), ("mask", ctypes.c_uint64))


class LineEvent(ctypes.Structure):
    _fields_ = (
        ("timestamp_ns", ctypes.c_uint64), ("id", ctypes.c_uint32), ("offset", ctypes.c_uint32),
        ("seqno", ctypes.c_uint32), ("line_seqno", ctypes.c_uint32), ("padding", ctypes.c_uint32 * 6),
    )  # fmt: skip


def iowr(number: int, kind: type[ctypes.Structure]) -> int:
    return 3 << 30 | ctypes.sizeof(kind) << 16 | 0xB4 << 8 | number


class Kernel:
    """Lines by their offset, as far as a program can see them."""

    def __init__(self) -> None:
        self.flags: dict[int, int] = {}
        self.debounce: dict[int, int] = {}
        self.levels: dict[int, bool] = {}
        self.written: list[tuple[int, bool]] = []
        self.busy: set[int] = set()
        self._writers: dict[int, int] = {}
        self._offsets: dict[int, int] = {}

    def ioctl(self, fd: int, request: int, argument: Any) -> Any:
        if request == iowr(0x07, Request):
            return self._claim(Request.from_buffer(argument))
        offset = self._offsets[fd]
        if request == iowr(0x0D, Config):
            self._configure(offset, Config.from_buffer_copy(argument))
            return argument
        values = Values.from_buffer_copy(argument)
        assert values.mask == 1
        if request == iowr(0x0E, Values):
            values.bits = self.levels.get(offset, bool(self.flags[offset] & UP))
            return bytes(values)
        assert request == iowr(0x0F, Values)
        assert self.flags[offset] & OUT
        self._write(offset, bool(values.bits))
        return argument

    def _claim(self, request: Request) -> int:
        offset = request.offsets[0]
        if offset in self.busy:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        assert (request.num_lines, request.consumer) == (1, b"whimbrel")
        reader, writer = os.pipe()
        self._writers[offset] = writer
        self._offsets[reader] = offset
        self._configure(offset, request.config)
        request.fd = reader
        return 0

    def _configure(self, offset: int, config: Config) -> None:
        attributes = {each.id: each for each in config.attrs[: config.num_attrs]}
        assert all(each.mask == 1 for each in attributes.values())
        assert bool(config.flags & IN) != bool(config.flags & OUT)
        self.flags[offset] = config.flags
        self.debounce[offset] = attributes[3].value if 3 in attributes else 0
        if config.flags & OUT:
            self._write(offset, bool(attributes[2].value))

    def _write(self, offset: int, value: bool) -> None:
        self.levels[offset] = value
        self.written.append((offset, value))

    def change(self, offset: int, level: bool, nanoseconds: int) -> None:
        """Let a line change by itself."""
        self.levels[offset] = level
        if self.flags[offset] & (RISING if level else FALLING):
            event = LineEvent(timestamp_ns=nanoseconds, id=1 if level else 2, offset=offset)
            os.write(self._writers[offset], bytes(event))


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    played = Kernel()
    monkeypatch.setattr(fcntl, "ioctl", played.ioctl)
    return played


@pytest.fixture
def factory(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    opened = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: opened(os.devnull if "gpiochip" in path else path, *rest))
    monkeypatch.setattr(pins.ChipFactory, "_get_revision", lambda self: ZERO_W)
    made = pins.ChipFactory(0)
    yield made
    made.close()
    assert not any(thread.name == "gpio" for thread in threading.enumerate())


def wait(heard: list[Any], number: int) -> None:
    block_until(lambda: len(heard) >= number)


def test_a_key_is_an_input_with_its_resistor_and_both_edges(kernel: Kernel, factory: Any) -> None:
    heard: list[str] = []
    with gpiozero.DigitalInputDevice("GPIO17", pull_up=True, bounce_time=0.002, pin_factory=factory) as key:
        key.when_activated = lambda: heard.append("down")
        key.when_deactivated = lambda: heard.append("up")
        assert kernel.flags[17] == IN | UP | RISING | FALLING
        assert kernel.debounce[17] == 2000
        kernel.change(17, False, 1_000_000_000)
        wait(heard, 1)
        kernel.change(17, True, 1_100_000_000)
        wait(heard, 2)
    assert heard == ["down", "up"]


def test_the_time_of_an_edge_is_the_kernels(kernel: Kernel, factory: Any) -> None:
    heard: list[tuple[float, int]] = []
    pin = factory.pin("GPIO4" if hasattr(factory, "board_info") else 4)

    def listener(ticks: float, state: int) -> None:
        heard.append((ticks, state))

    pin.input_with_pull("down")
    pin.when_changed = listener
    kernel.change(4, True, 1_500_000_000)
    wait(heard, 1)
    assert heard == [(1.5, 1)]
    pin.edges = "falling"
    assert kernel.flags[4] == IN | DOWN | FALLING
    pin.when_changed = None
    assert kernel.flags[4] == IN | DOWN


def test_a_listener_that_fails_ends_nothing(kernel: Kernel, factory: Any) -> None:
    heard: list[int] = []

    def listener(_ticks: float, state: int) -> None:
        heard.append(state)
        raise RuntimeError

    pin = factory.pin("GPIO5" if hasattr(factory, "board_info") else 5)
    pin.input_with_pull("up")
    pin.when_changed = listener
    for number, level in enumerate((False, True, False)):
        kernel.change(5, level, number)
        wait(heard, number + 1)
    assert heard == [0, 1, 0]


def test_an_output_begins_as_it_is_wanted(kernel: Kernel, factory: Any) -> None:
    with gpiozero.OutputDevice("GPIO25", initial_value=True, pin_factory=factory) as line:
        assert kernel.written[-1:] == [(25, True)]
        assert (25, False) not in kernel.written
        line.off()
        assert line.value == 0
        line.on()
    assert kernel.written[-2:] == [(25, False), (25, True)]


def test_a_led_blinks(kernel: Kernel, factory: Any) -> None:
    with gpiozero.LED(16, pin_factory=factory) as led:
        led.blink(0.001, 0.001, n=2, background=False)
    assert [value for offset, value in kernel.written if offset == 16][-4:] == [True, False, True, False]


def test_a_line_that_somebody_has_is_busy(kernel: Kernel, factory: Any) -> None:
    kernel.busy.add(27)
    with pytest.raises(OSError, match="busy"):
        gpiozero.DigitalInputDevice("GPIO27", pull_up=True, pin_factory=factory)


def test_a_line_can_be_had_again(kernel: Kernel, factory: Any) -> None:
    for pull_up, flag in ((True, UP), (False, DOWN)):
        with gpiozero.DigitalInputDevice("GPIO22", pull_up=pull_up, pin_factory=factory):
            assert kernel.flags[22] & flag
    with gpiozero.OutputDevice("GPIO22", pin_factory=factory):
        assert kernel.flags[22] == OUT


def test_what_no_pin_can_be_is_refused(kernel: Kernel, factory: Any) -> None:
    pin = factory.pin("GPIO6" if hasattr(factory, "board_info") else 6)
    with pytest.raises(gpiozero.PinSetInput):
        pin.state = True
    with pytest.raises(gpiozero.PinInvalidPull):
        pin.pull = "sideways"
    with pytest.raises(gpiozero.PinInvalidFunction):
        pin.function = "clock"
    with pytest.raises(gpiozero.PinInvalidBounce):
        pin.bounce = -1
    pin.output_with_state(False)
    with pytest.raises(gpiozero.PinFixedPull):
        pin.pull = "up"
    assert (pin.function, pin.pull, pin.bounce, pin.edges) == ("output", "floating", None, "both")


def test_the_sizes_are_the_kernels() -> None:
    assert (iowr(0x07, Request), iowr(0x0D, Config), iowr(0x0E, Values), iowr(0x0F, Values)) == (
        gpiochip._GET_LINE, gpiochip._SET_CONFIG, gpiochip._GET_VALUES, gpiochip._SET_VALUES,
    )  # fmt: skip
    assert ctypes.sizeof(LineEvent) == gpiochip._EVENT.size == 48
