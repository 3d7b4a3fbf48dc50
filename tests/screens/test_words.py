from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.screens.words import age, count, octets, share, span, wrapped


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3600, "1h"), (86400, "1d"), (9e9, "999d")]
)
def test_age(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (61, "1m 1s"), (3600, "1h 0m"), (93784, "1d 2h"), (-1, "0s")])
def test_span(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9949, "9.9k"), (9951, "10k"), (45_000, "45k"), (1_234_567, "1.2M")],
)
def test_count(number: float, text: str) -> None:
    assert count(number) == text


@given(st.floats(0, 999e9))
def test_a_count_has_at_most_five_letters(number: float) -> None:
    assert len(count(number)) <= 5


def test_octets_and_shares() -> None:
    assert [octets(812), octets(46_300_000)] == ["812 B", "46 MB"]
    assert [share(None), share(0.234)] == ["-", "23%"]


@given(st.text(st.sampled_from("ab \n漢"), max_size=80), st.integers(1, 12))
def test_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    def measure(line: str) -> int:
        return sum(2 if char == "漢" else 1 for char in line)

    lines = wrapped(text, room, measure)
    assert all(measure(line) <= room or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
