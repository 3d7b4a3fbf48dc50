"""Damaged time stamps and set clocks in captures: the findings equal those with a correct clock."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.hearing.attacked_air import attacked_air
from tests.hearing.frames import RECEIVERS
from tests.hearing.test_receiver_faults import Alerts, alerts
from tests.lab.pcap import pcap_header, pcap_record

from whimbrel.cli.commands.replay import read
from whimbrel.cli.findings import Findings

START = 1_700_000_000.0
AIR = [(START + at, RECEIVERS["clean"](frame)) for at, frame in attacked_air()]
LAST = AIR[-1][0] - START


def replayed(folder: Path, stamps: list[tuple[int, int]]) -> Findings:
    path = folder / "air.pcap"
    records = (pcap_record(raw, *stamp) for stamp, (_, raw) in zip(stamps, AIR, strict=True))
    path.write_bytes(pcap_header() + b"".join(records))
    return read(path)


def stamp(at: float) -> tuple[int, int]:
    return divmod(round(at * 1e6), 1_000_000)


RIGHT = [stamp(at) for at, _ in AIR]


def check(found: Findings, clean: Alerts) -> None:
    """The alerts are right, and nothing lasts longer than the air does, or less than no time."""
    assert alerts(found) == clean
    assert 0 <= found.numbers.seconds <= LAST + 1
    assert found.survey.access_points.table.entries
    for ap in found.survey.access_points.table.entries.values():
        assert 0 <= ap.last - ap.first <= LAST + 1
    for station in found.survey.stations.table.entries.values():
        assert 0 <= station.last - station.first <= LAST + 1
    for standing in found.alerts:
        assert 0 <= standing.last - standing.first <= LAST + 1


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Alerts:
    found = replayed(tmp_path_factory.mktemp("clean"), RIGHT)
    check(found, alerts(found))
    return alerts(found)


def negative_microseconds(number: int, seconds: int, microseconds: int) -> tuple[int, int]:
    return (seconds + 1, microseconds - 1_000_000) if number % 10 == 3 else (seconds, microseconds)


def one_in_ten_is_wild(number: int, seconds: int, microseconds: int) -> tuple[int, int]:
    rng = random.Random(number)
    return (rng.randrange(1 << 32), rng.randrange(1 << 32)) if number % 10 == 3 else (seconds, microseconds)


def set_by(step: int) -> Callable[[int, int, int], tuple[int, int]]:
    return lambda number, seconds, microseconds: (seconds + (step if number > 250 else 0), microseconds)


def two_radios(number: int, seconds: int, microseconds: int) -> tuple[int, int]:
    return seconds - (4 if number % 2 else 0), microseconds


@pytest.mark.parametrize(
    "fault",
    [
        negative_microseconds,
        one_in_ten_is_wild,
        set_by(1_699_990_000 - int(START)),
        set_by(-int(START) + 5),
        set_by(-3600),
        set_by(4 * 3600),
        set_by(1 << 31),
        two_radios,
    ],
)
def test_a_faulty_clock_changes_no_alert(
    clean: Alerts, tmp_path: Path, fault: Callable[[int, int, int], tuple[int, int]]
) -> None:
    stamps = [fault(number, *right) for number, right in enumerate(RIGHT)]
    check(replayed(tmp_path, stamps), clean)


def test_a_clock_that_begins_in_1970_is_set(clean: Alerts, tmp_path: Path) -> None:
    stamps = [(s - int(START) + 5, us) if n < 250 else (s, us) for n, (s, us) in enumerate(RIGHT)]
    found = replayed(tmp_path, stamps)
    check(found, clean)
    assert all(ap.first > START - 10 for ap in found.survey.access_points.table.entries.values())


WILD = st.tuples(st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 32) - 1))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.integers(1, len(RIGHT) // 6 - 1).map(lambda place: place * 6), WILD, max_size=12))
def test_single_wild_stamps_change_no_alert(clean: Alerts, tmp_path: Path, wild: dict[int, tuple[int, int]]) -> None:
    check(replayed(tmp_path, [wild.get(number, right) for number, right in enumerate(RIGHT)]), clean)
