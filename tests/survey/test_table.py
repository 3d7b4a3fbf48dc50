from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.survey.table import Table


class Entry:
    def __init__(self, number: int) -> None:
        self.address = number.to_bytes(6, "big")
        self.first = self.last = float(number)


def filled(limit: int, count: int) -> Table[Entry]:
    table: Table[Entry] = Table(limit)
    for number in range(count):
        table.add(Entry(number))
    return table


def test_least_recently_heard_goes_first() -> None:
    table = filled(4, 4)
    table.entries[(0).to_bytes(6, "big")].last = 100.0
    assert [entry.last for entry in table.add(Entry(50))] == [1.0]
    assert table.evicted == 1


@pytest.mark.parametrize("limit", [1, 2, 31, 32, 500])
def test_never_more_than_the_limit(limit: int) -> None:
    table: Table[Entry] = Table(limit)
    for number in range(3 * limit):
        table.add(Entry(number))
        assert 0 < len(table) <= limit
    assert table.evicted + len(table) == 3 * limit


def test_adding_who_is_there_needs_no_room() -> None:
    table = filled(2, 2)
    assert table.add(Entry(1)) == []


def test_expire() -> None:
    table = filled(8, 5)
    assert [entry.last for entry in table.expire(3.0)] == [0.0, 1.0, 2.0]
    assert len(table) == 2
    assert table.evicted == 0


def test_none_expires_before_its_time() -> None:
    table = filled(8, 5)
    assert table.expire(0.0) == []
    assert len(table) == 5
    assert filled(8, 0).expire(1.0) == []


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(("new", "heard", "gone", "expire", "shift", "cap")), st.integers(0, 9), st.floats(0, 40)
        ),
        max_size=40,
    )
)
def test_what_expires_is_what_was_silent(steps: list[tuple[str, int, float]]) -> None:
    table: Table[Entry] = Table(6)
    now = 1000.0
    for what, number, value in steps:
        now += value
        address = number.to_bytes(6, "big")
        entry = table.entries.get(address)
        if what == "new":
            fresh = Entry(number)
            fresh.last = now
            table.add(fresh)
        elif what == "heard" and entry is not None:
            entry.last = now
        elif what == "gone":
            table.entries.pop(address, None)
        elif what == "shift":
            now += 500.0
            table.shift(500.0)
        elif what == "cap":
            now -= 300.0
            table.cap(now)
        elif what == "expire":
            silent = sorted(
                (each for each in table.entries.values() if each.last < now - 70.0), key=lambda one: one.last
            )
            assert table.expire(now - 70.0) == silent


def test_a_lower_limit_costs_the_least_recently_heard() -> None:
    table = filled(8, 8)
    table.entries[(0).to_bytes(6, "big")].last = 100.0
    assert [entry.last for entry in table.resize(5)] == [1.0, 2.0, 3.0]
    assert (len(table), table.limit, table.evicted) == (5, 5, 3)
    assert sorted(entry.last for entry in table.entries.values()) == [4.0, 5.0, 6.0, 7.0, 100.0]
    assert [entry.last for entry in table.add(Entry(50))] == [4.0]
    assert table.evicted == 4


def test_a_higher_limit_costs_none() -> None:
    table = filled(4, 4)
    assert table.resize(64) == []
    for number in range(4, 64):
        assert table.add(Entry(number)) == []
    assert [entry.last for entry in table.add(Entry(64))] == [0.0, 1.0], "one 64th makes room at once"
    assert table.evicted == 2


def test_times_move() -> None:
    table = filled(2, 2)
    table.shift(10.0)
    assert sorted(entry.last for entry in table.entries.values()) == [10.0, 11.0]
    table.cap(10.5)
    assert sorted(entry.last for entry in table.entries.values()) == [10.0, 10.5]


def test_limit_of_none() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Table(0)
