from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.drivers.pisugar import PiSugar, ip5209_volts, level_of
from whimbrel.module import NotReady


@pytest.mark.parametrize(
    ("registers", "volts"), [((0, 0), 2.6), ((0x6A, 0x13), 3.935), ((0xFF, 0x1F), 4.8), ((0xFF, 0x3F), 2.6003)]
)
def test_volts_as_the_makers_program_computes_them(registers: tuple[int, int], volts: float) -> None:
    assert ip5209_volts(*registers) == pytest.approx(volts, abs=0.002)


@given(st.floats(0, 10), st.floats(0, 10))
def test_more_volts_are_more_charge(one: float, other: float) -> None:
    assert 0 <= level_of(one) <= 1
    assert (level_of(one) <= level_of(other)) or one > other


@pytest.mark.parametrize(("volts", "level"), [(3.0, 0.0), (3.1, 0.0), (3.86, 0.40), (4.16, 1.0), (5.0, 1.0)])
def test_points_of_the_curve(volts: float, level: float) -> None:
    assert level_of(volts) == pytest.approx(level)


def test_a_machine_without_i2c(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("whimbrel.drivers.pisugar.NODE", tmp_path / "i2c-1")
    with pytest.raises(NotReady, match="switch I2C on"):
        PiSugar("pisugar3").read()
