from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from whimbrel.cli.progress import ProgressBar


class Screen(io.StringIO):
    def __init__(self, *, terminal: bool = True) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def shown(screen: Screen, times: Iterable[float], share: float | None = 0.5) -> str:
    clock = iter(times)
    bar = ProgressBar("a\nb", screen, lambda: next(clock))
    for _ in times:
        try:
            bar.show(share)
        except StopIteration:
            break
    bar.clear()
    return screen.getvalue()


def test_a_long_file_has_a_bar_that_is_taken_away() -> None:
    written = shown(Screen(), [0.0, 0.5, 1.5, 1.55, 1.7])
    assert written.count("50%") == 2
    assert "a\\nb ███████████████░" in written
    assert written.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("screen", "times", "share"),
    [
        (Screen(), [0.0, 0.5, 0.9], 0.5),
        (Screen(terminal=False), [0.0, 5.0, 9.0], 0.5),
        (Screen(), [0.0, 5.0, 9.0], None),
    ],
)
def test_nothing_is_written_for_a_short_file_into_a_file_or_without_knowledge(
    screen: Screen, times: list[float], share: float | None
) -> None:
    assert shown(screen, times, share) == ""
