from __future__ import annotations

import csv
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import pytest
from tests.cli.conftest import Whimbrel
from tests.lab.waiting import block_until
from tests.process.daemon import DaemonProcess

from whimbrel.cli import exits, main

pytestmark = pytest.mark.process

SETTINGS = """
modules:
  sniffer: {source: sim, tuner: sim}
  watcher:
  logger: {to: stderr}
  control: {socket: SOCKET}
  position: {gpsd: FOLDER/gpsd.sock, oldest: 1min}
  history: {file: FOLDER/history.db, commit: 1s}
"""


def walk(server: socket.socket, over: threading.Event) -> None:
    """Send one client reports of a device that moves north, by 10 m with each report."""
    client, _ = server.accept()
    with client:
        for second in itertools.count():
            report = {
                "class": "TPV",
                "device": "/dev/a",
                "mode": 3,
                "lat": 59.0 + second * 9e-5,
                "lon": 18.0,
                "eph": 8.0,
            }
            try:
                client.sendall(json.dumps(report).encode() + b"\n")
            except OSError:
                return
            if over.wait(0.1):
                return


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    """Run a daemon that is carried through the simulated air, and has heard something on the way."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "gpsd.sock"))
        server.listen()
        over = threading.Event()
        thread = threading.Thread(target=walk, args=(server, over))
        thread.start()
        with DaemonProcess(tmp_path, SETTINGS.replace("FOLDER", str(tmp_path))) as made:
            made.wait_for_state("watcher", "ready")
            block_until(lambda: placed(made), "a way and a sighting", every=0.05)
            yield made
            assert made.stop() == 0
        over.set()
        thread.join()


def placed(daemon: DaemonProcess) -> bool:
    points: list[Any] = daemon.ask("track")["points"]
    return len(points) > 2 and bool(daemon.ask("sightings")["sightings"])


def test_every_format(whimbrel: Whimbrel, daemon: DaemonProcess, tmp_path: Path) -> None:
    assert " E, ±8 m" in whimbrel("status", "-s", daemon.socket).stdout
    names = {row["ssid"] for row in daemon.ask("sightings")["sightings"]}
    assert names
    for format_ in ("wigle", "kml", "geojson", "gpx"):
        out = tmp_path / f"out.{format_}"
        done = whimbrel("export", format_, out, "-s", daemon.socket)
        assert done.returncode == exits.OK, done.stderr
        assert "access point" in done.stdout
        again = whimbrel("export", format_, out, "-s", daemon.socket)
        assert (again.returncode, "--force" in again.stderr) == (exits.FAILURE, True)
        assert whimbrel("export", format_, out, "--force", "-s", daemon.socket).returncode == exits.OK
    rows = list(csv.DictReader((tmp_path / "out.wigle").read_text().splitlines()[1:], strict=True))
    assert names <= {row["SSID"] for row in rows}
    assert all(59.0 <= float(row["CurrentLatitude"]) < 60.0 for row in rows)
    assert len(parse(tmp_path / "out.kml").findall(".//{*}Point")) >= len(names)
    assert len(parse(tmp_path / "out.gpx").findall(".//{*}trkpt")) > 2
    said = whimbrel("export", "geojson", "-", "-s", daemon.socket)
    assert {feature["geometry"]["type"] for feature in json.loads(said.stdout)["features"]} == {"Point", "LineString"}


def test_positions_outlast_the_process(whimbrel: Whimbrel, daemon: DaemonProcess, tmp_path: Path) -> None:
    with_history = SETTINGS.replace("FOLDER", str(tmp_path))
    before = {row["bssid"] for row in daemon.ask("sightings")["sightings"]}
    block_until(lambda: before <= {row["bssid"] for row in daemon.ask("earlier-sightings")["sightings"]}, every=0.1)
    assert daemon.stop() == 0
    (tmp_path / "gpsd.sock").unlink()  # the next one has no position
    with DaemonProcess(tmp_path, with_history) as later:
        later.wait_for_state("history", "ready")
        later.wait_for_state("watcher", "ready")
        block_until(lambda: later.ask("sightings")["sightings"], every=0.1)
        assert whimbrel("export", "geojson", tmp_path / "out", "-s", later.socket).returncode == exits.OK
        features = json.loads((tmp_path / "out").read_text())["features"]
        assert before <= {feature["properties"]["bssid"] for feature in features}
        gone = next(iter(before))
        assert whimbrel("forget", "--device", gone, "-s", later.socket).returncode == exits.OK
        block_until(lambda: gone not in {row["bssid"] for row in later.ask("sightings")["sightings"]}, every=0.1)
        assert later.stop() == 0


def test_nothing_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_for_state("watcher", "ready")
        assert main(["export", "kml", str(tmp_path / "out.kml"), "-s", str(daemon.socket)]) == exits.FAILURE
        assert "module position" in capsys.readouterr().err
        assert not (tmp_path / "out.kml").exists()
        assert daemon.stop() == 0


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    assert main(["export", "gpx", "-", "--socket", str(tmp_path / "none")]) == exits.UNREACHABLE
