from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.drivers.pisugar import (
    IP5209_CURVE,
    IP5312_CURVE,
    PiSugar,
    charge_of,
    ip5209_volts,
    ip5312_volts,
    level_of,
)
from whimbrel.module import NotReady

Registers = dict[int, int]


@pytest.mark.parametrize(
    ("registers", "volts"), [((0, 0), 2.6), ((0x6A, 0x13), 3.935), ((0xFF, 0x1F), 4.8), ((0xFF, 0x3F), 2.6003)]
)
def test_volts_as_the_makers_program_computes_them(registers: tuple[int, int], volts: float) -> None:
    assert ip5209_volts(*registers) == pytest.approx(volts, abs=0.002)


@pytest.mark.parametrize(("registers", "volts"), [((0, 0), 2.6), ((0x6A, 0x13), 3.935), ((0x6A, 0xD3), 3.935)])
def test_so_those_of_the_pro(registers: tuple[int, int], volts: float) -> None:
    assert ip5312_volts(*registers) == pytest.approx(volts, abs=0.002)


@given(st.floats(0, 10), st.floats(0, 10), st.sampled_from([IP5209_CURVE, IP5312_CURVE]))
def test_more_volts_are_more_charge(one: float, other: float, curve: tuple[tuple[float, float], ...]) -> None:
    assert 0 <= level_of(one, curve) <= 1
    assert (level_of(one, curve) <= level_of(other, curve)) or one > other


@pytest.mark.parametrize(
    ("volts", "level", "pro"),
    [(3.0, 0.0, 0.0), (3.1, 0.0, 0.0), (3.49, 0.032, 0.256), (3.80, 0.276, 0.77), (4.16, 1.0, 1.0), (5.0, 1.0, 1.0)],
)
def test_points_of_the_curves(volts: float, level: float, pro: float) -> None:
    assert level_of(volts, IP5209_CURVE) == pytest.approx(level, abs=0.001)
    assert level_of(volts, IP5312_CURVE) == pytest.approx(pro)


@pytest.mark.parametrize(
    ("model", "registers", "charge"),
    [
        ("pisugar2", {0xA2: 0x6A, 0xA3: 0x13}, (0.679, None)),
        ("pisugar2pro", {0xD0: 0x6A, 0xD1: 0x13}, (0.896, None)),
        ("pisugar3", {0x22: 0x0E, 0x23: 0x74, 0x02: 0xC0, 0x2A: 62}, (0.62, True)),
        ("pisugar3", {0x22: 0x0E, 0x23: 0x74, 0x02: 0x40, 0x2A: 255}, (1.0, False)),
    ],
)
def test_the_charge_of_each_board(model: str, registers: Registers, charge: tuple[float, bool | None]) -> None:
    level, charging = charge_of(model, registers.__getitem__)
    assert level == pytest.approx(charge[0], abs=0.01)
    assert charging is charge[1]


@pytest.mark.parametrize(
    ("model", "registers"),
    [
        ("pisugar2", {0xA2: 0, 0xA3: 0}),
        ("pisugar2", {0xA2: 0xFF, 0xA3: 0xFF}),
        ("pisugar2pro", {0xD0: 0, 0xD1: 0}),
        ("pisugar2pro", {0xD0: 0xFF, 0xD1: 0xFF}),
        ("pisugar3", {0x22: 0, 0x23: 0, 0x02: 0, 0x2A: 0}),
        ("pisugar3", {0x22: 0xFF, 0x23: 0xFF, 0x02: 0xFF, 0x2A: 0xFF}),
    ],
)
def test_what_is_no_voltage_of_a_cell_is_no_charge(model: str, registers: Registers) -> None:
    with pytest.raises(NotReady, match=f"the {model} says .* which no cell has: is it another board, pisugar"):
        charge_of(model, registers.__getitem__)


def test_a_machine_without_i2c(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("whimbrel.drivers.pisugar.NODE", tmp_path / "i2c-1")
    with pytest.raises(NotReady, match="switch I2C on"):
        PiSugar("pisugar3").read()
