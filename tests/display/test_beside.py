"""The text beside the panel: as much as fits, from the same state as the screens."""

from __future__ import annotations

import re

import pytest
from tools.screenshots import scene

from whimbrel.display.beside import beside
from whimbrel.screens.state import ScreenState
from whimbrel.wording.tables import text_width


def shown(state: ScreenState, columns: int, rows: int) -> list[str]:
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in beside(state, columns, rows)]


@pytest.mark.parametrize("make", [scene.usual, scene.alarmed, scene.hostile, scene.crowded])
@pytest.mark.parametrize(("columns", "rows"), [(30, 18), (64, 18), (200, 50), (30, 3), (5, 2), (1, 1)])
def test_it_fits(make: object, columns: int, rows: int) -> None:
    assert callable(make)
    lines = shown(make(), columns, rows)
    assert len(lines) == rows
    assert all(text_width(line) <= columns for line in lines)
    assert all(line.isprintable() for line in lines)


def test_the_strongest_access_points_and_the_newest_alert() -> None:
    state = scene.alarmed()
    assert state.air is not None
    lines = shown(state, 64, 18)
    assert lines[0] == f"{len(state.air.access_points)} access points, {len(state.air.stations)} stations"
    assert lines[2].split()[:3] == ["Harbour", "House", "6"]
    levels = [int(found[0]) for line in lines[2:-4] if (found := re.findall(r"(-\d+)  ", line))]
    assert levels == sorted(levels, reverse=True)
    assert len(levels) > 3
    assert "Harbour House" in " ".join(lines[-3:])


def test_nothing_before_the_first_snapshot() -> None:
    assert beside(ScreenState(), 40, 18) == []
