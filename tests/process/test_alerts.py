"""From an attack in the air to its acknowledgement: the real daemon on the simulated air, with a user's commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.lab.seen import severities, unseen
from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.capture.reader import read_capture
from whimbrel.cli import exits
from whimbrel.testing import PATIENCE
from whimbrel.wifi import kinds
from whimbrel.wifi.linktypes import parse

# The first attack begins after a minute of its air; faster than this, a slow machine might ask when it is long over.
ATTACK = """\
daemon: {retry: 200ms, backoff_min: 100ms, stop_timeout: 1s, report: 200ms}
modules:
  sniffer:
    source: sim
    tuner: sim
    sim: {scene: attack, speed: 10, bands: ["2.4"], volume: 0}
    hop: {channels: [6]}
  watcher: {learned: FOLDER/guarded.yaml}
  logger: {to: stderr, level: notice}
  control: {socket: SOCKET}
  display: {driver: png, png: {path: FOLDER/panel.png}, retry: 100ms}
"""


def whimbrel(daemon: DaemonProcess, command: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "whimbrel", command, "-s", str(daemon.socket), *more],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def raised(daemon: DaemonProcess, rule: str) -> dict[str, Any] | None:
    rows = [row for row in daemon.ask("alerts")["alerts"] if row["rule"] == rule]
    return rows[0] if rows else None


def test_an_attack_is_told_shown_saved_and_seen(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, ATTACK.replace("FOLDER", str(tmp_path))) as daemon:
        daemon.wait_for_state("display", "ready")
        alert = daemon.wait_until(lambda: raised(daemon, "deauth-flood"), "the alert")
        assert (alert["severity"], alert["channel"]) == ("critical", 6)
        daemon.wait_until_written("deauth-flood")
        listed = whimbrel(daemon, "alerts")
        assert (listed.returncode, listed.stderr) == (exits.OK, "")
        assert "deauth-flood" in listed.stdout
        incident = next(each for each in daemon.ask("alerts")["incidents"] if each["id"] == alert["incident"])
        assert (incident["severity"], incident["channel"], incident["ssid"]) == ("critical", 6, "Uferschnepfe")
        daemon.wait_until_written(f"Incident {incident['id']}, critical: Disconnection attack")

        learned = whimbrel(daemon, "learn", "--dry-run", "--json", "Uferschnepfe")
        assert learned.returncode == exits.FAILURE
        answer = json.loads(learned.stdout)
        assert any(f"alert {alert['id']} " in doubt["text"] for doubt in answer["doubts"])
        assert not answer["written"]
        assert not (tmp_path / "guarded.yaml").exists()

        out = tmp_path / "flood.pcapng"
        assert whimbrel(daemon, "evidence", alert["id"], str(out)).returncode == exits.OK
        with out.open("rb") as file:
            frames = [parse(kind, record) for kind, batch in read_capture(file) for record in batch]
        assert frames
        assert {frame.kind for frame in frames} <= {kinds.DEAUTH, kinds.DISASSOC}
        assert all(frame.freq == 2437 and frame.rssi is not None and frame.malformed is None for frame in frames)

        parts = severities(daemon, incident["id"])
        assert alert["id"] in unseen(daemon, parts)
        assert whimbrel(daemon, "acknowledge", incident["id"]).returncode == exits.OK
        assert unseen(daemon, parts) == []
        assert daemon.stop() == 0
        assert "Traceback" not in daemon.journal


def test_alerts_outlast_a_restart_a_reload_and_a_killed_process(tmp_path: Path) -> None:
    """Numbers never restart, and acknowledged alerts stay acknowledged."""
    folder = tmp_path / "state"
    settings = ATTACK.replace("FOLDER", str(tmp_path))

    def numbers(daemon: DaemonProcess) -> dict[int, dict[str, Any]]:
        return {int(row["id"]): row for row in daemon.ask("alerts")["alerts"]}

    with DaemonProcess(tmp_path, settings, environment={"STATE_DIRECTORY": str(folder)}) as daemon:
        daemon.wait_for_state("watcher", "ready")
        alert = daemon.wait_until(lambda: raised(daemon, "deauth-flood"), "the alert")
        first = int(alert["id"])
        assert whimbrel(daemon, "acknowledge", str(first)).returncode == exits.OK
        heard = daemon.ask("survey", what="access_points")["access_points"]
        daemon.ask("restart", module="watcher")
        daemon.wait_for_state("watcher", "ready")
        assert numbers(daemon)[first]["acknowledged"]
        kept = {row["bssid"] for row in daemon.ask("survey", what="access_points")["access_points"]}
        assert kept >= {row["bssid"] for row in heard}

        daemon.configure(settings.replace("watcher: {", "watcher: {access_points: 500, "))
        assert "watcher" in daemon.ask("reload")["changed"]
        daemon.wait_until(lambda: first in numbers(daemon), "the alert after the reload")
        assert numbers(daemon)[first]["acknowledged"]

        def written() -> bool:
            path = folder / "alerts.json"
            return path.exists() and str(first) in json.loads(path.read_text())["seen"]

        daemon.wait_until(written, "the file")
        newest = max(numbers(daemon))
        daemon.process.kill()
        daemon.process.wait()
    with DaemonProcess(tmp_path, settings, environment={"STATE_DIRECTORY": str(folder)}) as daemon:
        daemon.wait_for_state("watcher", "ready")
        again = numbers(daemon)
        assert again[first]["acknowledged"]
        assert again[first]["bssid"] == alert["bssid"]
        daemon.wait_until(lambda: max(numbers(daemon)) > newest, "another alert")
        assert daemon.stop() == 0


def test_a_learned_network_is_guarded_after_a_restart_too(tmp_path: Path) -> None:
    settings = SIMULATED.replace("{report: 1s}", f"{{learned: {tmp_path}/state/guarded.yaml}}")
    with DaemonProcess(tmp_path, settings) as daemon:
        daemon.wait_for_state("watcher", "ready")

        def names() -> list[str]:
            return [row["ssid"] for row in daemon.ask("survey", what="access_points")["access_points"] if row["ssid"]]

        name = daemon.wait_until(names, "a network")[0]
        done = whimbrel(daemon, "learn", "--yes", name)
        assert done.returncode == exits.OK, done.stderr
        daemon.wait_until_written(f'Guarded: "{name}"')
        daemon.ask("restart", module="watcher")
        daemon.wait_until_written(f'Guarded: "{name}"', 2)
        assert [row["ssid"] for row in daemon.ask("guarded")["networks"]] == [name]
        assert daemon.stop() == 0
    (tmp_path / "state" / "guarded.yaml").write_text("guarded:\n- ssdi: x\n")
    with DaemonProcess(tmp_path, settings) as daemon:
        row = daemon.wait_for_state("watcher", "degraded")
        assert "guarded.yaml:2:3: guarded[0].ssdi" in row["reason"]
        check = subprocess.run(
            [sys.executable, "-m", "whimbrel", "check", "-c", str(daemon.config)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert check.returncode == exits.MACHINE
        assert "guarded[0].ssdi" in check.stderr
        assert daemon.stop() == 0
