from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.history.rows import AP, DAY, NOW, STA, access_point, alert, opened, sample

from whimbrel.events.alerts import AlertState, Severity
from whimbrel.history import entries
from whimbrel.history.alerts import AlertRows
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.erasing import Wish
from whimbrel.history.queries import Reader, Scope
from whimbrel.history.store import Store

HOSTILE = st.one_of(
    st.binary(max_size=32),
    st.text(max_size=10).map(str.encode),
    st.sampled_from(
        [b"'; DROP TABLE alerts; --", b'"}', b"\0", b"\n\x1b[31m", b"%", b"x' OR '1'='1", b"\xff\xfe", b"NULL"]
    ),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = opened(tmp_path_factory.mktemp("history") / "history.db")
    yield made
    made.close()


def reader(store: Store) -> Reader:
    return Reader(store.path)


@given(name=HOSTILE, text=st.text(), vendor=st.text())
def test_names_off_the_air_come_back_as_they_went_in(store: Store, name: bytes, text: str, vendor: str) -> None:
    store.erase(Wish(everything=True))
    clean = text.encode("utf-8", "replace").decode()
    store.write([entries.session((1, NOW, NOW, 1, "0", clean, clean, 1, 0, 0, 0))])
    made = Collector(1, store.known, Keeping("relevant"))
    row = access_point(ssid=name, mesh_id=name or None)
    other = name[::-1] + b"'"
    store.write(made.take(sample([row]), NOW))
    store.write(made.take(sample([row.replace(ssid=other, last=NOW + 60)]), NOW))
    body = alert(ssid=name, text=text, title=vendor)
    entry = AlertRows(1, ()).take(body)
    assert entry is not None
    store.write([entry])
    with reader(store) as found:
        (ap,) = found.access_points()
        assert (ap.announced.ssid, ap.announced.mesh_id) == (other, name or None)
        named = {change.change.field: change.change for change in found.changes()}
        if name != other:
            assert (named["ssid"].old, named["ssid"].new) == (name, other)
        assert found.access_points(Scope(ssid=other)) == [ap]
        (past,) = found.alerts(Scope(ssid=name))
        assert past.ssid == name
        (state,) = found.states(10)
        assert state.alert.replace(text="", title="") == body.replace(text="", title="")
        assert state.alert.text == text.encode("utf-8", "backslashreplace").decode()
        assert [row.radio for row in found.sessions()] == [clean]


def test_the_scope_is_kept_to(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    other = bytes(5) + b"\1"
    first = Collector(1, store.known, Keeping("relevant"))
    store.write(first.take(sample([access_point(last=NOW - DAY)]), NOW))
    store.write(first.take(sample([access_point(last=NOW), access_point(other, ssid=b"new", last=NOW)]), NOW))
    with reader(store) as found:
        assert {row.bssid for row in found.access_points()} == {AP, other}
        assert [row.bssid for row in found.access_points(Scope(since=NOW - 3600, new=True))] == [other]
        assert [row.bssid for row in found.access_points(Scope(device=AP))] == [AP]
        assert [row.bssid for row in found.access_points(Scope(ssid=b"new"))] == [other]
        assert found.access_points(Scope(since=NOW + 60)) == []
        assert len(found.access_points(Scope(limit=1))) == 1
    store.close()


def test_alerts_are_found_by_whom_they_name_and_restored_as_they_were(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    rows = AlertRows(1, ())
    weak = alert(3, severity=Severity.WEAKNESS, bssid=None, sender=None)
    for body in (alert(1), alert(2, sender=STA, last=NOW + 5), weak):
        entry = rows.take(body)
        assert entry is not None
        store.write([entry])
    store.write(rows.acknowledge("2"))
    with reader(store) as found:
        assert [row.id for row in found.alerts(Scope(device=STA))] == ["3", "2", "1"]
        assert [row.id for row in found.alerts(Scope(device=AP))] == ["2", "1"]
        assert [(row.id, row.acknowledged) for row in found.alerts(number=2)] == [("2", True)]
        states = found.states(2)
    seen = AlertState(alert(2, sender=STA, last=NOW + 5), open=True, acknowledged=True)
    assert states == [seen, AlertState(weak, open=True, acknowledged=False)]
    store.close()


def test_rows_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write(
        [
            entries.access_point(AP, b"", NOW, 1, NOW, 1, None, "[[["),
            entries.access_point(STA, b"", NOW, 1, NOW, 1, None, "{}"),
            entries.change(1, AP, b"", NOW, 1, '{"field": 3}'),
            entries.alert(1, 1, NOW, NOW, 77, 1, -1, b"", None, None, None, "null"),
            entries.frame(1, 0, "7", b""),
        ]
    )
    with reader(store) as found:
        assert (found.access_points(), found.changes(), found.alerts(), found.evidence(1)) == ([], [], [], [])
    assert store.known(AP) is None
    store.close()


def test_a_time_whose_session_is_forgotten_is_judged_by_itself(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    made = Collector(1, store.known, Keeping("relevant"))
    store.write(made.take(sample([access_point(first=100.0, last=NOW)]), NOW))
    with reader(store) as found:
        (row,) = found.access_points()
    assert (row.first.clock, row.last.clock) == (False, True)
    store.close()


def test_who_reads_writes_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    with reader(store) as found, pytest.raises(sqlite3.OperationalError):
        found.count("DELETE FROM sessions RETURNING id")
    store.close()
    with pytest.raises(sqlite3.OperationalError):
        Reader(tmp_path / "none.db")
