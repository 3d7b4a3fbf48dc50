from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wording.quantities import (
    age,
    clock,
    count,
    dbm,
    dbm_range,
    minute,
    moment,
    octets,
    second,
    share,
    short_count,
    span,
    utc_offset,
    wrapped,
    zone,
)


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


@pytest.fixture
def lives_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return a function that sets the zone of this process, as POSIX writes it (west is positive)."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("there", "offset", "name", "said"),
    [
        ("UTC0", 0, "UTC+00:00", "2023-11-14 22:13:20.250"),
        ("IST-5:30", 19_800, "UTC+05:30", "2023-11-15 03:43:20.250"),
        ("NST3:30", -12_600, "UTC-03:30", "2023-11-14 18:43:20.250"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 3600, "UTC+01:00", "2023-11-14 23:13:20.250"),
    ],
)
def test_times_are_local(lives_in: Callable[[str], None], there: str, offset: int, name: str, said: str) -> None:
    lives_in(there)
    at = 1_700_000_000.25
    assert (utc_offset(at), zone(at)) == (offset, name)
    assert [moment(at), second(at), minute(at), clock(at)] == [said, said[:19], said[:16], said[11:19]]


def test_summer_has_another_offset(lives_in: Callable[[str], None]) -> None:
    lives_in("CET-1CEST,M3.5.0,M10.5.0/3")
    assert [zone(1_690_000_000.0), zone(1_700_000_000.0)] == ["UTC+02:00", "UTC+01:00"]


def test_before_the_epoch_the_second_is_the_one_that_runs(lives_in: Callable[[str], None]) -> None:
    lives_in("UTC0")
    assert second(-0.5) == "1969-12-31 23:59:59"
    assert moment(-0.5) == "1969-12-31 23:59:59.500"


@pytest.mark.parametrize("at", [1e30, float("nan"), float("-inf")])
def test_what_no_calendar_has_is_in_no_zone(at: float) -> None:
    assert (utc_offset(at), zone(at), clock(at)) == (0, "UTC+00:00", "--:--:--")
    assert second(at) == minute(at) == moment(at) == f"{at}"


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
