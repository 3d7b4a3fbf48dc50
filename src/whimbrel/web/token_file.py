"""The token that one logs in with, made at the first start, and the sessions that outlast the process.

Both files are for their owner alone.
"""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

from whimbrel.files import read_regular
from whimbrel.module import NotReady
from whimbrel.secret import SHORTEST_TOKEN, new_token, reveal
from whimbrel.watching import state_file
from whimbrel.web.sessions import MOST, digest

TOKEN, SESSIONS = "web-token", "web-sessions.json"
_MODE = 0o600
_LARGEST = 65536


def default_path() -> Path:
    """Return the path of the file of the made token."""
    return state_file.default_path(TOKEN)


def read_or_make(path: Path) -> str:
    """Return the token in the file; where there is none, make both. Raises `NotReady`."""
    try:
        with contextlib.suppress(FileNotFoundError):
            return _read(path)
        return make(path)
    except OSError as error:
        raise NotReady(f"the token in {path} cannot be read or written: {error.strerror}") from error


def stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when the file is replaced, None where it cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def make(path: Path) -> str:
    """Write a new token into the file, and return it. Raises OSError."""
    token = new_token()
    state_file.replace(path, f"{token}\n", _MODE)
    return token


def named(setting: str) -> str:
    """Return the token that the settings name. Raises `NotReady`."""
    token = reveal(setting)
    if len(token) < SHORTEST_TOKEN:
        raise NotReady(f"the token in {setting} has fewer than {SHORTEST_TOKEN} characters: choose a longer one")
    return token


def read_sessions(path: Path, token: str) -> dict[str, float]:
    """Return the sessions that began with this token; none where the file is missing, damaged, or of another token."""
    try:
        value = json.loads(read_regular(path, _LARGEST)[:_LARGEST])
    except (OSError, ValueError, RecursionError):
        return {}
    sessions = value.get("sessions") if isinstance(value, dict) and value.get("token") == digest(token) else None
    if not isinstance(sessions, dict):
        return {}
    found = {key: ends for key, ends in sessions.items() if isinstance(ends, (int, float)) and math.isfinite(ends)}
    return dict(list(found.items())[:MOST])


def write_sessions(path: Path, token: str, sessions: dict[str, float]) -> None:
    """Replace the file. Raises OSError."""
    state_file.replace(path, json.dumps({"token": digest(token), "sessions": sessions}) + "\n", _MODE)


def _read(path: Path) -> str:
    """Raises OSError, and `NotReady` for a file that is no token."""
    content = read_regular(path, _LARGEST)
    try:
        token = content.decode("ascii").strip()
    except UnicodeDecodeError:
        token = ""
    if len(token) < SHORTEST_TOKEN or len(content) > 1024:
        raise NotReady(f"{path} holds no token: remove it, and `whimbrel web-token --new` writes another")
    return token
