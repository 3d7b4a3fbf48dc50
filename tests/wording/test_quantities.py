from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wording.quantities import age, count, dbm, dbm_range, moment, octets, share, short_count, span, wrapped


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3600, "1h"), (86400, "1d"), (9e9, "999d")]
)
def test_age(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (0.25, "250 ms"),
        (0.9999, "1 s"),
        (12.5, "12.5 s"),
        (61, "61 s"),
        (180, "3 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (18_600, "5 h 10 min"),
        (93_784, "1 d 2 h"),
    ],
)
def test_span(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9949, "9.9k"), (9951, "10k"), (45_000, "45k"), (1_234_567, "1.2M")],
)
def test_short_count(number: float, text: str) -> None:
    assert short_count(number) == text


@given(st.floats(0, 999e9))
def test_a_count_has_at_most_five_letters(number: float) -> None:
    assert len(short_count(number)) <= 5


def test_levels() -> None:
    assert [dbm(None), dbm(-48), dbm_range(-70, -48), dbm_range(-48, -48)] == [
        "not told",
        "-48 dBm",
        "-70 to -48 dBm",
        "-48 dBm",
    ]


def test_counts_have_their_noun() -> None:
    assert [count(1, "frame"), count(0, "frame"), count(2, "entry", "entries")] == ["1 frame", "0 frames", "2 entries"]


def test_a_moment_that_no_calendar_has_is_its_number() -> None:
    assert moment(1e30) == "1e+30"
    assert moment(0.5).endswith(":00.500")


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
