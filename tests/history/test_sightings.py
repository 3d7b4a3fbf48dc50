from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from tests.exporting.places import ROW, ROWS
from tests.history.rows import NOW, opened

from whimbrel.history import entries
from whimbrel.history.collecting import STALE
from whimbrel.history.entries import Entry
from whimbrel.history.queries import Reader
from whimbrel.history.sightings import SightingEntries
from whimbrel.rows import SightingRow


def row(number: int = 1, last: float = NOW, **more: Any) -> SightingRow:
    return ROW.replace(bssid=bytes((0, 80, 0, 0, 0, number)), last=last, **more)


REAL = {row(number).bssid for number in range(200)}


def numbers(found: list[Entry]) -> list[int]:
    return [entry.values[0][5] for entry in found]


def test_who_passes_by_is_written_twice() -> None:
    kept = SightingEntries(1)
    assert numbers(kept.take([row(last=NOW)], REAL)) == [1]
    assert kept.take([row(last=NOW + 60)], REAL) == []
    assert kept.take([row(last=NOW + 120, rssi=-40)], REAL) == []
    (entry,) = kept.take([], REAL)
    assert (entry.values[4], '"rssi":-40' in entry.values[6]) == (NOW + 120, True)
    assert kept.take([], REAL) == []
    assert kept.finish() == []


def test_what_is_heard_on_and_on_is_written_now_and_then_and_at_the_end() -> None:
    kept = SightingEntries(1)
    begin = NOW // STALE * STALE
    written = [numbers(kept.take([row(last=begin + minute * 60)], REAL)) for minute in range(4, 33)]
    assert [minute for minute, found in enumerate(written, 4) if found] == [4, 15, 30]
    kept.take([row(last=begin + STALE * 2 + 180)], REAL)
    (entry,) = kept.finish()
    assert entry.values[4] == begin + STALE * 2 + 180


def test_a_flood_and_what_is_to_be_forgotten_are_not_written() -> None:
    kept = SightingEntries(1)
    assert kept.take([row(1), row(2)], set()) == []
    assert kept.finish() == []
    kept.take([row(1), row(2)], REAL)
    kept.take([row(1, NOW + 1), row(2, NOW + 1)], REAL)
    kept.forget(lambda one: one.bssid == row(1).bssid)
    assert numbers(kept.finish()) == [2]


def test_what_is_not_known_to_be_real_yet_is_looked_for_once_more() -> None:
    kept = SightingEntries(1)
    assert kept.take([row(1), row(2)], set()) == []
    assert numbers(kept.take([], {row(1).bssid})) == [1]
    assert kept.take([], REAL) == []
    assert kept.take([row(3), row(4)], set()) == []
    kept.forget(lambda one: one.bssid == row(3).bssid)
    assert numbers(kept.take([], REAL)) == [4]
    assert kept.take([row(5)], set()) == []
    kept.begin_anew()
    assert kept.take([], REAL) == []


def test_each_time_stays_with_the_session_that_has_stamped_it(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    here = ROW.strongest.replace(time=NOW)
    store.write(SightingEntries(1).take([row(first=NOW, last=NOW, strongest=here)], REAL))
    # The next day: heard again, less loudly, and then the clock is set.
    store.write(SightingEntries(2).take([row(first=NOW, last=5000.0, strongest=here)], REAL))
    store.write([entries.step(1, 2, NOW)])
    store.write([entries.step(1, 1, 7.0)])
    with Reader(store.path) as reader:
        (kept,) = reader.sightings()
    assert (kept.first, kept.last, kept.strongest.time) == (NOW + 7, NOW + 5000, NOW + 7)
    store.close()


@given(ROWS.filter(lambda row: bool(row.security)))
def test_the_file_gives_back_what_it_was_given(tmp_path_factory: Any, told: SightingRow) -> None:
    store = opened(tmp_path_factory.mktemp("history") / "history.db")
    store.write(SightingEntries(1).take([told], {told.bssid}))
    with Reader(store.path) as reader:
        assert reader.sightings() == [told]
    store.close()
