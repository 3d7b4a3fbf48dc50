"""The real daemon on a board whose clock is wrong, or that outlives 32 bits of seconds."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from tests.process.daemon import DaemonProcess
from tests.process.history_torture import forgotten

from whimbrel.capture.reader import read_capture

pytestmark = [pytest.mark.process, pytest.mark.slow]

SETTINGS = """\
---
daemon: {report: 200ms, stop_timeout: 2s}
modules:
  sniffer: {source: sim, tuner: sim, sim: {scene: attack, seed: 7, speed: 16}}
  watcher: {report: 1s, remembered: FOLDER/alerts.json, learned: FOLDER/guarded.yaml}
  logger: {to: stderr}
  control: {socket: SOCKET}
  recorder: {folder: FOLDER/recordings, least_free: 0B, mode: all}
  history: {file: FOLDER/history.db}
...
"""
STARTS = {"1970": 60.0, "2038": 2.0**31 - 4}
"""Seconds since the epoch at the start; the air goes sixteen times as fast: the last one ends behind the wrap.

Not in 2106: scapy, which makes the simulated air, cannot be imported then; `tests/detections/test_clocks.py` has it.
"""
_MOST = 3600.0
"""Seconds that the session takes at most, of the air's time."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cc") is None:
        pytest.skip("a C compiler is missing")
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_alerts_history_and_recordings_have_the_time_that_the_board_believes(
    start: float, library: Path, tmp_path: Path
) -> None:
    environment = {"LD_PRELOAD": str(library), "CLOCK_BY": str(int(start - time.time()))}
    settings = SETTINGS.replace("FOLDER", str(tmp_path))
    with DaemonProcess(tmp_path, settings, environment=environment) as daemon:
        daemon.wait_for_state("history", "ready")
        number = daemon.wait_until(lambda: next(iter(_alerts(daemon)), None), "an alert")
        done = daemon.ask("acknowledge", alert=number)
        assert number in done["acknowledged"]
        daemon.wait_until(lambda: daemon.ask("survey")["time"] > start + 30, "the air of half a minute")
        survey = daemon.ask("survey")
        for row in (*survey["access_points"], *survey["stations"]):
            assert start - 1 <= row["first"] <= row["last"] <= start + _MOST
        alert = next(row for row in daemon.ask("alerts", all=True)["alerts"] if row["id"] == number)
        assert start - 1 <= alert["first"] <= alert["last"] <= start + _MOST
        assert daemon.ask("history", what="sessions")["sessions"]
        assert daemon.stop() == 0
        assert "Traceback" not in daemon.journal
    assert not forgotten(tmp_path, [int(number)] if done["safe"] else ())
    heard = [record for path in (tmp_path / "recordings").glob("*.pcapng") for record in _records(path)]
    assert heard
    assert all(start - 1 <= stamp <= start + _MOST for stamp in heard), (min(heard), max(heard))
    if start > 60:
        assert max(heard) > start + 4, "the recording goes on behind the wrap"
    with DaemonProcess(tmp_path, settings, environment=environment) as daemon:
        daemon.wait_for_state("watcher", "ready")
        daemon.wait_until(lambda: daemon.ask("survey")["time"] > start, "the air after the next start")
        assert daemon.stop() == 0


def _alerts(daemon: DaemonProcess) -> list[str]:
    return [row["id"] for row in daemon.ask("alerts")["alerts"]]


def _records(path: Path) -> list[float]:
    with path.open("rb") as stream:
        return [record[0] for _, records in read_capture(stream) for record in records]
