"""The battery boards PiSugar 2 and 3, read over I2C; nothing is written to them but the number of a register.

Registers rather than the maker's server: that has to be fetched from the maker, runs as root, and may shut the board
down by its own rules. Registers and curve are those of its source (pisugar-power-manager-rs: pisugar3.rs, ip5209.rs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from whimbrel.drivers import nodes
from whimbrel.module import NotReady

BUS = 1
NODE = Path(f"/dev/i2c-{BUS}")
_ADDRESSES = {"pisugar2": 0x75, "pisugar3": 0x57}
_CURVE = (
    (3.1, 0.0), (3.49, 0.032), (3.52, 0.065), (3.66, 0.10), (3.79, 0.255), (3.86, 0.40), (3.92, 0.65), (4.0, 0.80),
    (4.05, 0.95), (4.16, 1.0),
)  # fmt: skip
"""Volts of the cell of a PiSugar 2, and its charge."""
_STEP = 0.26855e-3
"""Volts of one step of the IP5209's converter, whose zero is at 2.6 V."""
_PLUGGED, _CHARGING = 1 << 7, 1 << 6
"""Bits of the PiSugar 3's first control register: external power is there; it may charge."""


class BatteryCharge(NamedTuple):
    """The state of a battery."""

    level: float
    """0 to 1."""
    charging: bool | None
    """Whether external power is there; None if the board does not tell."""


class PiSugar:
    """One board: ``pisugar2`` or ``pisugar3``. Its methods wait for the bus: call them in a thread."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._address = _ADDRESSES[model]

    @staticmethod
    def check() -> Iterable[str]:
        """Yield the obstacles on this machine."""
        if problem := nodes.obstacle(NODE, "i2c"):
            yield problem

    def read(self) -> BatteryCharge:
        """Return the present state. Raises `NotReady` if no such board answers."""
        for problem in self.check():
            raise NotReady(problem)
        try:
            from smbus2 import SMBus
        except ImportError:
            raise NotReady("a PiSugar needs smbus2: apt install python3-smbus2") from None
        try:
            with SMBus(BUS) as bus:
                return self._read(lambda register: _register(bus, self._address, register))
        except OSError as error:
            raise NotReady(
                f"no {self.model} answers at address {self._address:#04x} of {NODE} ({error.strerror or error}): is it "
                "screwed on, so that its pins touch the board, and switched on?"
            ) from error

    def _read(self, register: Callable[[int], int]) -> BatteryCharge:
        if self.model == "pisugar3":
            control = register(0x02)
            return BatteryCharge(min(register(0x2A), 100) / 100, bool(control & _PLUGGED and control & _CHARGING))
        return BatteryCharge(level_of(ip5209_volts(register(0xA2), register(0xA3))), None)


def ip5209_volts(low: int, high: int) -> float:
    """Return the cell's volts from two registers: a number of 14 bits with a sign, counted from 2.6 V.

    The chip subtracts what is negative, as its maker's own program does.
    """
    steps = (high & 0x1F) << 8 | low
    if high & 0x20:
        return 2.6 + (0x2000 - steps) * _STEP
    return 2.6 + steps * _STEP


def level_of(volts: float) -> float:
    """Return the charge, 0 to 1, of a PiSugar 2's cell."""
    for (low, below), (high, above) in pairwise(_CURVE):
        if volts < high:
            return max(below + (above - below) * (volts - low) / (high - low), 0.0)
    return 1.0


def _register(bus: Any, address: int, register: int) -> int:
    value: int = bus.read_byte_data(address, register)
    return value
