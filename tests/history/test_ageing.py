from __future__ import annotations

from pathlib import Path

from tests.history.rows import AP, DAY, NOW, opened

from whimbrel.history import entries
from whimbrel.history.ageing import is_doubtful, shrinking
from whimbrel.history.entries import Entry
from whimbrel.history.sessions import Session
from whimbrel.history.store import Store

HOURS = int(NOW // 3600)


def session(number: int, began: float, ended: float, clock: int = 1) -> Entry:
    return entries.session((number, began, ended, clock, "0", "", "", 10, 0, 0, 0))


def alert(number: int, rank: int = 3, is_open: int = 1, seen: int = -1, last: float = NOW) -> Entry:
    return entries.alert(number, 1, last, last, rank, is_open, seen, b"", AP, None, None, "{}")


def count(store: Store, table: str) -> int:
    ((number,),) = store.database.execute(f"SELECT count(*) FROM {table}")
    return int(number)


def test_what_fills_the_file_goes_and_what_a_person_has_not_seen_stays(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db", octets=4 << 20)
    store.write([alert(number) for number in range(1, 301)])
    store.write([alert(number, seen=3, is_open=0) for number in range(301, 401)])
    store.write(
        [entries.access_point(i.to_bytes(6, "big"), b"n", NOW - i, 1, NOW - i, 1, -50, "{}") for i in range(400)]
    )
    store.write([entries.channel(1, HOURS - n, 2412 + f, 1, 1, 1, 1) for n in range(4000) for f in range(38)])
    assert store.octets() > 4 << 20
    store.tidy(NOW)
    assert store.octets() <= 4 << 20
    assert 100_000 < count(store, "channels") < 150_000, "no more than was needed"
    ((oldest,),) = store.database.execute("SELECT min(hour) FROM channels")
    assert oldest > HOURS - 3999
    assert store.alerts() >= set(range(1, 301))
    assert count(store, "access_points") > 200
    store.close()


def test_where_alerts_alone_fill_the_file_the_least_severe_and_oldest_go(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db", octets=300_000)
    text = '{"x":"' + "y" * 1000 + '"}'
    store.write(
        [entries.alert(i, 1, NOW, NOW, 3 if i % 2 else 2, 1, -1, b"", AP, None, None, text) for i in range(1, 401)]
    )
    store.tidy(NOW)
    assert store.octets() <= 300_000
    left = store.alerts()
    assert sum(number % 2 for number in left) > sum(not number % 2 for number in left)
    assert 399 in left
    store.close()


def test_all_of_it_goes_in_the_end(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write([alert(1), entries.frame(1, 0, "{}", b"octets"), entries.change(1, AP, b"", NOW, 1, "{}")])
    for sql in shrinking(store.database):
        store.database.execute(sql)
    assert [count(store, table) for table in ("alerts", "evidence", "changes")] == [0, 0, 0]
    store.close()


def test_the_order_does_not_go_by_a_clock_that_was_wrong(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    future, past = NOW + 4000 * DAY, 1000.0
    store.write([entries.access_point(b"future", b"", future, 1, future, 1, None, "{}")])
    store.write([entries.access_point(b"recent", b"", past, 2, past, 2, None, "{}")])
    for sql in shrinking(store.database):
        store.database.execute(sql)
        if count(store, "access_points") == 1:
            break
    assert store.database.execute("SELECT bssid FROM access_points").fetchall() == [(b"recent",)]
    store.close()


def test_a_leap_of_the_clock_erases_nothing_until_the_clock_has_been_so_for_days(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db", age=400 * DAY)
    leapt = NOW + 12 * 365 * DAY
    store.write([session(1, NOW - DAY, NOW), alert(1), session(2, leapt, leapt)])
    store.tidy(leapt + 60)
    assert store.alerts() == {1}
    store.write([session(2, leapt, leapt + DAY / 2), session(3, leapt + DAY, leapt + DAY)])
    store.tidy(leapt + DAY)
    assert store.alerts() == {1}, "a start in the wrong time does not make it right"
    store.write([session(3, leapt + DAY, leapt + 3 * DAY)])
    store.tidy(leapt + 3 * DAY)
    assert store.alerts() == set(), "it has lain in a drawer for twelve years"
    store.close()


def test_a_leap_in_a_long_session_erases_nothing_either(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db", age=400 * DAY)
    store.write([session(1, NOW - 9 * DAY, NOW - 8 * DAY), alert(1)])
    long = Session(2, "1", "", NOW - 5 * DAY)
    store.write([long.entry(NOW)])
    long.shift(12 * 365 * DAY)
    leapt = NOW + 12 * 365 * DAY
    store.write([long.entry(leapt + 60)])
    store.tidy(leapt + 60)
    assert store.alerts() == {1}
    long.shift(-12 * 365 * DAY)
    store.write([long.entry(NOW + 120)])
    store.tidy(NOW + 120)
    assert store.alerts() == {1}
    assert not is_doubtful(store.database, NOW + 120)
    store.close()


def test_a_clock_is_doubted_only_after_a_leap(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    assert not is_doubtful(store.database, NOW)
    store.write([session(1, NOW, NOW)])
    assert not is_doubtful(store.database, NOW + 100 * DAY), "there is no earlier time to compare with"
    store.write([session(2, NOW + 20 * DAY, NOW + 20 * DAY), session(3, 60.0, 60.0, clock=0)])
    assert not is_doubtful(store.database, NOW + 21 * DAY)
    store.write([session(4, NOW + 100 * DAY, NOW + 100 * DAY)])
    assert is_doubtful(store.database, NOW + 100 * DAY)
    store.close()
