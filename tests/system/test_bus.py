"""The daemon's policy on the system bus, evaluated by a real dbus-daemon."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.testing import PATIENCE

POLICY = Path(__file__).resolve().parents[2] / "systemd" / "whimbrel-bus.conf"
OWN = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
DENIED = "org.freedesktop.DBus.Error.AccessDenied"


@pytest.mark.skipif(
    os.geteuid() != 0 or not all(shutil.which(name) for name in ("dbus-daemon", "dbus-send", "setpriv", "unshare")),
    reason="needs root and dbus-daemon",
)
def test_the_daemon_may_call_who_switches_off_and_nobody_who_sends_for_it() -> None:
    command = [*OWN, "bash", str(Path(__file__).with_name("bus.sh")), str(POLICY)]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if "Operation not permitted" in asked.stderr or "ermission denied" in asked.stderr:
        pytest.skip(f"no mount namespace here: {asked.stderr.strip().splitlines()[-1]}")
    said = {tuple(line.split()[:2]): line.split()[2:] for line in asked.stdout.splitlines()}
    timedatectl = " ".join(said.pop(("whimbrel", "timedatectl"), ["it is not here"]))
    services = {name for _, name in said}
    assert len(said) == 26, asked.stdout + asked.stderr
    may = {name for name in services if said["whimbrel", name] != [DENIED]}
    assert may == {"org.freedesktop.login1", "names", "clock"}
    assert said["whimbrel", "names"] == ["answered"]
    assert "denied" not in timedatectl.lower(), "it asks in another way than the policy allows"
    assert not any(said["nobody", name] == [DENIED] for name in services), "the policy is about the daemon's user alone"
