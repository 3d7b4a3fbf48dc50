"""A recording of an attack, replayed, raises the alerts that were raised live."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.lab.tun import MonitorTun, skip_without_tun
from tests.process.daemon import DaemonProcess
from tests.process.recorder_torture import BEACON, DEAUTHENTICATION
from tests.recording.frames import files

SETTINGS = """\
daemon: {stop_timeout: 10s}
modules:
  sniffer: {source: pcap, tuner: none, pcap: {files: [CAPTURE]}}
  watcher: {remembered: /dev/null}
  control: {socket: SOCKET}
  recorder: {folder: FOLDER, least_free: 0B, mode: all, backlog: 100000, waiting: 64MiB}
"""


def replayed(path: Path) -> list[tuple[str, str, str, float]]:
    command = [sys.executable, "-m", "whimbrel", "replay", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    alerts = json.loads(done.stdout)["captures"][0]["alerts"]
    return [(alert["rule"], alert["severity"], alert["text"], alert["first"]) for alert in alerts]


@pytest.mark.parametrize(
    "name", ["wids-802.11x/deauth.pcap", "deauth-attack/deauth.pcap", "wids-802.11x/100x0.1fap.pcap"]
)
def test_a_replay_of_the_recording_raises_the_same_alerts(tmp_path: Path, captures: Path, name: str) -> None:
    folder = tmp_path / "recordings"
    settings = SETTINGS.replace("CAPTURE", str(captures / name)).replace("FOLDER", str(folder))
    with DaemonProcess(tmp_path, settings) as daemon:
        daemon.process.wait()
    wanted = replayed(captures / name)
    assert wanted
    recordings = [path for path in files(folder) if path.name.endswith("-all.pcapng")]
    assert len(recordings) == 1
    assert replayed(recordings[0]) == wanted


LIVE = SETTINGS.replace(
    "{source: pcap, tuner: none, pcap: {files: [CAPTURE]}}", "{source: linux, tuner: none, linux: {interface: wmon0}}"
)
PER_SECOND = 50
ATTACK = [BEACON, BEACON, BEACON, BEACON, DEAUTHENTICATION] * 100


@pytest.mark.tun
def test_a_replay_raises_the_alerts_that_were_raised_live(tmp_path: Path) -> None:
    skip_without_tun()
    folder = tmp_path / "recordings"
    with MonitorTun() as tun, DaemonProcess(tmp_path, LIVE.replace("FOLDER", str(folder)), spawn=tun.spawn) as daemon:
        for module in ("sniffer", "watcher", "recorder", "control"):
            daemon.wait_for_state(module, "ready")
        assert tun.feed(ATTACK, PER_SECOND).wait() == 0
        daemon.wait_until(
            lambda: daemon.ask("survey", what="channels")["totals"]["frames"] == len(ATTACK),
            "every frame in the survey",
        )
        live = [(row["rule"], row["severity"], row["text"], row["first"]) for row in daemon.ask("alerts")["alerts"]]
        assert daemon.stop() == 0
    (recording,) = (path for path in files(folder) if path.name.endswith("-all.pcapng"))
    assert "deauth-flood" in {rule for rule, *_ in live}
    assert sorted(replayed(recording)) == sorted(live)
