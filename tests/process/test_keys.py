"""Keys of the real process: pressed by the command line, typed on a terminal, on GPIO lines that are not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.keypad.typing import Terminal
from tests.lab.child import Child
from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.cli import exits

LOUD = SIMULATED.replace("{to: stderr}", "{to: stderr, level: debug, fold: 0s, levels: {tuned: off}}")


def with_buttons(settings: str) -> str:
    return f"{LOUD}  buttons: {settings}\n"


def whimbrel_press(daemon: DaemonProcess, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whimbrel", "press", "-s", str(daemon.socket), *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_press(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, with_buttons("{}")) as daemon:
        daemon.wait_for_state("buttons", "ready")
        done = whimbrel_press(daemon, "down", "ok:long", "back:short")
        assert (done.returncode, done.stdout, done.stderr) == (exits.OK, "down: short\nok: long\nback: short\n", "")
        daemon.wait_until_written("Key back: release")
        told = [daemon.journal.index(f"Key {step}") for step in ("down: short", "ok: long", "back: short")]
        assert told == sorted(told)
        done = whimbrel_press(daemon, "down", "--json")
        assert '"gesture": "short"' in done.stdout
        done = whimbrel_press(daemon, "dwon")
        assert (done.returncode, done.stdout) == (exits.USAGE, "")
        assert "expected one of the keys up, down" in done.stderr
        assert daemon.stop() == 0


def test_press_without_buttons(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_for_state("control", "ready")
        done = whimbrel_press(daemon, "ok")
        assert done.returncode == exits.FAILURE
        assert "press" in done.stderr


def test_no_gpio_and_no_terminal_are_warnings_and_the_rest_goes_on(tmp_path: Path) -> None:
    if Path("/dev/gpiochip0").exists():
        pytest.skip("this machine has GPIO lines")
    for settings, reason in (
        ("{driver: gpio, gpio: {keys: {up: 17}}}", "this is no Raspberry Pi"),
        ("{driver: keyboard}", "standard input is no terminal"),
    ):
        with DaemonProcess(tmp_path, with_buttons(settings)) as daemon:
            assert reason in daemon.wait_for_state("buttons", "waiting")["reason"]
            daemon.wait_until_told("READY=1")
            daemon.wait_until_written("Module buttons warns: ")
            assert daemon.states()["watcher"] == "ready"
            assert daemon.stop() == 0
            assert "Traceback" not in daemon.journal


def test_a_finished_script_does_not_end_the_daemon_nor_a_keypad_keep_it(tmp_path: Path) -> None:
    settings = with_buttons("{driver: sim, long: 5s, sim: {script: [up], every: 10ms, hold: 6s}}")
    settings = settings.replace("{source: sim, tuner: sim}", "{source: sim, tuner: sim, sim: {duration: 3s}}")
    with DaemonProcess(tmp_path, settings) as daemon:
        daemon.wait_until_written("Key up: short")
        assert daemon.wait() == 0
        assert "every source has ended" in daemon.journal


def on(terminal: Terminal) -> Callable[..., subprocess.Popen[Any]]:
    """Spawn with the terminal for stdin, as the leader of its session."""
    script = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"

    def spawn(command: list[str], **options: Any) -> subprocess.Popen[Any]:
        options |= {"stdin": terminal.program, "start_new_session": True}
        return Child([sys.executable, "-c", script, *command], **options)

    return spawn


def test_typed_on_a_terminal(tmp_path: Path) -> None:
    with Terminal() as terminal:
        before = terminal.mode
        with DaemonProcess(tmp_path, with_buttons("{driver: keyboard}"), spawn=on(terminal)) as daemon:
            daemon.wait_for_state("buttons", "ready")
            assert not terminal.echoes
            terminal.type_(b"\x1b[A")
            daemon.wait_until_written("Key up: short")
            terminal.type_(b"\x1b\r")
            daemon.wait_until_written("Key ok: long")
            assert daemon.stop() == 0
        assert terminal.mode == before


def test_a_run_ends_in_order_with_its_terminal(tmp_path: Path) -> None:
    keyboard = with_buttons("{driver: keyboard}")
    with Terminal() as terminal, DaemonProcess(tmp_path, keyboard, spawn=on(terminal)) as daemon:
        daemon.wait_for_state("buttons", "ready")
        daemon.signal(signal.SIGHUP)
        daemon.wait_until_written("settings-reloaded")
        assert daemon.ask("press", key="up")["gesture"] == "short"
        os.close(terminal.program)
        terminal.hang_up()
        assert daemon.wait() == 0
    assert "the terminal was closed" in daemon.journal
    assert "Traceback" not in daemon.journal


def test_a_closed_terminal_that_is_not_its_own_is_survived(tmp_path: Path) -> None:
    """One that only lends its keys sends no signal."""
    keyboard = with_buttons("{driver: keyboard}")
    with Terminal() as terminal:

        def beside(command: list[str], **options: Any) -> subprocess.Popen[Any]:
            return Child(command, **(options | {"stdin": terminal.program, "start_new_session": True}))

        with DaemonProcess(tmp_path, keyboard, spawn=beside) as daemon:
            daemon.wait_for_state("buttons", "ready")
            os.close(terminal.program)
            terminal.hang_up()
            assert "closed" in daemon.wait_for_state("buttons", "degraded")["reason"]
            assert daemon.states()["watcher"] == "ready"
            assert daemon.ask("press", key="up")["gesture"] == "short"
            assert daemon.stop() == 0
