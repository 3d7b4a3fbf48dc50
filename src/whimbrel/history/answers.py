"""Requests of the control socket to a history: their keys, and the answer from the file."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from whimbrel.history.erasing import Wish
from whimbrel.history.queries import MOST, Reader, Scope
from whimbrel.module import VerbError
from whimbrel.settings import Mac, Ssid
from whimbrel.verbs.history import History
from whimbrel.watching.requests import scalar, truth

SQLITE_ERROR = sqlite3.Error
"""The errors of an unreadable file."""
PARTS = ("sessions", "access_points", "changes", "stations", "alerts", "incidents", "channels", "crowds")

_COUNTS = frozenset({"channels", "crowds"})
_MOST_COUNTS = 1500
"""Rows of counts in one answer: two days by the hour on 31 channels."""
_LONGEST_STEP = 24 * 400


class Asked(NamedTuple):
    """The contents of a request."""

    parts: tuple[str, ...]
    scope: Scope
    alert: int | None


def wish_of(request: dict[str, Any]) -> Asked:
    """Read a request of the verb ``history``. Raises `VerbError`."""
    what = request.get("what")
    parts = ("sessions",) if what is None else tuple(what.split()) if isinstance(what, str) else ("?",)
    if not parts or not set(parts) <= set(PARTS):
        raise VerbError(f'"what": expected {", ".join(PARTS)}, or several of them, separated by spaces')
    alert = request.get("alert")
    if alert is not None and not (isinstance(alert, str) and alert.isascii() and alert.isdigit() and len(alert) < 16):
        raise VerbError('"alert": expected the id of an alert')
    scope = Scope(
        since=_time(request, "since"),
        new=truth(request, "new"),
        ssid=_octets(request, "ssid", Ssid),
        device=_octets(request, "device", Mac),
        limit=MOST + 1,
        step=_step(request.get("step", 1)),
    )
    return Asked(("alerts",) if alert is not None else parts, scope, None if alert is None else int(alert))


def answer(file: Path, asked: Asked) -> History:
    """Return the contents of the file. Raises sqlite3.Error and OSError."""
    with Reader(file) as reader:
        found: dict[str, Any] = {}
        left_out = 0
        for part in asked.parts:
            if part == "alerts":
                rows: list[Any] = reader.alerts(asked.scope, asked.alert)
            elif part in _COUNTS:
                # The newest are the last, and there are many of them: a row for each channel.
                rows = getattr(reader, part)(asked.scope._replace(limit=_MOST_COUNTS + 1))
            else:
                rows = getattr(reader, part)(asked.scope)
            most = _MOST_COUNTS if part in _COUNTS else MOST
            left_out += len(rows) > most
            found[part] = tuple(rows[-most:] if part in _COUNTS else rows[:most])
        if asked.alert is not None:
            found["evidence"] = tuple(reader.evidence(asked.alert))
        return History(file=str(file), octets=reader.octets(), left_out=left_out, **found)


def erasing(request: dict[str, Any]) -> Wish:
    """Read a request of the verb ``erase``. Raises `VerbError`, also if it names nothing."""
    wish = Wish(
        everything=truth(request, "everything"),
        ssid=_octets(request, "ssid", Ssid),
        device=_octets(request, "device", Mac),
        before=_time(request, "before"),
    )
    if wish == Wish():
        raise VerbError("expected one of ssid, device, before, or everything to erase")
    return wish


def _octets(request: dict[str, Any], name: str, kind: Any) -> bytes | None:
    value = request.get(name)
    return None if value is None else bytes(scalar(kind, value, name))


def _step(value: object) -> int:
    if type(value) is not int or not 1 <= value <= _LONGEST_STEP:
        raise VerbError(f'"step": expected a number of hours, 1 to {_LONGEST_STEP}')
    return value


def _time(request: dict[str, Any], name: str) -> float | None:
    value = request.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise VerbError(f'"{name}": expected seconds since the epoch')
    return float(value)
