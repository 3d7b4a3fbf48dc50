"""What outlasts a power cut: the update that was begun, and the packages that failed."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

INSTALLING, TRYING, RESTORING = "installing", "trying", "restoring"
"""The stages: the package is installed; it is seen whether the daemon runs; the old version is put back."""
_KEPT = 8
"""Failed packages that are remembered."""


class Pending(NamedTuple):
    """An update that was begun and has not ended."""

    stage: str
    name: str
    """The file on the card."""
    digest: str
    """SHA-256 of it."""
    old: str
    """The version that was there before."""
    new: str
    """That of the package."""
    attempts: int = 0
    """How often this stage was begun: a start that ends in the middle of it may be its fault."""
    was_ready: bool = False
    """Whether the daemon was ready before."""
    expected: bool = True
    """Whether the old version had a daemon that systemd starts; so must the new one, then."""
    reason: str = ""
    """Why the old version is put back."""


class Tried(NamedTuple):
    """A package that failed."""

    digest: str
    name: str
    problem: str


class Taken(NamedTuple):
    """A package that is installed, and whose file is still to be removed from the card."""

    digest: str
    name: str
    old: str
    new: str


def write(path: Path, text: str) -> None:
    """Replace a file at once or not at all, and on the card before this returns. Raises OSError."""
    beside = path.with_name(f"{path.name}.new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have the names of a folder on the card. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class UpdateMemory:
    """The three files in `folder`, root's own. Writing raises OSError; what cannot be read is not there."""

    def __init__(self, folder: Path) -> None:
        self._pending = folder / "pending.json"
        self._tried = folder / "tried.json"
        self._taken = folder / "taken.json"

    def pending(self) -> Pending | None:
        """Return the update that was begun."""
        try:
            return Pending(**_read(self._pending))
        except TypeError:
            return None

    def begin(self, pending: Pending) -> Pending:
        """Remember that a stage begins, once more; return it with its attempts."""
        pending = pending._replace(attempts=pending.attempts + 1)
        write(self._pending, json.dumps(pending._asdict()))
        return pending

    def end(self) -> None:
        """Forget the update: it has ended."""
        self._pending.unlink(missing_ok=True)
        sync(self._pending.parent)

    def tried(self) -> list[Tried]:
        """Return the packages that failed, the oldest first."""
        try:
            return [Tried(**each) for each in _read(self._tried).get("tried", [])]
        except (TypeError, AttributeError):
            return []

    def remember(self, tried: Tried) -> None:
        """Remember one more."""
        kept = [*self.tried(), tried][-_KEPT:]
        write(self._tried, json.dumps({"tried": [each._asdict() for each in kept]}))

    def taken(self) -> Taken | None:
        """Return the package that is installed, and still to be removed from the card."""
        try:
            return Taken(**_read(self._taken))
        except TypeError:
            return None

    def take(self, taken: Taken) -> None:
        """Remember that a package is installed."""
        write(self._taken, json.dumps(taken._asdict()))

    def forget_taken(self) -> None:
        """Forget it: the card no longer has it."""
        self._taken.unlink(missing_ok=True)
        sync(self._taken.parent)


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
