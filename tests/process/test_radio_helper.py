"""The real daemon without any capability, and outside of the network namespace of the interface, by the real helper."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.helper.helping import helper_on
from tests.lab.child import Child
from tests.lab.frames import BEACON
from tests.lab.tun import MonitorTun
from tests.process.daemon import DaemonProcess
from tests.process.test_live import LIVE, totals, wait_for_frames

pytestmark = [pytest.mark.tun, pytest.mark.process]

BARE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]


@pytest.fixture
def tun(tun: MonitorTun) -> MonitorTun:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    return tun


def without_capabilities(args: list[str], **options: Any) -> subprocess.Popen[Any]:
    return Child([*BARE, *args], **options)


def test_it_listens_without_a_capability_and_outlasts_its_helper(tun: MonitorTun, tmp_path: Path) -> None:
    path = tmp_path / "radio.sock"
    environment = {"WHIMBREL_RADIO": str(path)}
    with (
        helper_on(tun, path) as helper,
        DaemonProcess(tmp_path, LIVE, spawn=without_capabilities, environment=environment) as daemon,
    ):
        daemon.wait_until_told("READY=1")
        status = Path(f"/proc/{daemon.process.pid}/status").read_text()
        assert "CapEff:\t0000000000000000\n" in status
        assert "CapBnd:\t0000000000000000\n" in status
        daemon.wait_for_state("control", "ready")
        for _ in range(20):
            tun.write(BEACON)
        wait_for_frames(daemon, 20)
        helper.kill()
        daemon.wait_until_written("the radio's helper has ended")
        daemon.wait_for_state("sniffer", "waiting")
        with helper_on(tun, path):
            daemon.wait_for_state("sniffer", "ready")
            heard = totals(daemon)["frames"]
            tun.write(BEACON)
            wait_for_frames(daemon, heard + 1)
        assert daemon.stop() == 0


def test_one_helper_serves_two_receivers_and_what_both_hear_counts_once(tun: MonitorTun, tmp_path: Path) -> None:
    path = tmp_path / "radio.sock"
    second = "  sniffer2: {source: linux, tuner: none, report: 200ms, linux: {interface: wmon0}}\n"
    with (
        helper_on(tun, path),
        DaemonProcess(
            tmp_path, LIVE + second, spawn=without_capabilities, environment={"WHIMBREL_RADIO": str(path)}
        ) as daemon,
    ):
        for name in ("control", "watcher", "sniffer", "sniffer2"):
            daemon.wait_for_state(name, "ready")
        for _ in range(20):
            tun.write(BEACON)
        daemon.wait_until(lambda: received(daemon) == {"sniffer": 20, "sniffer2": 20}, "frames of both")
        daemon.wait_until(lambda: totals(daemon)["echoes"] == 20, "the second one's are left out")
        assert totals(daemon)["frames"] == 20
        assert daemon.ask("restart", module="sniffer2")["restarting"]
        daemon.wait_until_written("Listening has ended")
        daemon.wait_for_state("sniffer2", "ready")
        daemon.wait_until(lambda: received(daemon) == {"sniffer": 20, "sniffer2": 0}, "a new count")
        tun.write(BEACON)
        daemon.wait_until(lambda: totals(daemon)["echoes"] == 21, "both go on")
        assert totals(daemon)["frames"] == 21
        daemon.wait_until(lambda: received(daemon) == {"sniffer": 21, "sniffer2": 1}, "the first one's goes on")
        assert daemon.stop() == 0


def received(daemon: DaemonProcess) -> dict[str, int]:
    return {
        row["receiver"]: row["received"] for row in daemon.ask("status")["receivers"] if row["state"] == "listening"
    }


def test_without_its_helper_it_waits_and_says_so(tmp_path: Path) -> None:
    environment = {"WHIMBREL_RADIO": str(tmp_path / "nothing.sock")}
    with DaemonProcess(tmp_path, LIVE, environment=environment) as daemon:
        daemon.wait_until_written("see 'systemctl status whimbrel-radio.socket whimbrel-radio'")
        assert daemon.stop() == 0
