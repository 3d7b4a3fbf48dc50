"""The clock of a board that no network tells the time: set by its unit, as root, when the daemon asks."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from tests.e2e.guest import daemon
from tests.vm.guest.checks import check, run, say, wait_for

_PATH = "whimbrel-time.path"
_RTC = Path("/sys/class/rtc/rtc0/since_epoch")
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_AHEAD = 90.0
_TOLERANCE = 40.0
"""Seconds: an emulated machine takes its time."""


def sets_the_clock_by_a_file_alone() -> None:
    run("systemctl", "enable", "--now", _PATH)
    run("systemctl", "restart", daemon.UNIT, timeout=240)
    daemon.wait_until_ready()
    say("NOTE  before:", _told())
    wanted, began = time.time() + _AHEAD, time.monotonic()
    done = _set(wanted)
    check(done.returncode == 0, done.stderr)
    off = time.time() - wanted - (time.monotonic() - began)
    say(f"NOTE  set within {time.monotonic() - began:.1f} s, and off by {off:.2f} s")
    # The command needs time to start before it asks.
    check(-_TOLERANCE < off < 1.0, f"the clock is off by {off} s")
    wait_for("the time to be known by a person", lambda: _told() == "person", 60)
    if _RTC.exists():
        check(abs(float(_RTC.read_text()) - time.time()) < _TOLERANCE, _RTC.read_text())
    else:
        say("NOTE  there is no clock with a battery")


def leaves_a_clock_that_a_network_sets() -> None:
    _SYNCHRONISED.parent.mkdir(parents=True, exist_ok=True)
    _SYNCHRONISED.touch()
    try:
        before, began = time.time(), time.monotonic()
        done = _set(before + 3600)
        check(done.returncode == 1, done.stdout)
        check("the network sets the clock already" in done.stderr, done.stderr)
        check(time.time() - before < time.monotonic() - began + _TOLERANCE, "it is set all the same")
    finally:
        _SYNCHRONISED.unlink()
        run("systemctl", "disable", "--now", _PATH)


def _set(wanted: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["whimbrel", "set-time", f"@{wanted}"], check=False, capture_output=True, text=True, timeout=200
    )


def _told() -> str:
    said = subprocess.run(["whimbrel", "status", "--json"], check=True, capture_output=True, text=True, timeout=60)
    told = json.loads(said.stdout)["time_by"]
    assert isinstance(told, str)
    return told
