"""Names made to do harm go through the real programs: they forge nothing in the log, the terminal or JSON."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.lab.child import Child
from tests.lab.pcap import pcap_header, pcap_record
from tests.process.daemon import DaemonProcess
from tests.survey.air import RATES, RSN, ds, element

from whimbrel.testing import PATIENCE

NAMES = {
    "newline": b"x\n<0>kernel: all is lost",
    "carriage return": b"good\rbad",
    "escape": b"\x1b[2J\x1b]0;owned\x07",
    "control sequence introducer": b"\x9b2J",
    "C1 as UTF-8": "\u009b2J".encode(),
    "NUL": b"a\0b",
    "right to left": "\u202egpj.exe".encode(),
    "isolate": "\u2066x\u2069".encode(),
    "line separator": "a\u2028b".encode(),
    "not UTF-8": b"\xc3\x28\xf0\x90",
    "all ones": b"\xff" * 32,
    "backslash": b"\\x1b[2J",
    "quotes": b'","kind":"alert',
    "surrogate": b"\xed\xa0\x80",
    "tag characters": "\U000e0041\U000e0042".encode(),
    "blanks": b"   ",
}
CONTROLS = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))} - {"\n"}
DIRECTIONS = {*"\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
HARMFUL = CONTROLS | DIRECTIONS
RADIOTAP_HEADER = bytes.fromhex("0000080000000000")


def beacon(number: int, name: bytes) -> bytes:
    bssid = bytes((2, 0, 0, 0, 0, number))
    header = b"\x80\0\0\0" + b"\xff" * 6 + bssid + bssid + b"\0\0"
    return header + bytes(8) + b"\x64\0\x11\0" + element(0, name) + RATES + ds(6) + RSN


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    records = [
        pcap_record(RADIOTAP_HEADER + beacon(number, name), 1_700_000_000 + number)
        for number, name in enumerate(NAMES.values())
    ]
    path = tmp_path / "hostile.pcap"
    path.write_bytes(pcap_header() + b"".join(records))
    return path


def replay(capture: Path, *arguments: str) -> str:
    settings = capture.with_suffix(".yaml")  # sixteen new names in as many seconds are a flood, which is not listed
    settings.write_text("modules: {watcher: {detections: {beacon-flood: {enabled: false}}}}\n")
    command = [sys.executable, "-m", "whimbrel", "replay", "--config", str(settings), *arguments, str(capture)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    assert done.stderr == b""
    return done.stdout.decode()


def test_the_table_has_a_line_for_each_and_no_harm_in_any(capture: Path) -> None:
    table = replay(capture)
    assert not HARMFUL & set(table)
    lines = [line for line in table.splitlines() if line.startswith("02:00:00:00:00:")]
    assert len(lines) == len(NAMES)


def test_json_holds_every_octet_and_only_ascii(capture: Path) -> None:
    text = replay(capture, "--json")
    assert text.isascii()
    assert not HARMFUL & set(text)
    [found] = json.loads(text)["captures"]
    assert {row["ssid_hex"] for row in found["access_points"]} == {name.hex() for name in NAMES.values()}


def test_the_log_has_a_line_for_each_and_no_harm_in_any(capture: Path, tmp_path: Path) -> None:
    settings = f"""\
modules:
  sniffer: {{source: pcap, tuner: none, pcap: {{files: [{capture}]}}}}
  watcher: {{detections: {{beacon-flood: {{enabled: false}}}}}}
  logger: {{to: stderr, colour: never}}
"""
    with DaemonProcess(tmp_path, settings) as daemon:
        assert daemon.wait() == 0
    log = daemon.log.read_bytes().decode()
    assert not HARMFUL & set(log)
    found = [line for line in log.splitlines() if " access-point-found " in line]
    assert len(found) == len(NAMES)
    # On a slow machine asyncio's debug mode says what took long.
    assert all(line.startswith(("20", "<", "Executing <")) for line in log.splitlines())


def test_the_stream_of_the_control_socket_is_one_line_an_event(capture: Path, tmp_path: Path) -> None:
    settings = """\
modules:
  watcher: {detections: {beacon-flood: {enabled: false}}}
  control: {socket: SOCKET}
"""
    sniffer = f"  sniffer: {{source: pcap, tuner: none, pcap: {{files: [{capture}]}}}}\n"
    with DaemonProcess(tmp_path, settings) as daemon:
        daemon.wait_for_state("watcher", "ready")
        command = [sys.executable, "-m", "whimbrel", "tail", "--json", "-s", str(daemon.socket), "access-point-found"]
        with Child(command, stdout=subprocess.PIPE) as tail:
            daemon.wait_until(
                lambda: "control" in [row["reader"] for row in daemon.ask("status")["listeners"]],
                "a follower",
            )
            daemon.configure(settings + sniffer)
            daemon.signal(signal.SIGHUP)
            assert tail.stdout is not None
            text = tail.stdout.read().decode()
        assert daemon.wait() == 0
    assert text.isascii()
    names = [json.loads(line)["body"]["ssid_hex"] for line in text.splitlines()]
    assert names == [name.hex() for name in NAMES.values()]
