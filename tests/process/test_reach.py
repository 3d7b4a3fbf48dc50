"""Both real processes: the second one is started, fed, left alone and ended as people would."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lab.child import Child
from tests.lab.waiting import block_until
from tests.process.daemon import DaemonProcess
from tests.process.test_alerts import ATTACK

from whimbrel.testing import PATIENCE


class Pair:
    """A daemon in a simulated attack, and the file in which a module of the second process writes its events."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.file = folder / "told"
        self.environment = environment | {"STATE_DIRECTORY": str(folder / "state"), "NO_COLOR": "1"}
        settings = ATTACK.replace("FOLDER", str(folder)) + f"  telling: {{file: {self.file}}}\nreach: {{retry: 50ms}}\n"
        self.settings = settings

    def daemon(self, *arguments: str) -> DaemonProcess:
        return DaemonProcess(self.folder, self.settings, environment=self.environment, arguments=arguments)

    def reach(self) -> Child:
        environment = os.environ | self.environment
        config = str(self.folder / "whimbrel.yaml")
        command = [sys.executable, "-X", "dev", "-m", "whimbrel", "reach", "--config", config]
        with (self.folder / "reach.log").open("ab") as log:
            return Child(command, env=environment, stderr=log)

    def told(self, what: str = "") -> list[str]:
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [line for line in lines if line.startswith(what)]

    def numbers(self) -> list[int]:
        return [int(line.removeprefix("alert ")) for line in self.told("alert ")]


@pytest.fixture
def pair(tmp_path: Path, extra_modules: dict[str, str]) -> Pair:
    return Pair(tmp_path, extra_modules)


def wait(state: Callable[[], object], what: str) -> None:
    block_until(state, what, every=0.05)


def test_one_command_runs_both_and_one_signal_ends_both(pair: Pair) -> None:
    with pair.daemon("--reach") as daemon:
        daemon.wait_until_written("reaches out with settings of")
        daemon.wait_until(pair.numbers, "an alert in the second process")
        assert set(daemon.states()) == {"logger", "display", "control", "watcher", "sniffer"}
        daemon.signal(signal.SIGINT)
        assert daemon.wait() == 0
        assert "Stopping: the daemon's run has ended" in daemon.journal
        assert "Traceback" not in daemon.journal
    assert pair.told("daemon-stopping") == ["daemon-stopping"]


def test_a_killed_daemon_takes_the_second_process_with_it(pair: Pair) -> None:
    with pair.daemon("--reach") as daemon:
        daemon.wait_until_written("is heard")
        daemon.signal(signal.SIGKILL)
        daemon.wait()
        wait(lambda: "Stopping: the daemon's run has ended" in daemon.journal, "the end of the second process")


def test_without_a_terminal_the_daemon_runs_alone(pair: Pair) -> None:
    with pair.daemon() as daemon:
        daemon.wait_until_told("READY=1")
        assert daemon.stop() == 0
        assert "reaches out" not in daemon.journal
    assert not pair.file.exists()


def test_each_alert_is_told_once_whoever_dies_meanwhile(pair: Pair) -> None:
    pair.daemon()  # writes the settings
    with pair.reach() as reach:
        wait(lambda: pair.told("daemon-unreachable"), "word of the daemon's absence")
        with pair.daemon() as daemon:
            daemon.wait_until(pair.numbers, "an alert")
            reserved = pair.folder / "state" / "alerts.json"
            daemon.wait_until(reserved.exists, "the numbers to be reserved: without a file they begin again")
            daemon.signal(signal.SIGKILL)
            daemon.wait()
        wait(lambda: len(pair.told("daemon-unreachable")) == 2, "word of the daemon's end")
        with pair.daemon() as daemon:
            daemon.wait_until(lambda: len(pair.told("daemon-reached")) == 2, "the daemon to be heard again")
            # A process that is stopped takes nothing; the daemon goes on, and whoever asks is answered.
            reach.send_signal(signal.SIGSTOP)
            before = daemon.ask("status")["events"]
            daemon.wait_until(lambda: daemon.ask("status")["events"] > before + 50, "the daemon to go on")
            reach.send_signal(signal.SIGCONT)
            highest = daemon.ask("alerts")["number"]
            daemon.wait_until(lambda: pair.numbers() and pair.numbers()[-1] >= highest, "the alerts raised meanwhile")
            assert daemon.stop() == 0
        reach.terminate()
        assert reach.wait(PATIENCE) == 0
    numbers = pair.numbers()
    assert numbers == sorted(set(numbers))


def test_the_second_process_starts_with_the_last_right_settings_too(pair: Pair) -> None:
    kept, config, log = pair.folder / "state/settings.yaml", pair.folder / "whimbrel.yaml", pair.folder / "reach.log"
    pair.environment["WHIMBREL_SOCKET"] = str(pair.folder / "control.sock")
    (pair.folder / "state").mkdir(exist_ok=True)
    config.write_text(pair.settings.replace("SOCKET", str(pair.folder / "control.sock")))
    with pair.reach() as reach:
        wait(kept.exists, "the settings to be kept")
        reach.send_signal(signal.SIGTERM)
        assert reach.wait(PATIENCE) == 0
    config.write_text("")
    with pair.reach() as reach:
        wait(lambda: "The settings are refused" in log.read_text(), "the refusal")
        assert "the file is empty" in log.read_text()
        assert reach.poll() is None
        reach.send_signal(signal.SIGTERM)
        assert reach.wait(PATIENCE) == 0
    assert kept.read_text(), "what is refused is not kept"
