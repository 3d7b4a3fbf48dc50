"""Every way of a module to die or to hang is its own: the real process goes on, and ends when it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.testing import PATIENCE


def with_misbehaving(how: str, daemon: str = "") -> str:
    return SIMULATED.replace("report: 200ms", f"report: 200ms{daemon}") + f"  misbehaving: {{how: {how}}}\n"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("exit", "it called for the end of the whole process: SystemExit"),
        ("exit-child", "it called for the end of the whole process: SystemExit"),
        ("die", "Dying: not even an Exception"),
        ("repr", r"Sulked\.value: .*|Sulked: ValueError where it is read"),
        ("text-as-time", "AirReport: expected a time in seconds, found 'yesterday'"),
        ("batch", r"FrameBatch\.frames\[0\]: expected Frame, found None"),
    ],
)
def test_it_fails_and_the_others_go_on(how: str, said: str, tmp_path: Path, extra_modules: dict[str, str]) -> None:
    settings = with_misbehaving(how)
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        daemon.wait_until_written("misbehaving failed")
        daemon.wait_until(lambda: daemon.wait_for_row("misbehaving")["failures"] > 1, "another failure")
        assert re.search(f"misbehaving failed, .*({said})", daemon.journal), daemon.journal
        assert daemon.states()["watcher"] == "ready"
        assert "watcher failed" not in daemon.journal
        assert "logger failed" not in daemon.journal
        assert daemon.stop() == 0


def test_a_critical_one_ends_the_process_as_a_failure(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    settings = with_misbehaving("exit", ", critical: [misbehaving], give_up: 2")
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        assert daemon.wait() == 1, "systemd would not start it again"


def test_a_callback_cannot_end_the_process(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    with DaemonProcess(tmp_path, with_misbehaving("exit-callback"), environment=extra_modules) as daemon:
        daemon.wait_until_written("a callback: SystemExit")
        assert daemon.states()["misbehaving"] == "ready"
        assert daemon.stop() == 0


def test_an_answer_cannot_end_the_process(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    with DaemonProcess(tmp_path, with_misbehaving("exit-verb"), environment=extra_modules) as daemon:
        daemon.wait_for_state("misbehaving", "ready")
        for _ in range(3):
            with socket.socket(socket.AF_UNIX) as client, client.makefile("rw") as stream:
                client.settimeout(PATIENCE)
                client.connect(str(daemon.socket))
                print(json.dumps({"verb": "leave"}), file=stream, flush=True)
                assert json.loads(stream.readline())["error"].startswith("leave failed: SystemExit")
        assert daemon.stop() == 0


@pytest.mark.parametrize("how", ["thread", "worker"])
def test_a_thread_that_never_ends_is_left_behind(how: str, tmp_path: Path, extra_modules: dict[str, str]) -> None:
    settings = with_misbehaving(how)
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        daemon.wait_for_state("misbehaving", "ready")
        assert daemon.stop() == 0
        assert "left behind, they do not end: " in daemon.journal
        assert ("stubborn" if how == "thread" else "worker") in daemon.journal


WITHOUT_THREADS = """
import threading
from types import SimpleNamespace
from whimbrel import running

async def run():
    threading.Thread._bootstrap = lambda _: None  # a thread without memory ends before it says that it has begun
    return 3

running.run(SimpleNamespace(run=run, configuration=SimpleNamespace(daemon=SimpleNamespace(stop_timeout=1.0))))
print("ended")
"""


def test_the_end_needs_no_new_thread() -> None:
    command = [sys.executable, "-c", WITHOUT_THREADS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout == "ended\n", done.stderr


def watcher(daemon: DaemonProcess) -> dict[str, Any]:
    return daemon.wait_for_state("watcher", "degraded")


def test_a_pipe_in_the_place_of_a_state_file_delays_neither_start_nor_end(tmp_path: Path) -> None:
    state = tmp_path / "kept"
    state.mkdir()
    for name in ("guarded.yaml", "ignored.txt", "alerts.json"):
        os.mkfifo(state / name)
    with DaemonProcess(tmp_path, environment={"STATE_DIRECTORY": str(state)}) as daemon:
        daemon.wait_until(lambda: len(watcher(daemon)["warnings"]) >= 2, "its warnings")
        assert all("no regular file" in text for text in watcher(daemon)["warnings"].values())
        assert watcher(daemon)["failures"] == 0
        assert daemon.stop() == 0


@pytest.mark.parametrize("how", ["thread-error", "callback-errors"])
def test_errors_that_nobody_waits_for_are_counted_and_few(
    how: str, tmp_path: Path, extra_modules: dict[str, str]
) -> None:
    with DaemonProcess(tmp_path, with_misbehaving(how), environment=extra_modules) as daemon:
        daemon.wait_until_written("invalid literal for int()")
        daemon.wait_until(lambda: daemon.ask("status")["events"] > 200, "some events")
        assert daemon.journal.count("Traceback") == 0
        assert daemon.journal.count("invalid literal for int()") <= 4
        assert daemon.stop() == 0


def test_what_a_thread_posts_is_checked_too(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    with DaemonProcess(tmp_path, with_misbehaving("posted"), environment=extra_modules) as daemon:
        daemon.wait_until_written("misbehaving posted what is no event")
        assert daemon.states()["logger"] == "ready"
        assert daemon.stop() == 0


def test_a_full_pipe_behind_stderr_stops_nothing(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    """Nobody reads what it writes, while a module makes error after error."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 65536)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x")
    os.set_blocking(writing, True)

    class Deaf(DaemonProcess):
        stderr = writing

    settings = with_misbehaving("callback-errors")
    try:
        with Deaf(tmp_path, settings, environment=extra_modules, watchdog=30.0) as daemon:
            daemon.wait_for_state("misbehaving", "ready")
            before = daemon.ask("status")["events"]
            daemon.wait_until(lambda: daemon.ask("status")["events"] > before + 100, "it to go on")
            told = len(daemon.said)
            daemon.wait_until_told("WATCHDOG=1", after=told)
            assert daemon.stop() == 0
    finally:
        os.close(reading)
        os.close(writing)
