"""The real daemon with thinning in the kernel: frames that repeat are counted there, and missing nowhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.helper.helping import helper_on
from tests.lab.frames import quiet_beacon, received
from tests.lab.thinned import skip_without_filter
from tests.lab.tun import MonitorTun
from tests.process.daemon import DaemonProcess
from tests.process.test_live import LIVE, totals, wait_for_frames
from tests.process.test_radio_helper import without_capabilities

from whimbrel.client.blocking import BlockingClient
from whimbrel.testing import PATIENCE

pytestmark = [pytest.mark.tun, pytest.mark.process]

THIN = LIVE.replace("interface: wmon0", "interface: wmon0, thin: true")
RECORDING = THIN + "  recorder: {folder: FOLDER}\n"
BEGUN = "The kernel only counts frames that repeat"
ADDRESSES = [bytes((0x00, 0x22, 0x33, 0x44, 0x55, number)) for number in range(8)]


@pytest.fixture(autouse=True)
def compiled() -> None:
    skip_without_filter()


def beacon(address: bytes, number: int) -> bytes:
    """Return a beacon of an access point whose clock goes on as the machine's does."""
    clock = (1 << 40) + time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    return received(quiet_beacon(address, number, clock))


def beacons_of(daemon: DaemonProcess) -> dict[str, int]:
    """Return the number of beacons heard of each access point."""
    return {row["bssid"]: row["beacons"] for row in daemon.ask("survey", what="access_points")["access_points"]}


def send(tun: MonitorTun, first: int, rounds: int) -> int:
    """Let a beacon of each access point arrive every tenth of a second; return the number of the next round."""
    for number in range(first, first + rounds):
        for address in ADDRESSES:
            tun.write(beacon(address, number))
        time.sleep(0.1)
    return first + rounds


def hear(tun: MonitorTun, daemon: DaemonProcess) -> None:
    """Send beacons until the kernel counts some, and find all of them in the survey."""
    daemon.wait_until_told("READY=1")
    daemon.wait_for_state("control", "ready")
    daemon.wait_until_written(BEGUN)
    with BlockingClient(daemon.socket) as client:
        reports = client.follow(kinds=["radio-report"])
        rounds, report = 0, {"counted": 0}
        until = time.monotonic() + PATIENCE
        while not report["counted"] and time.monotonic() < until:
            rounds = send(tun, rounds, 5)
            report = next(reports)["body"]
        assert report["counted"]
        rounds = send(tun, rounds, 20)
    sent = rounds * len(ADDRESSES)
    wait_for_frames(daemon, sent)
    assert totals(daemon)["frames"] == sent
    assert set(beacons_of(daemon).values()) == {rounds}
    assert daemon.stop() == 0
    closed = re.search(r"(\d+) frames received", daemon.journal)
    assert closed is not None
    assert int(closed[1]) == sent


def test_what_the_kernel_counts_is_missing_nowhere(tun: MonitorTun, tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, THIN, spawn=tun.spawn) as daemon:
        hear(tun, daemon)


def test_the_helper_thins_for_a_daemon_without_capabilities(tun: MonitorTun, tmp_path: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    path = tmp_path / "radio.sock"
    environment = {"WHIMBREL_RADIO": str(path)}
    with (
        helper_on(tun, path),
        DaemonProcess(tmp_path, THIN, spawn=without_capabilities, environment=environment) as daemon,
    ):
        hear(tun, daemon)


def test_a_recording_needs_every_frame(tun: MonitorTun, tmp_path: Path) -> None:
    settings = RECORDING.replace("FOLDER", str(tmp_path / "recordings"))
    with DaemonProcess(tmp_path, settings, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_until_written("The kernel passes every frame on: another module needs every frame")
        assert BEGUN not in daemon.journal
        assert daemon.stop() == 0


def test_without_the_capability_it_goes_on_and_says_so_once(tun: MonitorTun, tmp_path: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    few = ["setpriv", "--bounding-set=-all,+net_raw,+net_admin", "--inh-caps=-all,+net_raw,+net_admin"]

    def spawn(args: list[str], **options: Any) -> subprocess.Popen[Any]:
        return tun.spawn([*few, *args], **options)

    with DaemonProcess(tmp_path, THIN, spawn=spawn) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("control", "ready")
        daemon.wait_until_written("the kernel refuses the filter: Operation not permitted")
        send(tun, 0, 15)
        wait_for_frames(daemon, 15 * len(ADDRESSES))
        assert daemon.stop() == 0
    assert daemon.journal.count("the kernel refuses the filter") == 1
