"""The two small files by which the daemon asks for a copy and learns the outcome; neither is on the card."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from whimbrel.files import read_regular
from whimbrel.record import Record
from whimbrel.text import printable

PARTITION = Path("/boot/firmware")
"""Where the partition is mounted."""
FOLDER = "copies"
"""The folder on it."""
REQUEST = Path("/run/whimbrel/copy")
"""Written by the daemon; ``whimbrel-copy.path`` watches it."""
OUTCOME = Path("/run/whimbrel-copy/outcome.json")
"""Written by root."""
_LARGEST = 4096
_LONGEST = 300
_MOST = 1 << 53


class CopyRequest(Record):
    """What the daemon asks for."""

    number: int
    """Of this request, unlike that of any other one."""
    folder: str
    """Where the recordings are; empty for none."""


class CopyOutcome(Record):
    """What came of a request."""

    number: int
    """Of the request."""
    files: int = 0
    """That were copied."""
    octets: int = 0
    """Of those."""
    removed: int = 0
    """Older copies that gave way to them."""
    left_out: int = 0
    """Files that found no room."""
    problem: str = ""
    """Why it did not end as it should; empty where it did."""
    ended: bool = False
    """Whether it has."""


def is_partition(path: Path = PARTITION) -> bool:
    """Return whether a file system is mounted there."""
    try:
        return path.stat().st_dev != path.parent.stat().st_dev
    except OSError:
        return False


def ask(request: CopyRequest, path: Path = REQUEST) -> None:
    """Write the request; again if nobody has answered. Raises OSError."""
    path.write_text(json.dumps({"number": request.number, "folder": request.folder}), encoding="ascii")


def asked(path: Path = REQUEST) -> CopyRequest | None:
    """Return the request; None where there is none that can be read. Never raises: a stranger may have written it."""
    values = _read(path)
    number, folder = _count(values, "number"), values.get("folder")
    if number is None or not isinstance(folder, str) or "\0" in folder:
        return None
    return CopyRequest(number=number, folder=folder)


def answer(outcome: CopyOutcome, path: Path = OUTCOME) -> None:
    """Replace the outcome. The folder may be a stranger's: no link in it is followed. Raises OSError."""
    values = {name: getattr(outcome, name) for name in CopyOutcome.fields}
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


def outcome(number: int, path: Path = OUTCOME) -> CopyOutcome | None:
    """Return what came of the request of that number; None as long as there is nothing. Never raises."""
    values = _read(path)
    problem, ended = values.get("problem"), values.get("ended")
    if _count(values, "number") != number or not isinstance(problem, str) or not isinstance(ended, bool):
        return None
    counts = {name: _count(values, name) or 0 for name in ("files", "octets", "removed", "left_out")}
    return CopyOutcome(number=number, **counts, problem=printable(problem[:_LONGEST]), ended=ended)


def _count(values: dict[str, Any], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else None


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(read_regular(path, _LARGEST, follow=False)[:_LARGEST])
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
