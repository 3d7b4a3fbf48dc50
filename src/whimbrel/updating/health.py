"""Whether the daemon does its work: it answers, stays, and is ready, or waits for what is not plugged in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from whimbrel.updating.programs import run

_UNIT = "whimbrel.service"
_SYSTEMD = Path("/run/systemd/system")
_ASKING = 60.0
_LOOK = 1.0


class DaemonLook(NamedTuple):
    """The daemon at one moment."""

    process: int = 0
    """0 where it does not run, or does not answer."""
    ready: bool = False
    waiting: bool = False
    """Whether a module waits for what is not there, as a radio."""
    trouble: str = "it does not answer"
    """The module that is not well, or why there is no answer."""


class DaemonHealth(NamedTuple):
    """What came of waiting for the daemon."""

    process: int = 0
    ready: bool = False
    problem: str = ""
    """Why it is not well; empty if it is."""


def is_expected() -> bool:
    """Return whether there is a systemd, and a daemon that it starts."""
    return _SYSTEMD.is_dir() and run(["systemctl", "--quiet", "is-enabled", _UNIT], _ASKING).status == 0


def look() -> DaemonLook:
    """Ask systemd for the process, and the process how it is, by the commands of the version that is installed."""
    shown = run(["systemctl", "show", "--property=MainPID,Result", _UNIT], _ASKING).out
    values = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    main = int(values.get("MainPID") or 0)
    status = _asked("status")
    if not main or not isinstance(status, dict) or status.get("pid") != main:
        result = values.get("Result", "")
        return DaemonLook(
            trouble="it does not answer" if result in {"", "success"} else f"it does not start ({result})"
        )
    rows = [row for row in _asked("modules") or [] if isinstance(row, dict)]
    unwell = [f"{row.get('module')} is {row.get('state')}: {row.get('reason')}" for row in rows if _is_unwell(row)]
    return DaemonLook(
        process=main,
        ready=status.get("ready") is True,
        waiting=any(row.get("state") == "waiting" for row in rows),
        trouble="; ".join(unwell) or "it is not ready",
    )


def wait(
    before: int, patience: float, settle: float, *, must_be_ready: bool, now: Callable[[], DaemonLook] = look
) -> DaemonHealth:
    """Wait `patience` seconds for a daemon of another process than `before` that is well for `settle` seconds."""
    clock = time.monotonic
    end, since, process = clock() + patience, 0.0, 0
    while True:
        seen = now()
        well = seen.process not in {0, before} and (seen.ready or (seen.waiting and not must_be_ready))
        if not well:
            process = 0
        elif seen.process != process:
            process, since = seen.process, clock()
        if process and clock() - since >= settle:
            return DaemonHealth(process, seen.ready)
        if clock() >= end:
            trouble = "it starts over and over" if well else seen.trouble
            return DaemonHealth(
                seen.process, seen.ready, f"its daemon did not become ready within {patience:g} s: {trouble}"
            )
        time.sleep(_LOOK)


def _asked(command: str) -> Any:
    told = run(["whimbrel", command, "--json"], _ASKING)
    try:
        return json.loads(told.out) if not told.status else None
    except ValueError:
        return None


def _is_unwell(row: dict[str, Any]) -> bool:
    return row.get("state") in {"waiting", "degraded", "backing-off", "failed", "starting"}
