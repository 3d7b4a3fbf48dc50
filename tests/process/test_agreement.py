"""The attack scene from its start to the acknowledged incident: every number agrees with every other.

The overview on the panel, the lists of the commands, their JSON, the status line and the journal are compared while
listening is paused, so that the air stands still; before and after a person has acknowledged what there is.
"""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image
from tests.process.daemon import DaemonProcess
from tests.process.test_display import press, says

from whimbrel.cli import exits

SETTINGS = """\
daemon: {report: 200ms}
modules:
  sniffer:
    source: sim
    tuner: sim
    sim: {scene: attack, seed: 7, speed: 8}
    hop: {channels: ["1", "6", "11", "40"]}
  watcher: {remembered: /dev/null}
  logger: {to: stderr, fold: 0s}
  control: {socket: SOCKET}
  buttons: {}
  display: {driver: none, dim_after: 0s, off_after: 0s, shift: 0s, break_in: never}
"""
_URGENT = {"critical", "warning"}
_TO_PAUSE = ("menu", *["down"] * 6, "ok", "back")


class Told(NamedTuple):
    """The results of one look at the daemon."""

    survey: dict[str, Any]
    alerts: dict[str, Any]
    survey_table: str
    alerts_table: str
    status: str
    panel: Image.Image
    journal: str

    @property
    def unseen(self) -> int:
        """Unacknowledged incidents and alerts of at least a warning."""
        alone = [row for row in self.alerts["alerts"] if not row["incident"]]
        return sum(row["severity"] in _URGENT and not row["acknowledged"] for row in self.alerts["incidents"] + alone)


def command(daemon: DaemonProcess, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "whimbrel", *words, "-s", str(daemon.socket)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (exits.OK, "")
    return done.stdout


def look(daemon: DaemonProcess) -> Told:
    picture = Image.open(io.BytesIO(base64.b64decode(daemon.ask("screenshot")["png"]))).convert("1")
    return Told(
        json.loads(command(daemon, "survey", "--json")),
        json.loads(command(daemon, "alerts", "--all", "--json")),
        command(daemon, "survey"),
        command(daemon, "alerts", "--all"),
        command(daemon, "status"),
        picture,
        daemon.journal,
    )


@pytest.fixture
def attacked(tmp_path: Path) -> Iterator[DaemonProcess]:
    """Run the scene until its first attack is an incident of several alerts, and pause it."""
    with DaemonProcess(tmp_path, SETTINGS) as daemon:
        daemon.wait_for_state("display", "ready")
        daemon.wait_until(
            lambda: any(
                len(row["alerts"]) > 1 and row["severity"] == "critical" for row in daemon.ask("alerts")["incidents"]
            ),
            "an incident of several alerts",
        )
        press(daemon, *_TO_PAUSE)
        daemon.wait_until(lambda: "paused" in daemon.ask("status")["status"], "the pause")
        yield daemon
        assert daemon.stop() == 0


def is_drawn(told: Told) -> bool:
    """Return whether the panel shows what the survey holds, which it takes in twice a second."""
    rows = (told.survey["access_points"], told.survey["stations"])
    return all(says(told.panel, str(len(found)), "number") for found in rows)


def assert_the_air_agrees(told: Told) -> None:
    points, stations = told.survey["access_points"], told.survey["stations"]
    assert len(points) == told.survey["totals"]["access_points"] > 3
    assert len(stations) == told.survey["totals"]["stations"] > 3
    assert f"access points {len(points)}, stations {len(stations)}" in told.survey_table
    assert f"paused: {len(points)} access points, {len(stations)} stations\n" in told.status
    blocks = told.survey_table.split("\n\n")
    assert [len(block.splitlines()) - 1 for block in blocks[:2]] == [len(points), len(stations)]
    offered = set(re.findall(r"Access point (\S+) .*offers", told.journal))
    # A device that was late to be paused has heard a flood of made-up ones too, of which the survey keeps a part.
    heard = {row["bssid"] for row in points}
    assert heard <= offered
    assert len(offered) - len(heard) <= told.survey["totals"]["access_points_evicted"]
    for number in (len(points), len(stations)):
        assert says(told.panel, str(number), "number")
    for row in points:
        members = sum(station["bssid"] == row["bssid"] for station in stations)
        line = next(line for line in blocks[0].splitlines() if line.startswith(row["bssid"]))
        assert (row["stations"], line.split()[-1], line.split()[-2]) == (members, str(members), str(row["beacons"]))


def assert_the_alerts_agree(told: Told) -> None:
    rows = {row["id"]: row for row in told.alerts["alerts"]}
    lines = [line.split() for line in told.alerts_table.splitlines() if line[:4].strip().isdigit()]
    for row in rows.values():
        line = next(words for words in lines if words[0] == row["id"] and row["rule"] in words)
        state = row["state"].replace("closed", "over") if row["severity"] != "weakness" else "new"
        assert state in line or row["acknowledged"]
        assert str(row["count"]) in line
        assert re.search(rf"Alert {row['id']}(?: of incident \d+)?, {row['severity']}: ", told.journal)
    for incident in told.alerts["incidents"]:
        parts = [row for row in rows.values() if row["incident"] == incident["id"]]
        assert {part["id"] for part in parts} == set(incident["alerts"])
        assert incident["acknowledged"] is all(part["acknowledged"] for part in parts)
        if len(parts) > 1:
            assert f"{len(parts)} alerts" in told.alerts_table
    assert says(told.panel, str(told.unseen), "number")
    assert says(told.panel, "new" if told.unseen else "alerts", "small")


def test_every_number_agrees_with_every_other(attacked: DaemonProcess) -> None:
    attacked.wait_until(lambda: is_drawn(look(attacked)), "the overview with the last of the air")
    before = look(attacked)
    assert before.unseen > 0
    assert_the_air_agrees(before)
    assert_the_alerts_agree(before)
    acknowledged = command(attacked, "acknowledge", "all")
    assert set(re.findall(r"\d+", acknowledged)) == {row["id"] for row in before.alerts["alerts"]}
    attacked.wait_until(lambda: says(look(attacked).panel, "alerts", "small"), "the overview without news")
    after = look(attacked)
    assert after.unseen == 0
    assert_the_air_agrees(after)
    assert_the_alerts_agree(after)
    counts = [{row["id"]: row["count"] for row in told.alerts["alerts"]} for told in (before, after)]
    assert counts[0] == counts[1]
