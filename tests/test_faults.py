"""Errors that nobody waits for have one way out, which is narrow and never waits."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator

import pytest
from tests.lab.fresh import fresh
from tests.lab.waiting import until

from whimbrel.bus import Bus, Subscription
from whimbrel.events.system import InternalError
from whimbrel.faults import Faults, in_words, last_words


class Rig:
    def __init__(self) -> None:
        self.now = 0.0
        self.bus = Bus()
        self.faults = Faults(self.bus.sender("daemon"), lambda: self.now)
        self.sub: Subscription = self.bus.subscribe(InternalError, reader="test")

    def heard(self) -> list[tuple[str, str, int]]:
        return [(e.body.where, e.body.error, e.body.times) for e in self.sub.read_waiting()]  # type: ignore[union-attr]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    rig.faults.install(asyncio.get_running_loop())
    yield rig
    rig.faults.remove()


async def test_like_errors_are_told_once_and_then_summed_up(rig: Rig) -> None:
    for _ in range(1000):
        rig.faults.note("a library", "it is broken")
    await until(lambda: rig.sub.waiting)
    assert rig.heard() == [("a library", "it is broken", 1000)]
    for _ in range(662):
        rig.faults.note("a library", "it is broken")
    rig.faults.report()
    assert rig.heard() == []
    rig.now = 60.0
    rig.faults.report()
    assert rig.heard() == [("a library", "it is broken", 662)]
    rig.now = 300.0
    rig.faults.report()
    assert rig.heard() == []


async def test_so_many_kinds_are_told_apart(rig: Rig) -> None:
    for i in range(5000):
        rig.faults.note("a library", f"number {i}")
    rig.faults.report(last=True)
    told = rig.heard()
    assert len(told) == 33
    assert sum(times for _, _, times in told) == 5000


async def test_of_the_loop(rig: Rig) -> None:
    asyncio.get_running_loop().call_soon(int, "x")
    await until(lambda: rig.sub.waiting)
    ((where, error, _),) = rig.heard()
    assert where == "asyncio"
    assert "invalid literal for int()" in error


async def test_of_a_thread(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    thread = threading.Thread(target=int, args=("x",), name="careless")
    thread.start()
    thread.join()
    await until(lambda: rig.sub.waiting)
    assert rig.heard()[0][0] == "thread careless"
    assert capfd.readouterr().err == ""


async def test_of_a_library(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("some.library").warning("%d of %s", 3, "them")
    logging.getLogger("some.library").info("nothing")
    await until(lambda: rig.sub.waiting)
    assert rig.heard() == [("some.library", "3 of them", 1)]
    assert capfd.readouterr().err == ""


async def test_of_a_finaliser(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    class Bad:
        def __del__(self) -> None:
            raise ValueError("in its end")

    Bad()
    gc.collect()
    await until(lambda: rig.sub.waiting)
    assert "in its end" in rig.heard()[0][1]
    assert capfd.readouterr().err == ""


async def test_what_was_there_before_is_there_again() -> None:
    before = threading.excepthook, sys.unraisablehook, list(logging.getLogger().handlers)
    rig = Rig()
    rig.faults.install(asyncio.get_running_loop())
    rig.faults.remove()
    assert (threading.excepthook, sys.unraisablehook, list(logging.getLogger().handlers)) == before
    rig.faults.note("late", "nobody hears it")


def test_an_error_that_cannot_be_shown_has_its_name() -> None:
    class Sulking(Exception):  # for the test
        def __str__(self) -> str:
            raise ValueError

    line, trace = in_words(Sulking())
    assert "Sulking" in line
    assert trace == ""


def test_the_last_words_wait_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    kept = os.dup(2)
    try:
        os.dup2(writing, 2)
        last_words("hello")
        assert os.read(reading, 100) == b"hello\n"
        for _ in range(100):
            last_words("x" * 10_000)  # 64 KiB are in the pipe long before, and nobody reads
    finally:
        os.dup2(kept, 2)
        for descriptor in (kept, reading, writing):
            os.close(descriptor)


WITHOUT_DESCRIPTORS = """
import asyncio, errno, logging, sys
from whimbrel.lean import put_off
put_off()
from whimbrel.bus import Bus
from whimbrel.events.system import InternalError
from whimbrel.faults import Faults

class Sulking(BaseException):
    def __str__(self):
        raise SystemExit

class Format:
    def __str__(self):
        raise SystemExit

def refuse(event, _):
    if event in ("import", "open", "os.listdir"):
        raise OSError(errno.EMFILE, event)

async def main():
    bus = Bus()
    heard = bus.subscribe(InternalError, reader="test")
    loop = asyncio.get_running_loop()
    faults = Faults(bus.sender("daemon"))
    faults.install(loop)
    sys.addaudithook(refuse)  # for good: no file can be opened, no module be imported
    loop.call_soon(int, "x")
    loop.call_exception_handler({"message": "out of system resource", "exception": OSError(24, "Too many")})
    loop.call_exception_handler({"message": "sulks", "exception": Sulking()})
    logging.getLogger("a.library").error(Format(), exc_info=OSError("x"))
    logging.getLogger("a.library").error("%d of them", "no number")
    loop.set_exception_handler(lambda *_: int("the handler itself"))
    loop.call_soon(int, "y")
    await asyncio.sleep(0.01)
    faults.report(last=True)
    for event in heard.read_waiting():
        print(event.body.where, event.body.error, event.body.trace, sep=" | ")

asyncio.run(main())
"""


def test_an_error_is_told_where_no_file_can_be_opened() -> None:
    told = fresh(WITHOUT_DESCRIPTORS).stdout
    for part in (
        "invalid literal for int() with base 10: 'x'",
        "OSError: [Errno 24] Too many",
        "asyncio | sulks: Sulking",
        "a.library | Format: OSError: x",
        "a.library | %d of them",
        "the handler itself",
    ):
        assert part in told, told


def test_an_error_has_the_innermost_places() -> None:
    def deep(levels: int) -> None:
        if levels:
            deep(levels - 1)
        raise OSError(24, "Too many open files")

    with pytest.raises(OSError, match="Too many") as raised:
        deep(9)
    line, trace = in_words(raised.value)
    assert line == "OSError: [Errno 24] Too many open files"
    assert trace.count("deep (test_faults.py:") == trace.count("(") == 4
    assert in_words(KeyError()) == ("KeyError", "")
    assert in_words(json.JSONDecodeError("odd", "x", 0))[0].startswith("json.decoder.JSONDecodeError: odd")
