"""The polkit rule that ships with the unit, asked of a real polkitd."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).resolve().parents[2] / "systemd" / "50-whimbrel.rules"
ALLOWED = {
    f"org.freedesktop.login1.{action}"
    for action in ("power-off", "power-off-multiple-sessions", "reboot", "reboot-multiple-sessions")
}
OWN = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
IMPLIED = "org.freedesktop.login1.set-wall-message"
"""Goes with being allowed to power off, by systemd's own policy."""


def test_the_rule_names_what_it_is_for_and_nothing_else() -> None:
    assert set(re.findall(r'"(org\.[^"]*)"', RULES.read_text())) == ALLOWED


@pytest.mark.skipif(
    os.geteuid() != 0
    or not Path("/usr/lib/polkit-1/polkitd").exists()
    or not all(shutil.which(name) for name in ("pkcheck", "pkaction", "dbus-daemon", "setpriv", "unshare")),
    reason="needs root, polkitd, pkcheck and dbus-daemon",
)
def test_polkit_allows_the_service_that_and_nobody_anything() -> None:
    script = str(Path(__file__).with_name("polkit.sh"))
    asked = subprocess.run([*OWN, "bash", script, str(RULES)], capture_output=True, text=True, timeout=60, check=False)
    if "Operation not permitted" in asked.stderr or "ermission denied" in asked.stderr:
        pytest.skip(f"no mount namespace here: {asked.stderr.strip().splitlines()[-1]}")
    allowed = {line.removeprefix("whimbrel ") for line in asked.stdout.splitlines() if line.startswith("whimbrel ")}
    everybody = {line.removeprefix("nobody ") for line in asked.stdout.splitlines() if line.startswith("nobody ")}
    assert allowed - everybody - {IMPLIED} == ALLOWED, asked.stderr
    assert not everybody & ALLOWED
