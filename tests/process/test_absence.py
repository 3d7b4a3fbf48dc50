"""What is cut, emptied or gone is no wish: the real process goes on with what was last right, and says so."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.daemon import DaemonProcess as Daemon

SETTINGS = """\
---
modules:
  sniffer: {source: sim, tuner: sim}
  watcher:
  logger:
  control: {socket: SOCKET, clients: 7}
...
"""
NETWORK = "---\nguarded:\n  - ssid: Harbour House\n...\n"


def service(folder: Path) -> dict[str, str]:
    """Return the environment that systemd gives the service."""
    (folder / "state").mkdir(exist_ok=True)
    return {"STATE_DIRECTORY": str(folder / "state")}


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_text(""), id="empty"),
        pytest.param(lambda path: path.write_text(path.read_text()[:60]), id="cut"),
        pytest.param(lambda path: path.write_bytes(b"\0" * 512), id="zeros"),
        pytest.param(Path.unlink, id="gone"),
        pytest.param(become_a_pipe, id="pipe"),
    ],
)
def test_a_start_without_right_settings_takes_the_last_ones(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    daemon = Daemon(tmp_path, SETTINGS, environment=service(tmp_path))
    kept = tmp_path / "state/settings.yaml"
    with daemon:
        daemon.wait_until(kept.exists, "the settings to be kept")
        assert daemon.stop() == 0
    before = kept.read_text()
    assert before == daemon.config.read_text()
    spoil(daemon.config)
    told = len(daemon.said)
    with daemon:
        daemon.wait_until_written("The settings are refused")
        daemon.wait_until_told("READY=1", after=told)
        daemon.wait_until(daemon.socket.exists, "the control socket")
        assert set(daemon.states()) == {"sniffer", "watcher", "logger", "control"}
        status = daemon.ask("status")
        assert status["refused"]
        assert status["status"].startswith("the settings file is refused, the last good ones are in force")
        daemon.config.unlink(missing_ok=True)
        daemon.config.write_text(before)
        daemon.signal(signal.SIGHUP)
        daemon.wait_until(lambda: not daemon.ask("status")["refused"], "the settings to be right again")
        assert daemon.stop() == 0
    assert kept.read_text() == before


def test_settings_without_marks_are_refused_where_they_end_too_soon(tmp_path: Path) -> None:
    plain = SETTINGS.removeprefix("---\n").removesuffix("...\n")
    daemon = Daemon(tmp_path, plain, environment=service(tmp_path))
    kept = tmp_path / "state/settings.yaml"
    with daemon:
        daemon.wait_until(kept.exists, "the settings to be kept")
        whole = daemon.config.read_text()
        cut = whole[: whole.index("  control:")]
        daemon.config.write_text(cut)
        daemon.signal(signal.SIGHUP)
        daemon.wait_until_written("it was cut short; if nothing is missing, write the line ... there")
        assert "control" in daemon.states()
        assert daemon.stop() == 0
    with daemon:
        assert "it was cut short" in "\n".join(daemon.ask("status")["refused"])
        assert kept.read_text() == whole
        daemon.config.write_text(whole.replace("  logger:\n", "") + "...\n")
        assert daemon.ask("reload")["changed"] == ["logger"]
        # The answer comes before the modules are exchanged.
        daemon.wait_until(lambda: set(daemon.states()) == {"sniffer", "watcher", "control"}, "the logger to be gone")
        assert daemon.stop() == 0
    assert kept.read_text().endswith("...\n")


def test_a_hangup_on_an_emptied_file_drops_nothing(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, SETTINGS)
    with daemon:
        daemon.wait_for_state("watcher", "ready")
        daemon.config.write_text("")
        daemon.signal(signal.SIGHUP)
        daemon.wait_until_written("The settings are refused")
        assert set(daemon.states()) == {"sniffer", "watcher", "logger", "control"}
        daemon.configure(SETTINGS)
        daemon.config.write_text(daemon.config.read_text()[:-20])
        daemon.signal(signal.SIGHUP)
        daemon.wait_until_written("The settings are refused", times=2)
        assert set(daemon.states()) == {"sniffer", "watcher", "logger", "control"}
        assert "cut short" in "\n".join(daemon.ask("status")["refused"])


def test_at_a_terminal_wrong_settings_are_a_mistake(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, SETTINGS)
    daemon.config.write_text("")
    with daemon:
        assert daemon.wait() == 3
    assert "the file is empty" in daemon.journal


@pytest.mark.parametrize("content", ["", "---\nguarded:\n", None])
def test_learned_networks_outlast_their_file(tmp_path: Path, content: str | None) -> None:
    environment = service(tmp_path)
    file = tmp_path / "state/guarded.yaml"
    file.write_text(NETWORK)
    with Daemon(tmp_path, SETTINGS, environment=environment) as daemon:
        daemon.wait_for_state("watcher", "ready")
        assert daemon.stop() == 0
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    with Daemon(tmp_path, SETTINGS, environment=environment) as daemon:
        row = daemon.wait_for_state("watcher", "degraded")
        assert "those that were last right are guarded" in row["reason"]
        assert daemon.stop() == 0


def test_the_start_tells_what_the_image_refused_before_it(tmp_path: Path) -> None:
    refused = tmp_path / "problems"
    refused.write_text("whimbrel.yaml is refused, the last good one stays: it was cut\n")
    with Daemon(tmp_path, SETTINGS, environment={"WHIMBREL_BOOT_PROBLEMS": str(refused)}) as daemon:
        daemon.wait_until_written("whimbrel.yaml is refused, the last good one stays: it was cut")
