"""The daemon from outside: its unit, its control socket, its journal, its process."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import time
from pathlib import Path
from typing import Any

from PIL import Image
from tests.e2e.guest.panel import pages_of
from tests.vm.guest.checks import check, run, say, wait_for

UNIT = "whimbrel.service"
USER = "whimbrel"
SETTINGS = Path("/etc/whimbrel/whimbrel.yaml")
_SOCKET = "/run/whimbrel/control.sock"


def of_unit(name: str, unit: str = UNIT) -> str:
    """Return a property of a unit."""
    return run("systemctl", "show", "--property", name, "--value", unit).strip()


def pid(unit: str = UNIT) -> int:
    """Return the main process of a unit; 0 for none."""
    return int(of_unit("MainPID", unit))


def is_ready() -> bool:
    """Tell whether systemd was told READY."""
    return of_unit("ActiveState") == "active"


def wait_until_ready(within: float = 120) -> None:
    """Wait for READY, and for an answer on the control socket."""
    wait_for("READY", is_ready, within)
    wait_for("an answer on the control socket", lambda: Path(_SOCKET).exists(), 60)


def of_process(field: str, unit: str = UNIT) -> str:
    """Return a field of the status of a unit's process (proc_pid_status(5))."""
    for line in Path(f"/proc/{pid(unit)}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return value.strip()
    raise AssertionError(f"no {field} in the status of {pid(unit)}")


def check_privileges(capabilities: int, unit: str = UNIT) -> None:
    """Check that a unit's process has exactly these capabilities (capabilities(7), as bits), gets no others, and has a
    filter of system calls."""
    for field in ("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh"):
        check(int(of_process(field, unit), 16) == capabilities, f"{field} {of_process(field, unit)}")
    check(of_process("NoNewPrivs", unit) == "1", "NoNewPrivs")
    check(of_process("Seccomp", unit) == "2", "there is no system call filter")


def check_exposure(most: float, unit: str = UNIT) -> None:
    """Check the verdict of systemd-analyze(1) on a unit."""
    report = run("systemd-analyze", "security", "--no-pager", unit)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", report)
    check(found, report)
    assert found is not None
    say(f"NOTE  exposure of {unit}", found[1])
    check(float(found[1]) <= most, report)


def ask(verb: str, **arguments: object) -> Any:
    """Ask on the control socket, as docs/control.md has it, and return the result."""
    with socket.socket(socket.AF_UNIX) as sock, sock.makefile("rwb") as lines:
        sock.settimeout(30)
        sock.connect(_SOCKET)
        lines.write(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
        lines.flush()
        answer = json.loads(lines.readline())
    check(answer.get("ok"), answer)
    return answer["result"]


def modules() -> dict[str, dict[str, Any]]:
    """Return what `modules` says of each."""
    return {row["module"]: row for row in ask("modules")}


def changed_since(began: float) -> set[str]:
    """Return the modules whose state has changed since then, as that of one that was restarted has."""
    rows = modules()
    age = now() - began
    return {name for name, row in rows.items() if row["seconds"] < age}


def screenshot() -> bytes:
    """Return what the daemon says that its screen shows, as pages of an OLED."""
    image = Image.open(io.BytesIO(base64.b64decode(ask("screenshot")["png"]))).convert("1")
    return pages_of(image.width, image.height, image.tobytes())


def entries(since: float = 0, **fields: str) -> list[dict[str, Any]]:
    """Return the journal's entries of this start with these fields, from `since` (seconds since the epoch) on."""
    lines = run("journalctl", "--boot", "--output=json", *(f"{name}={value}" for name, value in fields.items()))
    found = [json.loads(line) for line in lines.splitlines()]
    return [entry for entry in found if int(entry["__REALTIME_TIMESTAMP"]) >= since * 1e6]


def wait_for_entry(kind: str, since: float = 0, within: float = 60, **fields: str) -> dict[str, Any]:
    """Return the first entry of an event of this kind; wait for it."""
    wanted = {"WHIMBREL_KIND": kind, **fields}
    return wait_for(f"an entry with {wanted}", lambda: entries(since, **wanted), within)[0]


def now() -> float:
    """Return the time that the journal's entries are stamped with."""
    return time.time()


def last_words(lines: int = 25) -> str:
    """Return the end of the unit's journal."""
    return run("journalctl", "--boot", "--no-pager", "--output=short-monotonic", f"--lines={lines}", f"--unit={UNIT}")
