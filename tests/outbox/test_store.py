"""The queue on disk: order, bound, keys, what outlasts a process, and what a damaged file does."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whimbrel.module import NotReady
from whimbrel.outbox.store import Outbox, OutboxEntry


@asynccontextmanager
async def opened(path: Path, limit: int = 100) -> AsyncIterator[Outbox]:
    outbox = Outbox(path, limit)
    await outbox.open()
    try:
        yield outbox
    finally:
        await outbox.close()


async def texts(outbox: Outbox, lane: str = "", now: float = 0.0) -> list[str]:
    return [entry.data for entry in await outbox.peek(lane, now=now)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "box.db"


async def test_entries_outlast_the_process_in_their_order(path: Path) -> None:
    async with opened(path) as outbox:
        await outbox.put([OutboxEntry("a"), OutboxEntry("b", lane="other")])
        await outbox.put([OutboxEntry("c")], numbers={"last": 7})
    async with opened(path) as outbox:
        assert (await texts(outbox), await texts(outbox, "other")) == (["a", "c"], ["b"])
        assert (outbox.waiting, await outbox.number("last"), await outbox.number("none")) == (3, 7, None)
        first, _ = await outbox.peek("", now=0.0)
        await outbox.put([OutboxEntry("d")], remove=[first.id])
        assert (await texts(outbox), outbox.waiting) == (["c", "d"], 3)


async def test_it_is_for_nobody_else_to_read(path: Path) -> None:
    async with opened(path):
        assert os.stat(path).st_mode & 0o077 == 0  # noqa: PTH116  # at once


async def test_nothing_is_put_in_twice_not_even_by_another_process(path: Path) -> None:
    async with opened(path) as outbox:
        assert await outbox.put([OutboxEntry("a", key="1"), OutboxEntry("a", key="1"), OutboxEntry("b", key="2")]) == 2
        found = await outbox.peek("", now=0.0)
        await outbox.put([], remove=[entry.id for entry in found])
    async with opened(path) as outbox:
        assert await outbox.put([OutboxEntry("a", key="1"), OutboxEntry("c")]) == 1
        assert await texts(outbox) == ["c"]


async def test_the_oldest_of_the_least_important_make_room_and_are_counted(path: Path) -> None:
    async with opened(path, limit=3) as outbox:
        await outbox.put([OutboxEntry(f"low {n}", rank=0) for n in range(2)] + [OutboxEntry("high 0", rank=3)])
        await outbox.put([OutboxEntry("high 1", rank=3), OutboxEntry("low 2", rank=0)])
        assert await texts(outbox) == ["high 0", "high 1", "low 2"]
        assert (outbox.lost, outbox.waiting) == (2, 3)
    async with opened(path, limit=3) as outbox:
        assert outbox.lost == 2


async def test_what_has_arrived_makes_room_first_and_is_no_loss(path: Path) -> None:
    """Also for an entry that is less important than all of them: nobody has that one yet."""
    async with opened(path, limit=3) as outbox:
        await outbox.put([OutboxEntry(text, rank=3) for text in "abc"])
        first, second, _ = await outbox.peek("", now=0.0)
        await outbox.spare([first.id, second.id])
        await outbox.put([OutboxEntry("d", rank=1)])
        assert (await texts(outbox), outbox.lost, outbox.waiting) == (["b", "c", "d"], 0, 3)
        await outbox.put([], remove=[second.id])
        await outbox.put([OutboxEntry("e", rank=1), OutboxEntry("f", rank=1)])
        assert (await texts(outbox), outbox.lost, outbox.waiting) == (["c", "e", "f"], 1, 3), "the spare ones have gone"
        await outbox.spare(entry.id for entry in await outbox.peek("", now=0.0))
        await outbox.need_all()
        await outbox.put([OutboxEntry("g", rank=0)])
        assert (await texts(outbox), outbox.lost) == (["c", "e", "f"], 2), "no longer spare"


async def test_what_is_not_due_waits(path: Path) -> None:
    async with opened(path) as outbox:
        await outbox.put([OutboxEntry("later", due=50.0), OutboxEntry("now", due=10.0)])
        assert await texts(outbox, now=10.0) == ["now"]
        assert await outbox.next_due("") == 10.0
        assert await outbox.next_due("none") is None
        assert await outbox.count("") == 2


async def test_lanes_that_nobody_takes_from_any_more_are_emptied(path: Path) -> None:
    async with opened(path) as outbox:
        await outbox.put([OutboxEntry("a", lane="x"), OutboxEntry("b", lane="y")])
        assert await outbox.keep_lanes(["y"]) == 1
        assert outbox.waiting == 1


def _damage(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(os.urandom(8192))


async def test_a_damaged_file_is_set_aside(path: Path) -> None:
    _damage(path)
    async with opened(path) as outbox:
        assert outbox.aside is not None
        assert outbox.aside.exists()
        await outbox.put([OutboxEntry("a")])


async def test_a_file_of_another_version_is_set_aside_whole(path: Path) -> None:
    async with opened(path) as outbox:
        await outbox.put([OutboxEntry("a")])
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 7")
    database.close()
    async with opened(path) as outbox:
        assert outbox.aside_because == "of version 7 instead of 1"
        assert outbox.aside is not None
        assert outbox.waiting == 0
    database = sqlite3.connect(outbox.aside)
    assert database.execute("SELECT data FROM entries").fetchall() == [("a",)]
    database.close()


async def test_what_was_put_off_before_the_clock_was_set_back_is_due(path: Path) -> None:
    outbox = Outbox(path, 10, farthest=3600.0)
    await outbox.open()
    try:
        await outbox.put([OutboxEntry("soon", due=10_000.0), OutboxEntry("later", due=20_000.0)])
        assert [entry.data for entry in await outbox.peek("", now=9000.0)] == ["later"]
        assert [entry.data for entry in await outbox.peek("", now=10_000.0)] == ["soon", "later"]
        assert [entry.data for entry in await outbox.peek("", now=17_000.0)] == ["soon"]
    finally:
        await outbox.close()


async def test_a_place_that_cannot_be_used_is_said_and_entries_are_in_memory(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "folder", Path("/proc/nothing/box.db")):
        async with opened(place) as outbox:
            assert outbox.problem
            assert await outbox.put([OutboxEntry("a", key="1"), OutboxEntry("a", key="1")]) == 1
            assert await texts(outbox) == ["a"]
            await outbox._do(outbox._close)  # and again at the end of the block


async def test_a_full_disk_is_no_reason_to_be_silent_and_gets_all_of_it_later(path: Path) -> None:
    async with opened(path, limit=10_000) as outbox:
        await outbox.put([OutboxEntry("a", key="a"), OutboxEntry("b")], numbers={"last": 7})
        assert outbox._db is not None
        outbox._db.execute("PRAGMA max_page_count = 20")
        await outbox.put([OutboxEntry("x" * 50_000), OutboxEntry("c" * 50_000, key="c")])
        assert "full" in outbox.problem
        first, *_ = await outbox.peek("", now=0.0)
        assert await outbox.put([OutboxEntry("a", key="a")], remove=[first.id]) == 0
        assert [text[0] for text in await texts(outbox)] == ["b", "x", "c"]
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT count(*) FROM entries").fetchone() == (2,)
        await outbox.put([OutboxEntry("d")])
        await outbox.try_disk()
        assert not outbox.problem
    async with opened(path) as outbox:
        assert [text[0] for text in await texts(outbox)] == ["b", "x", "c", "d"]
        assert (await outbox.put([OutboxEntry("c", key="c")]), await outbox.number("last")) == (0, 7)


async def test_what_could_not_be_read_comes_first_once_it_can(path: Path) -> None:
    async with opened(path) as outbox:
        await outbox.put([OutboxEntry("a"), OutboxEntry("b")], numbers={"last": 7})
    hidden = path.parent.rename(path.parent.with_name("hidden"))
    path.parent.touch()
    async with opened(path) as outbox:
        assert outbox.problem
        await outbox.put([OutboxEntry("c")], numbers={"last": 9})
        path.parent.unlink()
        hidden.rename(path.parent)
    async with opened(path) as outbox:
        assert (await texts(outbox), outbox.waiting, await outbox.number("last")) == (["a", "b", "c"], 3, 9)


async def test_what_was_put_in_without_a_look_at_the_disk_is_never_mistaken_for_other_entries(path: Path) -> None:
    async with opened(path) as outbox:
        await outbox.put([OutboxEntry("a", key="a")])
    for text in ("b", "c"):
        hidden = path.parent.rename(path.parent.with_name("hidden"))
        path.parent.touch()
        async with opened(path) as outbox:
            await outbox.put([OutboxEntry(text, key=text)])
            path.parent.unlink()
            hidden.rename(path.parent)
    async with opened(path) as outbox:
        assert await texts(outbox) == ["a", "b", "c"]
        for _ in range(2):
            assert await outbox.put([OutboxEntry(text, key=text) for text in "abc"]) == 0


async def test_a_return_to_the_disk_is_told(path: Path) -> None:
    returned: list[str] = []
    path.parent.touch()
    async with opened(path) as outbox:
        outbox.on_return = lambda: returned.append(outbox.problem)
        await outbox.try_disk()
        assert not returned
        path.parent.unlink()
        await outbox.try_disk()
        await outbox.try_disk()
        assert returned == [""]


async def test_a_transaction_that_fails_changes_nothing(path: Path) -> None:
    async with opened(path) as outbox:
        await outbox.put([OutboxEntry("a", key="1")])
        with pytest.raises(NotReady):
            await outbox.put([OutboxEntry("b", key="2"), OutboxEntry(None)])  # type: ignore[arg-type]
        assert (await texts(outbox), outbox.waiting) == (["a"], 1)
        assert await outbox.put([OutboxEntry("b", key="2")]) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(puts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), max_size=40), limit=st.integers(1, 10))
def test_what_stays_is_the_most_important_and_of_that_the_newest(
    tmp_path: Path, puts: list[tuple[int, int]], limit: int
) -> None:
    """Against a list, put in one after the other."""
    path = tmp_path / "model.db"
    for left in tmp_path.glob("model.db*"):
        left.unlink()
    outbox = Outbox(path, limit)
    outbox._open()
    expected: list[tuple[int, int, str]] = []
    seen: set[int] = set()
    for number, (rank, key) in enumerate(puts):
        outbox._put([OutboxEntry(str(number), rank=rank, key=str(key))], [], {})
        if key not in seen:
            seen.add(key)
            expected.append((rank, number, str(number)))
            if len(expected) > limit:
                expected.remove(min(expected))
    assert [entry.data for entry in outbox._peek("", 0.0, 100)] == [
        text for _, _, text in sorted(expected, key=lambda e: e[1])
    ]
    assert outbox.waiting == len(expected)
    outbox._close()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT count(*) FROM entries").fetchone() == (len(expected),)
