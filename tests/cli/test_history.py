"""``history`` and ``forget`` as people type them, beside a daemon with a history."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

import pytest
from tests.history.rows import AP, DAY, NOW, access_point, alert, opened, sample, station

from whimbrel.cli import exits, main
from whimbrel.cli.history_tables import explained, show
from whimbrel.cli.moments import moment
from whimbrel.history import answers, entries
from whimbrel.history.alerts import AlertRows
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.store import Store
from whimbrel.verbs.history import History


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = opened(tmp_path / "history.db")
    made.write([entries.session((1, NOW, NOW + 3600, 1, "0", "wlan0\x1b[2J", "home", 1200, 3, 0, 0))])
    made.write([entries.session((2, 5.0, 65.0, 0, "0", "", "", 10, 0, 0, 0))])
    kept = Collector(1, made.known, Keeping("all"))
    evil = access_point(ssid=b"evil\x1b[31m\n")
    made.write(kept.take(sample([evil], [station()]), NOW))
    made.write(kept.take(sample([evil.replace(wps=True, last=NOW + 60)]), NOW))
    entry = AlertRows(1, ()).take(alert(7, text="much\x1b[2J"))
    assert entry is not None
    made.write([entry])
    return made


def asked(store: Store, **request: object) -> History:
    return answers.answer(store.path, answers.wish_of(dict(request)))


def test_tables_say_what_there_is_and_nothing_in_them_is_obeyed(store: Store) -> None:
    text = "\n".join(show(asked(store, what="sessions access_points changes stations alerts")))
    assert "\x1b" not in text
    assert "evil\\x1b[31m\\n" in text
    assert "wps: false became true" in text
    assert "clock not set" in text
    assert "00:aa:bb:cc:dd:ee" in text
    assert "critical" in text
    assert "\n".join(show(asked(store, what="alerts", since=NOW + DAY))) == "nothing of that is in the history"
    store.close()


def test_an_estimate_is_marked_and_the_mark_explained(store: Store) -> None:
    text = "\n".join(show(asked(store, what="sessions alerts")))
    assert "~" not in text
    store.write([entries.session((1, NOW, NOW + 3600, entries.ESTIMATE, "0", "", "", 1200, 3, 0, 0))])
    text = "\n".join(show(asked(store, what="sessions alerts")))
    assert text.count("~20") == 2, "the session's beginning, and that of its alert"
    assert "~: the time is an estimate" in text
    assert "from ~20" in "\n".join(explained(asked(store, alert="7")))
    store.close()


def test_one_alert_is_explained(store: Store) -> None:
    lines = list(explained(asked(store, alert="7")))
    assert lines[0] == "Disconnections (critical, high confidence)"
    assert lines[-1] == "0 frames kept"
    assert list(explained(asked(store, alert="8"))) == ["no such alert is in the history"]
    store.close()


def test_what_does_not_fit_is_said(store: Store) -> None:
    assert any("there are more" in line for line in show(asked(store).replace(left_out=1)))
    store.close()


@pytest.mark.parametrize("text", ["yesterday", "today", "2026-11-28", "2026-11-28T14:30", "12h", "7d"])
def test_times_are_read_as_people_write_them(text: str) -> None:
    now = datetime.datetime.now().astimezone().timestamp()
    assert moment(text) <= now + 400 * DAY
    if text == "12h":
        assert now - moment(text) == pytest.approx(43200, abs=60)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "5", "-3h", "9" * 400 + "d"])
def test_other_times_are_refused_with_examples(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="yesterday"):
        moment(text)


def test_without_a_daemon_both_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = str(tmp_path / "none")
    assert main(["history", "-s", nobody]) == exits.UNREACHABLE
    assert main(["forget", "-s", nobody, "--device", AP.hex(":")]) == exits.UNREACHABLE
    assert main(["history", "-s", nobody, "--channels"]) == exits.USAGE
    assert main(["forget", "-s", nobody]) == exits.USAGE
    assert "--everything" in capsys.readouterr().err
