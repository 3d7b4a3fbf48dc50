"""The battery boards PiSugar 2, 2 Pro and 3, read over I2C; nothing is written to them but the number of a register.

Registers rather than the maker's server: that has to be fetched from the maker, runs as root, and may shut the board
down by its own rules. Registers and curves are those of its source (pisugar-power-manager-rs: pisugar3.rs, ip5209.rs,
ip5312.rs). Whether a PiSugar 2 is charged cannot be read without writing to its chip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from whimbrel.drivers import nodes
from whimbrel.module import NotReady

BUS = 1
NODE = Path(f"/dev/i2c-{BUS}")
_ADDRESSES = {"pisugar2": 0x75, "pisugar2pro": 0x75, "pisugar3": 0x57}
_Curve = Sequence[tuple[float, float]]
IP5209_CURVE: _Curve = (
    (3.1, 0.0), (3.49, 0.032), (3.52, 0.065), (3.66, 0.10), (3.79, 0.255), (3.86, 0.40), (3.92, 0.65), (4.0, 0.80),
    (4.05, 0.95), (4.16, 1.0),
)  # fmt: skip
"""Volts of the cell of a PiSugar 2, and its charge."""
IP5312_CURVE: _Curve = (
    (3.1, 0.0), (3.32, 0.045), (3.49, 0.256), (3.58, 0.49), (3.62, 0.55), (3.70, 0.65), (3.80, 0.77), (3.90, 0.88),
    (4.05, 0.95), (4.16, 1.0),
)  # fmt: skip
"""Those of a PiSugar 2 Pro's."""
_ZERO, _STEP = 2.6, 0.26855e-3
"""Volts at the zero of both chips' converter, and of one of its steps."""
_LOWEST, _HIGHEST = 2.7, 4.6
"""Volts beyond which a number is none of a cell: a board that feeds this one is above, and 0 is what registers hold
that a chip does not have."""
_PLUGGED, _CHARGING = 1 << 7, 1 << 6
"""Bits of the PiSugar 3's first control register: external power is there; it may charge."""
_Read = Callable[[int], int]


class BatteryCharge(NamedTuple):
    """The state of a battery."""

    level: float
    """0 to 1."""
    charging: bool | None
    """Whether external power is there; None if the board does not tell."""


class PiSugar:
    """One board: ``pisugar2``, ``pisugar2pro`` or ``pisugar3``. Its methods wait for the bus: call them in a thread."""

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
                return charge_of(self.model, lambda register: _register(bus, self._address, register))
        except OSError as error:
            raise NotReady(
                f"no {self.model} answers at address {self._address:#04x} of {NODE} ({error.strerror or error}): is it "
                "screwed on, so that its pins touch the board, and switched on?"
            ) from error


def charge_of(model: str, register: _Read) -> BatteryCharge:
    """Return the state by the registers of a board. Raises `NotReady` if they do not hold a cell's voltage."""
    if model == "pisugar3":
        _check(model, (register(0x22) << 8 | register(0x23)) / 1000)
        control = register(0x02)
        return BatteryCharge(min(register(0x2A), 100) / 100, bool(control & _PLUGGED and control & _CHARGING))
    if model == "pisugar2pro":
        return BatteryCharge(level_of(_check(model, ip5312_volts(register(0xD0), register(0xD1))), IP5312_CURVE), None)
    return BatteryCharge(level_of(_check(model, ip5209_volts(register(0xA2), register(0xA3))), IP5209_CURVE), None)


def ip5209_volts(low: int, high: int) -> float:
    """Return the cell's volts from two registers: a number of 14 bits with a sign, counted from 2.6 V.

    The chip subtracts what is negative, as its maker's own program does.
    """
    steps = (high & 0x1F) << 8 | low
    if high & 0x20:
        return _ZERO + (0x2000 - steps) * _STEP
    return _ZERO + steps * _STEP


def ip5312_volts(low: int, high: int) -> float:
    """Return the cell's volts from two registers: a number of 14 bits without a sign, counted from 2.6 V."""
    return _ZERO + ((high & 0x3F) << 8 | low) * _STEP


def level_of(volts: float, curve: _Curve) -> float:
    """Return the charge, 0 to 1, of a cell."""
    for (low, below), (high, above) in pairwise(curve):
        if volts < high:
            return max(below + (above - below) * (volts - low) / (high - low), 0.0)
    return 1.0


def _check(model: str, volts: float) -> float:
    """Return the volts if they can be those of a cell. Raises `NotReady`: a board must not be shut down by others."""
    if _LOWEST <= volts <= _HIGHEST:
        return volts
    others = " or ".join(other for other in _ADDRESSES if other != model)
    raise NotReady(f"the {model} says {volts:.2f} V, which no cell has: is it another board, {others}?")


def _register(bus: Any, address: int, register: int) -> int:
    value: int = bus.read_byte_data(address, register)
    return value
