"""A module of another package that ends the process where its code is imported or asked costs only itself."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.testing import PATIENCE

OURS = {"sniffer", "watcher", "logger", "control"}


def service(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    (tmp_path / "state").mkdir()
    return environment | {"STATE_DIRECTORY": str(tmp_path / "state")}


def reload(daemon: DaemonProcess) -> dict[str, Any]:
    """Return the answer to a reload, which may be a refusal."""
    with socket.socket(socket.AF_UNIX) as client, client.makefile("rw") as stream:
        client.settimeout(PATIENCE)
        client.connect(str(daemon.socket))
        print('{"verb": "reload"}', file=stream, flush=True)
        answer: dict[str, Any] = json.loads(stream.readline())
        return answer


def test_the_start_goes_on_without_a_module_whose_import_ends_the_process(
    tmp_path: Path, extra_modules: dict[str, str]
) -> None:
    daemon = DaemonProcess(tmp_path, SIMULATED + "  leaving:\n", environment=service(tmp_path, extra_modules))
    kept = tmp_path / "state/settings.yaml"
    with daemon:
        daemon.wait_for_state("leaving", "ready")
        daemon.wait_until(kept.exists, "the settings to be kept")
        assert daemon.stop() == 0
    before = kept.read_text()
    (tmp_path / "leaving").touch()
    with daemon:
        daemon.wait_until_written("leaving:Leaving cannot be imported: SystemExit: 0")
        assert set(daemon.states()) == OURS
        assert "leaving:Leaving cannot be imported: SystemExit: 0" in "\n".join(daemon.ask("status")["refused"])
        (tmp_path / "leaving").unlink()
        assert reload(daemon)["ok"]
        daemon.wait_for_state("leaving", "ready")
        assert daemon.stop() == 0
    assert kept.read_text() == before


def test_at_a_terminal_it_is_a_mistake_in_the_settings(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    (tmp_path / "leaving").touch()
    with DaemonProcess(tmp_path, SIMULATED + "  leaving:\n", environment=extra_modules) as daemon:
        assert daemon.wait() == 3
    assert "modules.leaving: expected a module that can be loaded, found leaving:Leaving" in daemon.journal


@pytest.mark.parametrize(("how", "said"), [("exit", "SystemExit: 0"), ("attribute", "AttributeError: nobody has that")])
def test_a_validator_that_ends_the_process_refuses_a_reload_and_a_start(
    how: str, said: str, tmp_path: Path, extra_modules: dict[str, str]
) -> None:
    daemon = DaemonProcess(tmp_path, environment=service(tmp_path, extra_modules))
    with daemon:
        daemon.wait_for_state("watcher", "ready")
        daemon.configure(f"{SIMULATED}  leaving: {{how: {how}}}\n")
        for _ in range(2):
            answer = reload(daemon)
            assert (answer["ok"], said in answer["error"]) == (False, True), answer
        assert set(daemon.states()) == OURS
        assert daemon.stop() == 0
    with daemon:
        daemon.wait_until_written(said, times=3)
        assert set(daemon.states()) == OURS
        assert daemon.stop() == 0


def test_a_reload_whose_import_ends_the_process_is_refused(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    (tmp_path / "leaving").touch()
    with DaemonProcess(tmp_path, environment=extra_modules) as daemon:
        daemon.wait_for_state("watcher", "ready")
        daemon.configure(SIMULATED + "  leaving:\n")
        for _ in range(2):
            assert "cannot be imported: SystemExit: 0" in reload(daemon)["error"]
        (tmp_path / "leaving").unlink()
        assert reload(daemon)["ok"]
        daemon.wait_for_state("leaving", "ready")
        assert daemon.stop() == 0


def test_a_constructor_that_says_it_was_cancelled_has_failed(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    settings = SIMULATED + "  leaving: {how: cancel}\n"
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        daemon.wait_until(lambda: daemon.wait_for_row("leaving")["failures"] > 1, "another failure")
        assert "CancelledError" in daemon.journal
        assert daemon.stop() == 0
