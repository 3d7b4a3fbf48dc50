"""The real daemon on a monitor interface: the findings of a replay, no frame lost, an interface that comes back."""

from __future__ import annotations

import re
import statistics
import time
from pathlib import Path

import pytest
from tests.lab.frames import radiotap
from tests.lab.pcap import pcap_header, pcap_record
from tests.lab.tun import MonitorTun
from tests.process.daemon import DaemonProcess

from whimbrel.capture.reader import read_capture
from whimbrel.client.blocking import BlockingClient
from whimbrel.testing import PATIENCE
from whimbrel.wifi.linktypes import RADIOTAP

pytestmark = pytest.mark.tun

LIVE = """\
daemon: {retry: 200ms, report: 200ms}
modules:
  sniffer: {source: linux, tuner: none, report: 200ms, linux: {interface: wmon0}}
  watcher: {report: 1s}
  logger: {to: stderr}
  control: {socket: SOCKET}
"""
REPLAY = """\
modules:
  sniffer: {source: pcap, tuner: none, pcap: {files: [CAPTURE]}}
  watcher: {report: 1s}
  logger: {to: stderr}
"""
PER_SECOND = 5000


@pytest.fixture(scope="module")
def frames(captures: Path) -> list[bytes]:
    """Return real frames with radiotap: home air, a flood of fake access points, handshakes, disconnections."""
    names = (
        "wids-802.11x/deauth.pcap",
        "vanhoef/wpa3.pcapng",
        "vanhoef/wpa3_transition_wpa3client_24ghz.pcapng",
        "wids-802.11x/100x0.1fap.pcap",
        "deauth-attack/deauth.pcap",
    )
    found: list[bytes] = []
    for name in names:
        with (captures / name).open("rb") as stream:
            for link_type, records in read_capture(stream):
                assert link_type == RADIOTAP
                found += [raw for _, raw, _ in records]
    return found


def open_network(number: int) -> bytes:
    """Return a beacon of an open network: each is worth one alert."""
    address = bytes((0x00, 0x22, 0x33, 0x44, number, number))
    name = b"net %d" % number
    elements = bytes((0, len(name))) + name + bytes.fromhex("010882848b960c121824 030106 050400010000")
    clock = (1 << 40) * (number + 1)
    header = b"\x80\0\0\0" + b"\xff" * 6 + address * 2 + b"\0\0"
    return radiotap(header + clock.to_bytes(8, "little") + b"\x64\0\x01\0" + elements)


def totals(daemon: DaemonProcess) -> dict[str, int]:
    result: dict[str, int] = daemon.ask("survey", what="channels")["totals"]
    return result


def wait_for_frames(daemon: DaemonProcess, number: int) -> None:
    daemon.wait_until(lambda: totals(daemon)["frames"] >= number, f"{number} frames")


def write_capture(path: Path, frames: list[bytes]) -> None:
    """Write `frames` at the times at which the feeder lets them arrive."""
    records = (
        pcap_record(frame, 1_700_000_000 + number // PER_SECOND, number % PER_SECOND * 1_000_000 // PER_SECOND)
        for number, frame in enumerate(frames)
    )
    path.write_bytes(pcap_header() + b"".join(records))


def test_5000_frames_a_second_lose_none_and_give_the_findings_of_a_replay(
    tun: MonitorTun, frames: list[bytes], tmp_path: Path, extra_modules: dict[str, str]
) -> None:
    live, replayed = tmp_path / "live.txt", tmp_path / "replayed.txt"
    # Room for all of them, so that it is not the machine that is tested, which may be busy for a second.
    roomy = LIVE.replace("interface: wmon0", "interface: wmon0, buffer: 16MiB")
    settings = f"{roomy}  collecting: {{file: {live}}}\n"
    with DaemonProcess(tmp_path, settings, spawn=tun.spawn, environment=extra_modules) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("collecting", "ready")
        # What a pause of the machine has held up comes at once after it: that makes it no easier.
        feeder = tun.feed(frames, PER_SECOND)
        assert feeder.wait(PATIENCE) == 0
        wait_for_frames(daemon, len(frames))
        listeners = daemon.ask("status")["listeners"]
        assert daemon.stop() == 0
    assert [row for row in listeners if row["lost"]] == []
    assert "frames-lost" not in daemon.journal
    assert f"{len(frames)} frames" in daemon.journal

    capture = tmp_path / "capture.pcap"
    write_capture(capture, frames)
    settings = f"{REPLAY.replace('CAPTURE', str(capture))}  collecting: {{file: {replayed}}}\n"
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        assert daemon.wait() == 0
    findings = live.read_text().splitlines()
    assert len(findings) > 100
    assert timeless(findings) == timeless(replayed.read_text().splitlines())


def timeless(findings: list[str]) -> list[str]:
    """Return what was found, without the times, which are those of the writing here and those of the file there, and
    without the reports of each second, which come between other frames there."""
    found = [finding for finding in findings if not finding.startswith("AirReport(")]
    return [re.sub(r"last_heard=[0-9.]+", "", finding) for finding in found]


def test_an_alert_is_out_within_a_fifth_of_a_second(tun: MonitorTun, tmp_path: Path) -> None:
    """The median of alerts in an air that is never silent, so that frames wait for as long as they may."""
    delays: list[float] = []
    with DaemonProcess(tmp_path, LIVE, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("control", "ready")
        feeder = tun.feed([open_network(0)], per_second=100, repeat=100_000)
        with BlockingClient(daemon.socket) as client:
            alerts = client.follow(kinds=["alert"])
            daemon.ask("status")
            next(alerts)
            for number in range(1, 16):
                began = time.monotonic()
                tun.write(open_network(number))
                assert f"net {number}" in next(alerts)["message"]
                delays.append(time.monotonic() - began)
                time.sleep(0.013 * (number % 8))  # not in step with the daemon's looks
        feeder.kill()
    assert statistics.median(delays) < 0.2, delays


def test_an_interface_that_goes_away_and_comes_back(tun: MonitorTun, frames: list[bytes], tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, LIVE, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("READY=1")
        tun.feed(frames[:100], PER_SECOND).wait()
        wait_for_frames(daemon, 100)
        tun.delete()
        row = daemon.wait_for_state("sniffer", "waiting")
        assert "wmon0" in row["reason"]
        assert daemon.states()["watcher"] == "ready"
        tun.create()
        daemon.wait_for_state("sniffer", "ready")
        tun.feed(frames[100:300], PER_SECOND).wait()
        wait_for_frames(daemon, 300)
        assert daemon.stop() == 0
    for said in ("radio-closed", "radio-opened", "module-warning"):
        assert said in daemon.journal


def test_an_interface_that_is_not_there_yet_is_waited_for(tun: MonitorTun, tmp_path: Path) -> None:
    tun.delete()
    with DaemonProcess(tmp_path, LIVE, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("STATUS=sniffer waiting: no network interface is called 'wmon0'")
        daemon.wait_until_told("EXTEND_TIMEOUT_USEC=")
        assert "READY=1" not in daemon.said
        tun.create()
        daemon.wait_until_told("READY=1")
        assert daemon.stop() == 0


def test_a_blind_radio_is_said_and_seen_to(tun: MonitorTun, frames: list[bytes], tmp_path: Path) -> None:
    marker = tmp_path / "power-cycled"
    recovery = f"recovery: {{silence: 1s, silence_max: 2s, pause: 500ms, command: [touch, {marker}]}}, "
    settings = LIVE.replace("source: linux, ", f"source: linux, {recovery}")
    with DaemonProcess(tmp_path, settings, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_until_written("radio-blind")
        daemon.wait_until_written("recovery-step")
        assert daemon.wait_for_state("sniffer", "degraded")["warnings"]["blind"]
        assert marker.exists()
        tun.feed(frames[:10], 20, repeat=100_000)  # on and on: after a second of silence it would be blind again
        daemon.wait_until_written("radio-recovered")
        daemon.wait_for_state("sniffer", "ready")
        assert daemon.stop() == 0
