from __future__ import annotations

from pathlib import Path

from tests.history.rows import AP, DAY, NOW, access_point, alert, channel, opened, sample

from whimbrel.events.alerts import Severity
from whimbrel.events.base import Level
from whimbrel.events.history import NetworkSeen
from whimbrel.history.alerts import AlertRows
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.queries import Reader
from whimbrel.history.sessions import Session
from whimbrel.history.since import last_time, since
from whimbrel.history.store import Store

GONE, NEW = bytes(5) + b"\1", bytes(5) + b"\2"


def first_evening(store: Store) -> None:
    session = Session(1, "0.1.0", "the harbour", NOW - 3600)
    made = Collector(1, store.known, Keeping("relevant"))
    gone = access_point(GONE, ssid=b"gone")
    store.write([*made.take(sample([access_point(), gone], channels=[channel(5)]), NOW), *made.finish()])
    session.frames = made.frames
    rows = AlertRows(1, ())
    bodies = (alert(1), alert(2), alert(3, severity=Severity.WEAKNESS))
    found = [entry for body in bodies if (entry := rows.take(body)) is not None]
    store.write([session.entry(NOW), *found, *rows.acknowledge("1")])


def test_the_evening_before_is_told_first_and_then_what_is_otherwise(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    first_evening(store)
    store.write([Session(2, "0.1.0", "", NOW + 60).entry(0.0)])  # nothing was heard then
    with Reader(store.path) as reader:
        last = last_time(reader, 3)
    made = Collector(3, store.known, Keeping("relevant"))
    told = since(last, made, 0.0, first=True)
    assert (told.known, told.clock, told.began, told.ended) == (True, True, NOW - 3600, NOW)
    assert (told.place, told.found, told.alerts, told.unseen) == ("the harbour", 2, 2, 1)
    assert (told.new_count, told.gone_count, told.urgency) == (0, 0, Level.NOTICE)

    now = NOW + DAY
    new = access_point(NEW, ssid=b"new", last=now)
    made.take(sample([access_point(last=now, wps=True), new]), now)
    early = since(last, made, 60.0, first=False)
    assert (early.new, early.changed) == ((NetworkSeen(NEW, b"new"),), (NetworkSeen(AP, b"harbour"),))
    assert (early.gone_count, early.urgency) == (0, Level.DEBUG), "not every channel was visited yet"
    assert since(last, made, 3600.0, first=False).gone == (NetworkSeen(GONE, b"gone"),)
    store.close()


def test_without_a_last_time_it_says_so(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    with Reader(store.path) as reader:
        last = last_time(reader, 1)
    assert last is None
    assert not since(last, Collector(1, store.known, Keeping("none")), 0.0, first=True).known
    store.close()
