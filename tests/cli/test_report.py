from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import html5lib
import pytest
from tests.cli.conftest import AP, Whimbrel, beacon, deauth, write_capture
from tests.history.rows import NOW, opened, sample
from tests.history.rows import access_point as past_access_point
from tests.history.rows import channel as carried_channel
from tests.lab.waiting import block_until
from tests.process.daemon import DaemonProcess
from tests.reporting.rows import BEGAN, access_point, alert, heard

from whimbrel.cli import exits, main
from whimbrel.cli.commands.replay import read
from whimbrel.cli.heard import of_capture
from whimbrel.cli.heard_earlier import with_history
from whimbrel.events.alerts import Alert
from whimbrel.history import entries
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.reporting.building import report
from whimbrel.reporting.page import page
from whimbrel.rows import AccessPointRow, Announced
from whimbrel.verbs.history import AccessPointPast, AlertPast, DatedMoment, History, SessionRow
from whimbrel.wifi.security import Protection

NAME = b"<b>home</b>"


def text_of(page: str) -> str:
    return "".join(html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page).itertext())


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    frames = [(1.0, beacon(NAME)), *((2.0 + number / 100, deauth(7)) for number in range(60))]
    return write_capture(tmp_path / "c.pcap", frames)


def test_of_a_capture(whimbrel: Whimbrel, tmp_path: Path, capture: Path) -> None:
    out = tmp_path / "out.html"
    done = whimbrel("replay", "--report", out, capture)
    assert (done.returncode, done.stderr) == (exits.OK, "")
    assert "02:00:00:00:00:01" in done.stdout
    text = text_of(out.read_text())
    assert "Wi-Fi report: c.pcap" in text
    assert NAME.decode() in text
    assert "Disconnection attack" in text


def test_of_several_captures_on_one_page(whimbrel: Whimbrel, tmp_path: Path, capture: Path) -> None:
    other = write_capture(tmp_path / "d.pcap", [(1.0, beacon(b"other"))])
    done = whimbrel("replay", "--report", "-", capture, tmp_path / "none.pcap", other)
    assert done.returncode == exits.CAPTURE
    assert "none.pcap" in done.stderr
    text = text_of(done.stdout)
    assert "2 captures" in text
    assert "other" in text


def test_a_file_that_is_there_is_left_alone(whimbrel: Whimbrel, tmp_path: Path, capture: Path) -> None:
    out = tmp_path / "out.html"
    out.write_text("mine")
    done = whimbrel("replay", "--report", out, capture)
    assert (done.returncode, out.read_text()) == (exits.FAILURE, "mine")
    assert "--force" in done.stderr
    assert whimbrel("replay", "--report", out, "--force", capture).returncode == exits.OK
    assert "Wi-Fi report" in out.read_text()


def test_two_things_do_not_go_to_one_standard_output(whimbrel: Whimbrel, capture: Path) -> None:
    done = whimbrel("replay", "--report", "-", "--json", capture)
    assert (done.returncode, done.stdout) == (exits.USAGE, "")


def test_without_a_template_library_it_says_what_to_install(whimbrel: Whimbrel, tmp_path: Path, capture: Path) -> None:
    (tmp_path / "jinja2.py").write_text("raise ImportError('not here')\n")
    done = whimbrel("replay", "--report", tmp_path / "out.html", capture, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == exits.MACHINE
    assert "apt install python3-jinja2" in done.stderr
    assert "c.pcap: " in done.stdout


def test_what_is_wrong_with_a_capture_is_told(tmp_path: Path, capture: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-5])
    found = of_capture(read(capture))
    assert found.name == "c.pcap"
    assert any("damaged after" in remark for remark in found.remarks)
    (session,) = found.sessions
    assert (session.began, session.frames) == (1.0, 60)
    assert [row.bssid for row in found.access_points] == [AP]
    empty = of_capture(read(write_capture(tmp_path / "empty.pcap", [])))
    assert empty.sessions == ()


def test_without_a_daemon_it_says_so(whimbrel: Whimbrel, tmp_path: Path) -> None:
    done = whimbrel("report", tmp_path / "out.html", "--socket", tmp_path / "none")
    assert done.returncode == exits.UNREACHABLE
    assert not (tmp_path / "out.html").exists()


def test_a_wrong_time_is_refused(whimbrel: Whimbrel, tmp_path: Path) -> None:
    done = whimbrel("report", "--since", "soon", tmp_path / "out.html")
    assert done.returncode == exits.USAGE
    assert "yesterday" in done.stderr


def session(number: int, began: float, ended: float, *, clock: bool = True) -> SessionRow:
    return SessionRow(
        id=number, began=began, ended=ended, clock=clock, version="", radio="", place="harbour", frames=7,
        kernel_lost=1, bus_lost=0, not_kept=0,
    )  # fmt: skip


def past(row: AccessPointRow, *, clock: bool = True) -> AccessPointPast:
    at = DatedMoment(time=row.last, clock=clock)
    return AccessPointPast(bssid=row.bssid, first=at, last=at, loudest=-40, announced=Announced.of(row), changes=0)


def test_a_history_adds_what_is_not_heard_any_more() -> None:
    now = heard(alerts=(alert("2"),))
    gone = access_point(b"gone", bssid=b"\x02" * 6, freq=5180, width=80, security=Protection.OPEN)
    unplaced = access_point(bssid=b"\x04" * 6)
    raised = {name: getattr(alert("1"), name) for name in Alert.fields}
    known: dict[str, Any] = {"open": False, "acknowledged": True, "clock": True, "kept": 8}
    history = History(
        file="", octets=0, left_out=1,
        sessions=(
            session(3, BEGAN, BEGAN + 30), session(2, BEGAN - 900, BEGAN - 100), session(1, 9.0, 99.0, clock=False),
        ),
        access_points=(past(now.access_points[0]), past(gone), past(unplaced, clock=False)),
        alerts=(AlertPast(**raised | {"id": "2"}, **known), AlertPast(**raised, **known)),
    )  # fmt: skip
    found = with_history(now, history, {}, BEGAN - 500)
    assert [(each.began, each.place, each.lost) for each in found.sessions] == [
        (BEGAN - 500, "harbour", 1), (BEGAN, "", 0),
    ]  # fmt: skip
    assert found.earlier == {gone.bssid}
    (earlier,) = [row for row in found.access_points if row.bssid == gone.bssid]
    assert (earlier.ssid, earlier.freq, earlier.band, earlier.center, earlier.security, earlier.rssi.max) == (
        b"gone", 5180, "5", 5210, Protection.OPEN, -40,
    )  # fmt: skip
    assert [(row.id, row.left_out) for row in found.alerts] == [("2", 12), ("1", 40)]
    assert [remark.split()[0] for remark in found.remarks[1:]] == ["1", "The"]
    assert "last heard" in page(report([found], made=BEGAN, version="1"))


def test_estimated_dates_are_told_and_kept() -> None:
    doubtful = session(2, BEGAN - 900, BEGAN - 100).replace(estimate=True)
    history = History(file="", octets=0, left_out=0, sessions=(doubtful,))
    found = with_history(heard(), history, {}, BEGAN - 900)
    assert found.sessions[0].began == BEGAN - 900
    assert "1 time of listening: dates are estimates" in found.remarks[-1]


SETTINGS = """
modules:
  sniffer: {source: sim, tuner: sim}
  watcher:
  logger: {to: stderr}
  control: {socket: SOCKET}
  history: {file: FOLDER/history.db, commit: 1s, place: "the <harbour>"}
"""


def kept(daemon: DaemonProcess) -> bool:
    answer = daemon.ask("history", what="sessions access_points channels")
    return bool(answer["access_points"] and answer["channels"] and answer["sessions"][0]["frames"])


def test_of_a_daemon_with_a_history_and_after_its_end(whimbrel: Whimbrel, tmp_path: Path) -> None:
    named = SETTINGS.replace("FOLDER", str(tmp_path))
    with DaemonProcess(tmp_path, named) as first:
        first.wait_for_state("watcher", "ready")
        block_until(lambda: kept(first), "something in the history", every=0.1)
        there = {row["bssid"] for row in first.ask("history", what="access_points")["access_points"]}
        assert first.stop() == 0
    with DaemonProcess(tmp_path, named) as second:
        second.wait_for_state("watcher", "ready")
        block_until(lambda: kept(second), "something in the history", every=0.1)
        done = whimbrel("report", tmp_path / "live.html", "--since", "1h", "-s", second.socket)
        assert (done.returncode, done.stderr) == (exits.OK, "")
        live = text_of((tmp_path / "live.html").read_text())
        assert second.stop() == 0
    done = whimbrel("report", "--history", tmp_path / "history.db", tmp_path / "after.html")
    assert (done.returncode, done.stderr) == (exits.OK, "")
    after = text_of((tmp_path / "after.html").read_text())
    for text in (live, after):
        assert "By the hour" in text
        assert text.count("the <harbour>") >= 1
        assert there <= set(re.findall(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", text))
    assert after.count("the <harbour>") == 2


@pytest.mark.parametrize("content", [None, b"", b"no database" * 1000])
def test_a_file_that_is_no_history(tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "history\x1b.db"
    if content is not None:
        file.write_bytes(content)
    assert main(["report", "--history", str(file), str(tmp_path / "out.html")]) == exits.FAILURE
    said = capsys.readouterr().err
    assert "history\\x1b.db: " in said
    assert not (tmp_path / "out.html").exists()


def test_a_history_on_a_card_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(tmp_path / "card" / "history.db")
    store.write([entries.session((1, NOW, NOW + 3600, 1, "0", "", "harbour", 1200, 3, 0, 0))])
    kept = Collector(1, store.known, Keeping("all"))
    store.write(kept.take(sample([past_access_point(ssid=b"<home>")], [], [carried_channel(9)]), NOW))
    store.write(kept.take(sample([past_access_point(ssid=b"<home>", wps=True)], [], [carried_channel(19)]), NOW))
    store.close()
    monkeypatch.setattr(os, "access", lambda *_args, **_more: False)  # of which a test that runs as root has none
    out = tmp_path / "out.html"
    assert main(["report", "--history", str(store.path), str(out)]) == exits.OK
    assert [file.name for file in store.path.parent.iterdir()] == ["history.db"]
    text = text_of(out.read_text())
    assert "What has changed" in text
    assert "WPSnoyes" in text
    assert "<home>" in text
