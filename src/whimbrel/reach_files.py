"""What reach tells the device's panel: two small files of its own, which the daemon only reads.

The daemon speaks no IP and takes no orders from who does, so nothing of this is a verb: the folder belongs to the user
of reach, its group may read, and the daemon's user is in that group. A file says what is drawn, and nothing else comes
of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

from whimbrel.files import read_regular
from whimbrel.watching import state_file

STATE, PAGE = "state.json", "page.json"
"""What reach does; where the web page is, with the token to log in."""
FRESH = 60.0
"""Seconds after which a file that is not written anew counts for nothing: its writer has gone."""
_SERVICE = "whimbrel-reach"
_LARGEST = 4096
_LONGEST = 200
_MODE = 0o640


def folder() -> Path:
    """Return the folder: ``/run/whimbrel-reach`` where both are services, else one in the state folder of the user."""
    runtime = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(runtime).parent / _SERVICE if runtime else state_file.default_path(_SERVICE)


def write(name: str, values: dict[str, Any], where: Path | None = None) -> None:
    """Replace a file; the time is added. It is for the memory, not for the card. Raises OSError."""
    path = (where or folder()) / name
    beside = path.with_name(f".{name}.{os.getpid()}")
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            os.fchmod(descriptor, _MODE)  # whatever the umask
            file.write(json.dumps(values | {"monotonic": time.monotonic()}))
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def remove(name: str, where: Path | None = None) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(OSError):
        ((where or folder()) / name).unlink()


def read(name: str, where: Path | None = None) -> dict[str, Any] | None:
    """Return the values of a file; None where it is missing, old, or no such file. Texts are cut.

    Never raises: who writes it speaks with strangers.
    """
    try:
        value = json.loads(read_regular((where or folder()) / name, _LARGEST, follow=False)[:_LARGEST])
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    at = value.pop("monotonic", None)
    if not isinstance(at, (int, float)) or not 0 <= time.monotonic() - at <= FRESH:
        return None
    return {key: each[:_LONGEST] if isinstance(each, str) else each for key, each in value.items()}
