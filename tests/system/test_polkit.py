"""The unit's polkit rule, evaluated by a real polkitd."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.testing import PATIENCE

RULES = Path(__file__).resolve().parents[2] / "systemd" / "50-whimbrel.rules"
ALLOWED = {
    f"org.freedesktop.login1.{action}"
    for action in ("power-off", "power-off-multiple-sessions", "reboot", "reboot-multiple-sessions")
}
MANAGE = "org.freedesktop.systemd1.manage-units"
REFUSED = {
    *(
        f"{verb} whimbrel-recover.service"
        for verb in ("start", "stop", "restart", "kill", "reload", "set-property", "clean", "cancel")
    ),
    "start whimbrel-recover@radio.service",
    "start whimbrel.service",
    "start ssh.service",
    "restart whimbrel.service",
    "cancel ssh.service",
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
def test_polkit_allows_the_service_that_and_nobody_anything(tmp_path: Path) -> None:
    script = str(Path(__file__).with_name("polkit.sh"))
    units = tmp_path / "units"
    units.write_text("".join(f"{line}\n" for line in sorted(REFUSED)))
    command = [*OWN, "bash", script, str(RULES), str(units)]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if "Operation not permitted" in asked.stderr or "ermission denied" in asked.stderr:
        pytest.skip(f"no mount namespace here: {asked.stderr.strip().splitlines()[-1]}")
    allowed = {line.removeprefix("whimbrel ") for line in asked.stdout.splitlines() if line.startswith("whimbrel ")}
    everybody = {line.removeprefix("nobody ") for line in asked.stdout.splitlines() if line.startswith("nobody ")}
    assert allowed - everybody - {IMPLIED} == ALLOWED, asked.stderr
    assert not everybody & (ALLOWED | REFUSED | {MANAGE})
