"""The real process: its messages to systemd, signals, and misbehaving modules."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

from tests.process.daemon import SIMULATED, DaemonProcess


def with_misbehaving(how: str, daemon: str = "") -> str:
    return SIMULATED.replace("report: 200ms", f"report: 200ms{daemon}") + f"  misbehaving: {{how: {how}}}\n"


def test_ready_status_and_an_ordered_stop(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_until_written("access-point-found")
        daemon.wait_until_told("STATUS=hopping: ", after=len(daemon.said))
        assert daemon.stop() == 0
        assert "Stopping: SIGTERM" in daemon.journal
        assert "Traceback" not in daemon.journal
        assert not daemon.socket.exists()
        daemon.wait_until_told("STOPPING=1")


def test_sigint_stops_as_sigterm_does(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.signal(signal.SIGINT)
        assert daemon.wait() == 0


def test_after_sigkill_the_next_start_takes_the_stale_socket_over(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path)
    with daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("control", "ready")
        daemon.signal(signal.SIGKILL)
        assert daemon.wait() == -signal.SIGKILL
    assert daemon.socket.exists()
    with daemon:
        daemon.wait_until_told("READY=1", after=len(daemon.said))
        daemon.wait_for_state("control", "ready")
        assert daemon.stop() == 0


def test_a_good_reload_restarts_only_what_changed(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("control", "ready")
        said = len(daemon.said)
        daemon.configure(SIMULATED.replace("watcher: {report: 1s}", "watcher: {stations: 99}"))
        daemon.signal(signal.SIGHUP)
        daemon.wait_until_told("RELOADING=1", after=said)
        daemon.wait_until_told("READY=1", after=said)
        daemon.wait_until_written("settings-reloaded")
        starts = {row["module"]: row["starts"] for row in daemon.ask("modules")}
        assert daemon.journal.count("Module watcher is stopped") == 1
        assert daemon.journal.count("Module sniffer is stopped") == 0
        assert set(starts) == {"sniffer", "watcher", "logger", "control"}
        assert daemon.stop() == 0


def test_a_bad_reload_changes_nothing_and_says_so(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("control", "ready")
        daemon.configure(SIMULATED.replace("watcher: {report: 1s}", "watcher: {stashuns: 99}\n  nonsense: {}"))
        daemon.signal(signal.SIGHUP)
        daemon.wait_until_written("settings-refused")
        for expected in ("whimbrel.yaml:", "modules.watcher.stashuns", "stations", "nonsense"):
            assert expected in daemon.journal
        assert "is stopped" not in daemon.journal
        assert daemon.states() == dict.fromkeys(("sniffer", "watcher", "logger", "control"), "ready")
        assert daemon.stop() == 0


def test_a_module_that_raises_is_backed_off_from_and_the_rest_goes_on(
    tmp_path: Path, extra_modules: dict[str, str]
) -> None:
    with DaemonProcess(tmp_path, with_misbehaving("raise"), environment=extra_modules) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_until_written("ValueError: this module raises", times=2)
        daemon.wait_until_written("access-point-found")
        assert daemon.states()["sniffer"] == "ready"
        assert daemon.stop() == 0


def test_a_critical_module_that_keeps_failing_ends_the_process(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    settings = with_misbehaving("raise", ", critical: [misbehaving], give_up: 3")
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        assert daemon.wait() == 1
        assert "misbehaving failed 3 times in a row" in daemon.journal


def test_a_module_that_never_gets_ready_is_told(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    # The bound is one for all modules: beside the one under test there are only two that are quick to start, and none
    # that is late on a loaded machine ends the run.
    settings = """\
daemon: {start_timeout: 3s, give_up: 1000, critical: [control], stop_timeout: 1s, backoff_min: 100ms}
modules:
  logger: {to: stderr}
  control: {socket: SOCKET}
  misbehaving: {how: hang}
"""
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        daemon.wait_until(
            lambda: re.search(r"misbehaving failed, .*was not ready within 3 s", daemon.journal),
            "the late module in the journal",
        )
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("control", "ready")
        assert daemon.stop() == 0


def test_ready_waits_for_a_critical_module_and_asks_for_time(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    settings = with_misbehaving("missing", ", critical: [misbehaving]")
    with DaemonProcess(tmp_path, settings, environment=extra_modules) as daemon:
        daemon.wait_until_told("EXTEND_TIMEOUT_USEC=")
        daemon.wait_until_told("STATUS=misbehaving waiting: no /dev/nothing")
        daemon.wait_for_state("sniffer", "ready")
        assert "READY=1" not in daemon.said
        assert daemon.stop() == 0


def test_a_module_that_ignores_the_stop_does_not_keep_the_process(
    tmp_path: Path, extra_modules: dict[str, str]
) -> None:
    with DaemonProcess(tmp_path, with_misbehaving("ignore"), environment=extra_modules) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("misbehaving", "ready")
        assert daemon.stop() == 0
        assert "does not end" in daemon.journal


def test_a_module_that_blocks_the_loop_starves_the_watchdog(tmp_path: Path, extra_modules: dict[str, str]) -> None:
    # What the manager has no room for comes with the next message: of a blocked loop there is none.
    begin = tmp_path / "block"
    os.mkfifo(begin)
    environment = extra_modules | {"BLOCK": str(begin)}
    with DaemonProcess(tmp_path, with_misbehaving("block"), environment=environment, watchdog=1.5) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_until_told("WATCHDOG=1")
        begin.write_bytes(b"")
        fed, since = 0, time.monotonic()

        def starved() -> bool:
            nonlocal fed, since
            if (count := daemon.said.count("WATCHDOG=1")) != fed:
                fed, since = count, time.monotonic()
            # systemd would kill it after 1.5 s without a word; three times that is proof enough.
            return time.monotonic() - since > 4.5

        daemon.wait_until(starved, "three times the watchdog's limit without WATCHDOG=1")
        assert daemon.process.poll() is None


def test_the_watchdog_is_fed_while_all_is_well(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, watchdog=1.5) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_until(lambda: daemon.said.count("WATCHDOG=1") >= 5, "WATCHDOG=1, five times")
        assert daemon.stop() == 0
