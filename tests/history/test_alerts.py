from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.history.rows import AP, NOW, alert, incident, opened

from whimbrel.events.alerts import Alert, AlertClosed, AlertState, AlertUpdated, Severity
from whimbrel.events.decode import decode
from whimbrel.events.incidents import IncidentChanged, IncidentClosed
from whimbrel.history.alerts import AlertRows
from whimbrel.history.entries import Entry
from whimbrel.history.erasing import Wish
from whimbrel.history.queries import Reader, Scope
from whimbrel.verbs.alerts import AlertRow, Evidence, FrameRow

COLUMNS = ("id", "session", "first", "last", "rank", "open", "seen", "ssid", "bssid", "sender", "receiver", "body")


def row(entry: Entry | None) -> dict[str, Any]:
    assert entry is not None
    return dict(zip(COLUMNS, entry.values, strict=True))


def later(body: Alert, kind: type[Any], **more: Any) -> Any:
    fields = {name: value for name, value in body.as_dict().items() if name in kind.fields}
    return kind(**fields | more)


def evidence(frames: int, size: int = 100) -> Evidence:
    made = AlertRow(**alert().as_dict(), state="open", acknowledged=False, left_out=0, fooled_by="", reference="")
    rows = tuple(
        FrameRow(time=NOW + n, freq=2437, rssi=-50, noise=None, tsft=None, rate=1.0, phy="", length=size,
                 octets=bytes([n]) * size)
        for n in range(frames)
    )  # fmt: skip
    return Evidence(alert=made, frames=rows, left_out=0)


def test_an_alert_is_followed_to_its_end() -> None:
    rows = AlertRows(4, ())
    body = alert(again=2)
    first = row(rows.take(body))
    assert (first["id"], first["session"], first["rank"], first["open"], first["seen"]) == (1, 4, 3, 1, -1)
    row(rows.take(later(body, AlertUpdated, last=NOW + 9, count=40)))
    closed = row(rows.take(later(body, AlertClosed, last=NOW + 9, count=41, reason="quiet")))
    assert (closed["open"], closed["last"]) == (0, NOW + 9)
    said = decode(Alert, json.loads(closed["body"]))
    assert (said.again, said.count, said.key) == (2, 41, body.key)
    assert row(rows.take(alert(2, lasting=False)))["open"] == 0


def test_what_a_person_has_seen_is_as_bad_as_it_was_then() -> None:
    rows = AlertRows(1, ())
    body = alert(severity=Severity.NOTICE)
    rows.take(body)
    assert row(rows.acknowledge("1")[0])["seen"] == 1
    worse = row(rows.take(later(body, AlertUpdated, severity=Severity.CRITICAL)))
    assert (worse["rank"], worse["seen"], rows.became_worse) == (3, 1, True)
    rows.take(later(body, AlertUpdated, severity=Severity.CRITICAL))
    assert not rows.became_worse
    assert rows.acknowledge("77") == []


def test_what_the_watcher_remembers_is_taken_in_once() -> None:
    rows = AlertRows(2, [AlertState(alert(1), open=True, acknowledged=False)])
    assert rows.take_state(AlertState(alert(1), open=True, acknowledged=False)) == []
    (seen,) = rows.take_state(AlertState(alert(1), open=True, acknowledged=True))
    assert (row(seen)["seen"], row(seen)["session"]) == (3, 0)
    assert rows.take_state(AlertState(alert(1), open=True, acknowledged=True)) == []
    assert len(rows.take_state(AlertState(alert(5), open=False, acknowledged=False))) == 1


def test_the_clock_moves_what_this_session_has_raised() -> None:
    rows = AlertRows(2, [AlertState(alert(1), open=True, acknowledged=False)])
    rows.take(alert(2, first=100.0))
    rows.shift(NOW)
    (first,), (second,) = rows.acknowledge("1"), rows.acknowledge("2")
    assert (row(first)["first"], row(second)["first"]) == (NOW, NOW + 100.0)


def test_frames_are_kept_from_both_ends_as_far_as_there_is_room() -> None:
    rows = AlertRows(1, ())
    rows.take(alert())
    assert rows.unfetched() == ["1"]
    assert rows.unfetched() == []
    kept = rows.frames(evidence(20), 450)
    assert [entry.values[3][0] for entry in kept] == [0, 1, 18, 19]
    assert [entry.values[:2] for entry in kept] == [(1, n) for n in range(4)]
    assert "octets" not in kept[0].values[2]
    assert rows.frames(evidence(3), 50) == []


def test_what_was_erased_is_not_kept_again() -> None:
    rows = AlertRows(1, ())
    rows.take(alert(1))
    rows.take(alert(2))
    rows.forget_but({2})
    assert rows.take(later(alert(1), AlertClosed, reason="quiet")) is None
    assert rows.take_state(AlertState(alert(1), open=True, acknowledged=True)) == []
    assert rows.frames(evidence(3), 1000) == []
    assert rows.take(alert(2, sender=AP)) is not None


def test_an_incident_is_followed_to_its_end_with_its_alerts(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    rows = AlertRows(4, ())
    body = incident(3)
    end = {name: value for name, value in body.as_dict().items() if name in IncidentClosed.fields}
    changed = IncidentChanged(**end | {"alerts": ("3", "4"), "last": NOW + 5}, news="alert")
    for said in (body, changed, IncidentClosed(**end | {"alerts": ("3", "4"), "last": NOW + 9})):
        entry = rows.take_incident(said)
        assert entry is not None
        store.write([entry])
    with Reader(store.path) as reader:
        (past,) = reader.incidents(Scope(ssid=b"harbour", device=AP))
        assert reader.incidents(Scope(since=NOW + 60)) == []
    assert (past.id, past.alerts, past.last, past.open, past.clock) == ("3", ("3", "4"), NOW + 9, False, True)
    rows.take(alert(3))
    rows.forget_but(set())
    assert rows.take_incident(body) is None
    assert store.erase(Wish(device=AP)) == 1
    store.close()
