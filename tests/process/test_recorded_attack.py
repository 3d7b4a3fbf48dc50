"""A recording of an attack, replayed, raises the alerts that were raised live."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.process.daemon import DaemonProcess
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
