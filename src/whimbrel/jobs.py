"""A fixed job that the daemon asks for and root does: the two small files by which they talk, in memory both."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from whimbrel.files import read_regular
from whimbrel.module import Context
from whimbrel.text import printable

_LARGEST = 4096
_LONGEST = 300
"""Characters of a problem."""
_MOST = 1 << 53
_CUT = "it was cut off before its end; journalctl has the reason"
_LOOK = 0.5
"""Seconds between two looks for the outcome."""
_AGAIN = 5.0
"""Seconds after which a request that nobody has taken up is written again: a unit that is just ending misses it."""
Answer = TypeVar("Answer")


def request(path: Path, values: Mapping[str, Any]) -> None:
    """Write a request; again if nobody has answered. Raises OSError."""
    path.write_text(json.dumps(values), encoding="ascii")


def answer(path: Path, values: Mapping[str, Any]) -> None:
    """Replace the outcome. The folder may be a stranger's: no link in it is followed. Raises OSError."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    beside = f".{path.name}"
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(beside, flags, 0o644, dir_fd=folder), "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o644)  # whatever the umask
            file.write(json.dumps(values))
        os.rename(beside, path.name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(folder)


def settle(path: Path) -> None:
    """Tell whoever waits that a job was cut off, if its outcome says that it goes on. Run after its program. Raises
    OSError."""
    values = read(path)
    if values.get("ended") is False:
        answer(path, values | {"problem": _CUT, "ended": True})


def read(path: Path) -> dict[str, Any]:
    """Return what one of the files says; nothing if it cannot be read. Never raises: a stranger may have written it."""
    try:
        values = json.loads(read_regular(path, _LARGEST, follow=False)[:_LARGEST])
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def natural(values: Mapping[str, Any], name: str) -> int | None:
    """Return a number of what was read; None if it is none from 0 on."""
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else None


def outcome(path: Path, number: int) -> dict[str, Any] | None:
    """Return what came of the request of that number, with `problem` and `ended` of their kinds; None as long as there
    is nothing. Never raises."""
    values = read(path)
    problem = values.get("problem")
    if natural(values, "number") != number or not isinstance(problem, str) or not isinstance(values.get("ended"), bool):
        return None
    return values | {"problem": printable(problem[:_LONGEST])}


def is_of_service(request: Path) -> bool:
    """Return whether this process is the service that writes that request, and not one in a terminal."""
    return Path(os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]) == request.parent


def number() -> int:
    """Return a number unlike that of any other request since the start of the system, also of an earlier daemon's: its
    age in milliseconds. Nanoseconds pass the limit of a number after 104 days."""
    return time.monotonic_ns() // 1_000_000


class JobLimits(NamedTuple):
    """How long somebody waits for a job."""

    beginning: float
    """Seconds until root must have begun."""
    patience: float
    """Seconds for the whole."""
    nobody: str
    """The problem that root has not begun."""


async def wait(
    ctx: Context[Any],
    ask: Callable[[], None],
    found: Callable[[], Answer | None],
    ended: Callable[[Answer], bool],
    limits: JobLimits,
) -> Answer | str:
    """Ask until root has answered; return the outcome, or why there is none."""
    clock = asyncio.get_running_loop().time
    began, written = clock(), -_AGAIN
    while True:
        outcome = found()
        if outcome is not None and ended(outcome):
            return outcome
        now = clock()
        if now - began > (limits.beginning if outcome is None else limits.patience):
            return limits.nobody if outcome is None else "it has not ended in time"
        if outcome is None and now - written >= _AGAIN:
            written = now
            try:
                ask()
            except OSError as error:
                return f"{error.filename}: {error.strerror}"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                await ctx.stopping.wait()
                return "the daemon ends; what was begun goes on"
