from __future__ import annotations

from whimbrel.display.pace import KEY_GAP, NEVER, SLOW, RedrawPace


def test_nothing_new_is_not_drawn() -> None:
    pace = RedrawPace(10, 2)
    assert pace.due(moving=False) < 0, "the first picture at once"
    pace.drew(100)
    assert pace.due(moving=False) == NEVER


def test_figures_wait_and_keys_do_not() -> None:
    pace = RedrawPace(10, 2)
    pace.drew(100)
    pace.touch()
    pace.touch()
    assert pace.due(moving=False) == 100.5
    pace.touch(urgent=True)
    assert pace.due(moving=False) == 100 + KEY_GAP
    pace.drew(101)
    assert pace.due(moving=False) == NEVER


def test_on_a_slow_panel_nothing_moves_and_figures_wait_longer() -> None:
    pace = RedrawPace(10, 2, slow=True)
    pace.drew(100)
    assert pace.due(moving=True) == NEVER
    pace.touch()
    assert pace.due(moving=True) == 100 + SLOW
    pace.touch(urgent=True)
    assert pace.due(moving=True) == 100 + KEY_GAP
    assert RedrawPace(10, 0.05, slow=True).due(moving=False) < 0


def test_what_moves_is_drawn_by_itself() -> None:
    pace = RedrawPace(10, 2)
    pace.drew(100)
    assert pace.due(moving=True) == 100.1
