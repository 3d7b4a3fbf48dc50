"""The second process under systemd: who it is, what it may, whom it tells, and that it outlasts the daemon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.guest import daemon
from tests.vm.guest.checks import check, run, say, wait_for

UNIT = "whimbrel-reach.service"
USER = "whimbrel-reach"
EXPOSURE = 1.5
"""Of 10, by ``systemd-analyze security``."""
RESIDENT = 48 * 1024 * 1024
TOLD = Path("/var/lib/whimbrel-reach/told")
SETTINGS: dict[str, Any] = {
    "notify": {"command": ["sh", "-c", f"cat >> {TOLD}"], "pause": "1s"},
    # Nobody listens there: what is sent needs a socket of IP, which the sandbox has to allow.
    "syslog": {"host": "127.0.0.1", "transport": "udp", "port": 5140},
}
"""Modules of the second process that need no package and no network."""


def start() -> None:
    """Start it anew, with the settings that were written meanwhile."""
    run("systemctl", "restart", "--no-block", UNIT)
    wait_for("reach to be ready", lambda: daemon.of_unit("ActiveState", UNIT) == "active", 120)


def runs_as_a_user_of_its_own_without_a_capability() -> None:
    check(run("id", "-nu", daemon.of_process("Uid", UNIT).split()[0]).strip() == USER, daemon.of_process("Uid", UNIT))
    daemon.check_privileges(0, UNIT)


def is_exposed_to_less_than_the_daemon() -> None:
    daemon.check_exposure(EXPOSURE, UNIT)


def tells_a_person_of_the_attack() -> None:
    def told() -> list[dict[str, Any]]:
        lines = TOLD.read_text().splitlines() if TOLD.exists() else []
        found = [json.loads(line) for line in lines]
        return [message for message in found if message["severity"] == "critical"]

    message = wait_for("a message about the attack", told, 60)[0]
    say("NOTE  told:", message["title"])
    check("What to do:" in message["text"], message)
    numbers = [message["id"] for message in told() if message["kind"] == "incident-opened"]
    check(len(numbers) == len(set(numbers)), f"told twice: {numbers}")


def stays_within_its_memory() -> None:
    resident = int(daemon.of_process("VmRSS", UNIT).split()[0]) * 1024
    say(f"NOTE  resident memory of reach {resident >> 10} KiB (peak {daemon.of_process('VmHWM', UNIT)})")
    check(resident <= RESIDENT, f"resident {resident} octets")


def outlasted_the_daemon() -> None:
    """After the daemon was ended by the watchdog: reach noticed, waited, and hears it again."""
    kinds = [entry.get("WHIMBREL_KIND") for entry in daemon.entries(_SYSTEMD_UNIT=UNIT)]
    check("daemon-unreachable" in kinds, kinds)
    wait_for("the daemon to be heard", lambda: "hears the daemon" in daemon.of_unit("StatusText", UNIT), 60)
    check(daemon.of_unit("NRestarts", UNIT) == "0", f"{daemon.of_unit('NRestarts', UNIT)} restarts")
    words = [str(entry["MESSAGE"]) for entry in daemon.entries(_SYSTEMD_UNIT=UNIT)]
    check(not any("Traceback" in line or "this is a bug" in line for line in words), words[-5:])
