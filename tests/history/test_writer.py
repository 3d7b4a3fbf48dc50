from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.history.rows import DAY, NOW
from tests.lab.waiting import block_until

from whimbrel.history import entries, writer
from whimbrel.history.entries import Entry
from whimbrel.history.erasing import Wish
from whimbrel.history.store import Limits, Store, StoreError
from whimbrel.history.writer import HistoryWriter, Told


class Card(Store):
    """A store on a card that can fail and be slow: it writes when the test allows it."""

    fails = False
    room = threading.Event()

    def write(self, entries: Iterable[Entry]) -> None:
        self.room.wait(60)
        if self.fails:
            self._give_up(OSError(28, "No space left on device"))
        super().write(entries)


@contextmanager
def running(folder: Path, most: int = 100) -> Iterator[tuple[HistoryWriter, Card, list[Told]]]:
    told: list[Told] = []
    card = Card(folder / "history.db", Limits(DAY, 1 << 24))
    card.room = threading.Event()
    card.room.set()
    made = HistoryWriter(card, most, told.append)
    made.start()
    made.call(Store.open).result(60)
    try:
        yield made, card, told
    finally:
        card.fails = False
        card.room.set()
        assert made.end(60)


def change(number: int, matters: int = entries.NEEDED) -> Entry:
    return entries.change(number, b"\1" * 6, b"", NOW, 1, "{}")._replace(matters=matters)


def rows(made: HistoryWriter, table: str = "changes") -> int:
    ((number,),) = made.call(lambda store: store.database.execute(f"SELECT count(*) FROM {table}").fetchall()).result(
        60
    )
    return int(number)


def test_what_is_urgent_goes_at_once_with_what_waits_and_the_rest_when_it_is_flushed(tmp_path: Path) -> None:
    with running(tmp_path) as (made, _card, told):
        made.put([change(1)], 5)
        assert not told
        made.put([change(2, entries.URGENT)], 7)
        block_until(lambda: bool(told), "the batch")
        assert (told[-1].upto, told[-1].commits, rows(made)) == (7, 1, 2)
        made.put([change(3)])
        made.put((), 9, flush=True)
        block_until(lambda: told[-1].upto == 9, "the flush")
        made.put((), 9, flush=True)
        assert rows(made) == 3
        assert told[-1].commits == 2, "nothing new is no write"
        made.put([change(4)])
        assert rows(made) == 3, "a question is no reason to write"


def test_a_later_entry_replaces_the_one_that_waits_and_stands_behind_a_step_of_the_clock(tmp_path: Path) -> None:
    def session(ended: float) -> Entry:
        return entries.session((1, 0.0, ended, 0, "0", "", "", 1, 0, 0, 0))._replace(matters=entries.NICE)

    with running(tmp_path) as (made, card, _told):
        card.room.clear()
        made.put([session(10.0)])
        made.put([entries.step(1, 1, 1000.0)])
        made.put([session(1020.0)], flush=True)
        card.room.set()
        found = made.call(lambda store: store.database.execute("SELECT ended FROM sessions").fetchall()).result(60)
        assert found == [(1020.0,)]


def test_a_card_that_fails_is_said_tried_again_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_RETRY", 0.01)
    with running(tmp_path) as (made, card, told):
        card.fails = True
        made.put([change(1, entries.URGENT)], 3)
        block_until(lambda: len(told) >= 3, "three attempts")
        assert all("No space left" in each.problem and each.upto == 0 for each in told)
        made.put([change(2)])
        card.fails = False
        block_until(lambda: not told[-1].problem, "the recovery")
        assert (told[-1].upto, rows(made), told[-1].not_kept) == (3, 2, 0)


def test_beyond_what_may_wait_the_least_goes_first_and_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_RETRY", 0.01)
    with running(tmp_path, most=10) as (made, card, told):
        card.fails = True
        made.put([change(number, entries.URGENT) for number in range(4)], 1)
        made.put([change(number, entries.NICE) for number in range(100, 120)])
        made.put([change(number) for number in range(200, 205)])
        card.fails = False
        block_until(lambda: bool(told) and not told[-1].problem and told[-1].upto == 1, "the recovery")
        assert made.not_kept == 19
        kept = made.call(lambda store: store.database.execute("SELECT count(*) FROM changes").fetchall()).result(60)
        assert kept == [(10,)]


def test_a_slow_card_holds_nobody_up_and_batches_grow(tmp_path: Path) -> None:
    with running(tmp_path) as (made, card, told):
        card.room.clear()
        for number in range(50):
            made.put([change(number, entries.URGENT)], number + 1)
        card.room.set()
        block_until(lambda: bool(told) and told[-1].upto == 50, "all of it")
        assert rows(made) == 50
        assert told[-1].commits <= 3


def test_a_job_that_fails_is_whose_who_asked(tmp_path: Path) -> None:
    def fail(_store: Store) -> None:
        raise StoreError("not now")

    with running(tmp_path) as (made, _card, _told):
        with pytest.raises(StoreError, match="not now"):
            made.call(fail).result(60)
        assert made.alive


def test_a_job_behind_all_leaves_no_older_entry_to_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_RETRY", 3600.0)
    with running(tmp_path) as (made, card, told):
        card.fails = True
        made.put([change(1)], 1, flush=True)
        block_until(lambda: any(each.problem for each in told))
        erasing = made.call(lambda store: store.erase(Wish(everything=True)), behind_all=True)
        with pytest.raises(StoreError, match="No space"):
            erasing.result(60)
        card.fails = False
        assert made.call(lambda store: store.erase(Wish(everything=True)), behind_all=True).result(60) == 1
        made.put([change(2)], 2, flush=True)
        block_until(lambda: told[-1].upto == 2)
        assert rows(made) == 1


def test_a_job_of_a_caller_that_left_ends_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as (made, card, _told):
        card.room.clear()
        made.put([change(1)], 1, flush=True)
        assert made.call(lambda store: store.alerts()).cancel()
        card.room.set()
        assert rows(made) == 1
        assert made.alive


def test_the_end_writes_what_waits(tmp_path: Path) -> None:
    with running(tmp_path) as (made, _card, _told):
        made.put([change(1), change(2)])
    store = Store(tmp_path / "history.db", Limits(DAY, 1 << 24))
    store.open()
    assert store.database.execute("SELECT count(*) FROM changes").fetchone() == (2,)
    store.close()
