"""What somebody who has taken the daemon over could fill: every place that it can write to has a size."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.guest import daemon
from tests.vm.guest.checks import check, run, say

_MIB = 1 << 20
_ROOM = 48
"""MiB of the room in this check; the guest's disk is its memory."""
_DROP_IN = Path("/etc/systemd/system/whimbrel-room.service.d/size.conf")
_STATE = "/var/lib/whimbrel"
_TEMPORARY = {"/tmp": 4, "/var/tmp": 4, "/run/whimbrel": 4}
"""MiB of the places that need no room of their own."""


def _inside(script: str) -> str:
    """Return what `script` prints as the daemon's user, where its files are as the daemon sees them."""
    places = ["nsenter", "--target", str(daemon.pid()), "--mount", "--wd=/"]
    user = ["setpriv", f"--reuid={daemon.USER}", f"--regid={daemon.USER}", "--clear-groups"]
    return run(*places, "--", *user, "--", "sh", "-c", script, timeout=300)


def _fill(folder: str) -> int:
    """Return the octets that can be written into `folder` in several files."""
    flood = f"for n in 1 2 3 4; do head -c 100M /dev/zero > {folder}/flood$n || true; done 2>/dev/null"
    written = int(_inside(f"{flood}; cat {folder}/flood? | wc -c; rm -f {folder}/flood?"))
    say(f"NOTE  {folder}: {written / _MIB:.1f} MiB could be written")
    return written


def can_write_to_few_places_and_fill_none() -> None:
    found = _inside("find / -type d -writable -not -path '/proc/*' 2>/dev/null || true").split()
    tops = {place for place in found if not any(place.startswith(f"{other}/") for other in found)}
    say("NOTE  writable folders:", *sorted(tops))
    # /dev/shm and /dev/mqueue would be bounded by nothing but the board's memory.
    check(tops <= {*_TEMPORARY, _STATE}, sorted(tops))
    for folder, most in _TEMPORARY.items():
        check(_fill(folder) <= most * _MIB, f"{folder} takes more than {most} MiB")
    check(daemon.is_ready(), daemon.of_unit("ActiveState"))


def keeps_its_state_within_its_room() -> None:
    before = {path.name for path in Path(_STATE).iterdir()}
    _DROP_IN.parent.mkdir(parents=True)
    _DROP_IN.write_text(f"[Service]\nEnvironment=WHIMBREL_ROOM_SIZE={_ROOM} WHIMBREL_ROOM_SPARE=8\n")
    run("systemctl", "stop", daemon.UNIT, timeout=240)
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "whimbrel-room.service")
    run("systemctl", "start", daemon.UNIT, timeout=240)
    daemon.wait_until_ready()
    run("mountpoint", _STATE)
    check(before <= {path.name for path in Path(_STATE).iterdir()}, "not all of the state has moved in")
    check(_fill(_STATE) <= _ROOM * _MIB, "the room has no end")
    check(daemon.is_ready(), daemon.of_unit("ActiveState"))
    run("systemctl", "restart", daemon.UNIT, timeout=240)
    daemon.wait_until_ready()
    _DROP_IN.unlink()
    _DROP_IN.parent.rmdir()
