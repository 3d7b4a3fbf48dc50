"""The real daemon with the recorder on: commands, streams, Wireshark's list."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.child import Child
from tests.process.daemon import DaemonProcess
from tests.recording.frames import files, records

SETTINGS = """\
daemon: {retry: 200ms, stop_timeout: 10s, report: 200ms}
modules:
  sniffer: {source: sim, tuner: sim}
  watcher:
  logger: {to: stderr}
  control: {socket: SOCKET}
  recorder: {folder: FOLDER, least_free: 0B, mode: all, lose_at_most: 1s, after: 1s}
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    folder = tmp_path_factory.mktemp("recorder")
    settings = SETTINGS.replace("FOLDER", str(folder / "recordings"))
    with DaemonProcess(folder, settings, environment={"XDG_STATE_HOME": str(folder)}) as running:
        running.wait_until_told("READY=1")
        yield running


def command(daemon: DaemonProcess, *words: str, program: str = "whimbrel") -> subprocess.CompletedProcess[bytes]:
    code = f"import sys; from whimbrel.cli{'.extcap' if program != 'whimbrel' else ''} import main; sys.exit(main())"
    environment = os.environ | {"WHIMBREL_SOCKET": str(daemon.socket)}
    return subprocess.run([sys.executable, "-c", code, *words], env=environment, capture_output=True, check=False)


def test_it_is_asked_and_told_what_to_keep(daemon: DaemonProcess) -> None:
    folder = daemon.socket.parent / "recordings"
    daemon.wait_until(lambda: folder.exists() and files(folder), "a file")
    status = command(daemon, "record")
    assert status.returncode == 0
    assert b"all the time: all" in status.stdout
    kept = command(daemon, "record", "keep")
    assert kept.stdout.startswith(b"kept for good: ")
    name = kept.stdout.decode().split(": ")[1].strip()
    daemon.wait_until((folder / f"{name}.kept.pcapng").exists, "the recording, ended")
    assert name.encode() in command(daemon, "record", "list").stdout
    assert command(daemon, "record", "keep", "2025-11-29T205314Z-none").returncode == 1
    assert command(daemon, "record", "list", "x").returncode == 2


def test_frames_are_streamed_into_a_file_and_a_pipe(daemon: DaemonProcess, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = command(daemon, "capture", "-f", "beacon", "-n", "20", "-o", str(out))
    assert (done.returncode, b"frames" in done.stderr) == (0, True)
    assert len(records(out)) == 20
    octets = out.read_bytes()
    again = command(daemon, "capture", "-n", "1", "-o", str(out))
    assert (again.returncode, b"--force overwrites it" in again.stderr) == (1, True)
    assert out.read_bytes() == octets
    assert command(daemon, "capture", "-n", "1", "-o", str(out), "--force").returncode == 0
    assert len(records(out)) == 1
    piped = command(daemon, "capture", "-n", "5")
    assert piped.returncode == 0
    (tmp_path / "piped").write_bytes(piped.stdout)
    assert len(records(tmp_path / "piped")) == 5


def test_without_a_recorder_a_file_stays_as_it_is(tmp_path: Path) -> None:
    settings = "modules:\n  sniffer: {source: sim, tuner: sim}\n  logger: {to: stderr}\n  control: {socket: SOCKET}\n"
    out = tmp_path / "out.pcapng"
    out.write_bytes(b"evidence")
    with DaemonProcess(tmp_path, settings) as running:
        running.wait_until_told("READY=1")
        for more in ((), ("--force",)):
            done = command(running, "capture", "-n", "1", "-o", str(out), *more)
            assert (done.returncode, done.stdout) == (1, b"")
            assert out.read_bytes() == b"evidence"


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_the_stream_as_it_comes(daemon: DaemonProcess) -> None:
    capture = [sys.executable, "-m", "whimbrel", "capture", "--socket", str(daemon.socket)]
    with Child(capture, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as source:
        read = ["tshark", "-i", "-", "-c", "5", "-T", "fields", "-e", "wlan.fc.type_subtype"]
        seen = subprocess.run(read, stdin=source.stdout, capture_output=True, check=False)
        assert source.stdout is not None
        source.stdout.close()
        source.wait()
    assert (seen.returncode, len(seen.stdout.split())) == (0, 5)


def test_it_is_an_interface_of_wireshark(daemon: DaemonProcess, tmp_path: Path) -> None:
    def ask(*words: str) -> list[str]:
        return command(daemon, *words, program="extcap").stdout.decode().splitlines()

    assert "interface {value=whimbrel}" in ask("--extcap-interfaces", "--extcap-version=4.0")[1]
    assert ask("--extcap-interface", "whimbrel", "--extcap-dlts")[0].startswith("dlt {number=127}")
    assert len(ask("--extcap-interface", "whimbrel", "--extcap-config")) == 3
    assert command(daemon, "--extcap-interface", "other", "--extcap-dlts", program="extcap").returncode == 2
    assert command(daemon, "--extcap-interface", "whimbrel", program="extcap").returncode == 2
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = "import sys; from whimbrel.cli.extcap import main; sys.exit(main())"
    words = ("--extcap-interface", "whimbrel", "--capture", "--fifo", str(fifo), "--control", str(daemon.socket))
    with Child([sys.executable, "-c", code, *words, "--kinds", "beacon"]) as program:
        with fifo.open("rb") as pipe:
            octets = pipe.read(4000)
        assert program.wait() == 141  # Wireshark has closed its end
    (tmp_path / "cut").write_bytes(octets)
    assert octets.startswith(b"\n\r\r\n")


def test_another_device_is_reached_by_ssh(daemon: DaemonProcess, tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    ssh.chmod(0o755)
    out = tmp_path / "out"
    code = "import sys; from whimbrel.cli.extcap import main; sys.exit(main())"
    words = ("--extcap-interface=whimbrel", "--capture", f"--fifo={out}", "--host=pi", "--kinds=eapol $(x)")
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([sys.executable, "-c", code, *words], env=environment, check=False)
    assert done.returncode == 0
    wanted = "whimbrel capture --socket /run/whimbrel/control.sock --frames eapol '$(x)' --output -"
    assert out.read_text().splitlines() == ["-oBatchMode=yes", "--", "pi", wanted]
