"""The two small files by which the daemon asks for a copy and learns the outcome; neither is on the card."""

from __future__ import annotations

from pathlib import Path

from whimbrel import jobs
from whimbrel.record import Record

PARTITION = Path("/boot/firmware")
"""Where the partition is mounted."""
FOLDER = "copies"
"""The folder on it."""
REQUEST = Path("/run/whimbrel/copy")
"""Written by the daemon; ``whimbrel-copy.path`` watches it."""
OUTCOME = Path("/run/whimbrel-copy/outcome.json")
"""Written by root."""


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
    jobs.request(path, request.as_dict())


def asked(path: Path = REQUEST) -> CopyRequest | None:
    """Return the request; None where there is none that can be read. Never raises: a stranger may have written it."""
    values = jobs.read(path)
    number, folder = jobs.natural(values, "number"), values.get("folder")
    if number is None or not isinstance(folder, str) or "\0" in folder:
        return None
    return CopyRequest(number=number, folder=folder)


def answer(outcome: CopyOutcome, path: Path = OUTCOME) -> None:
    """Replace the outcome. Raises OSError."""
    jobs.answer(path, outcome.as_dict())


def outcome(number: int, path: Path = OUTCOME) -> CopyOutcome | None:
    """Return what came of the request of that number; None as long as there is nothing. Never raises."""
    values = jobs.outcome(path, number)
    if values is None:
        return None
    counts = {name: jobs.natural(values, name) or 0 for name in ("files", "octets", "removed", "left_out")}
    return CopyOutcome(number=number, **counts, problem=values["problem"], ended=values["ended"])
