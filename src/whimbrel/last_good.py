"""The last valid settings, kept in the service's state folder: a start with an invalid file uses them.

At a terminal, the user gets the mistakes instead; the device has no user at hand, and must keep watching.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from whimbrel.config import Configuration, loader
from whimbrel.files import read_regular
from whimbrel.settings.nodes import END, is_shortened
from whimbrel.settings.problems import ConfigError, Problem
from whimbrel.watching import state_file

NAME = "settings.yaml"
STATE = "STATE_DIRECTORY"
"""The variable by which systemd names the state folder of a service."""
BOOT_PROBLEMS = "WHIMBREL_BOOT_PROBLEMS"
"""The variable with the file of refusals by the image before the start, one on each line."""
_MOST = 32
"""Limit of reported lines of that file."""


def keep(configuration: Configuration) -> None:
    """Keep the text of `configuration`, if this is a service. Raises OSError."""
    path = _path()
    if path is None or not configuration.text or _text(path) == configuration.text:
        return
    state_file.replace(path, configuration.text)


def recall(instead_of: Path | None, apart: Collection[str] = ()) -> Configuration | None:
    """Return the last valid settings, to replace those of a file; None if there are none.

    `apart`: modules whose settings are not read. A module of another package that is wrong by now is left out: the
    others go on without it.
    """
    path = _path()
    text = None if path is None else _text(path)
    if not text:
        return None
    try:
        return loader.loads(text, str(path), instead_of or loader.DEFAULT_PATH, apart=apart, without_broken=True)
    except ConfigError:
        return None


def check(configuration: Configuration, apart: Collection[str] = ()) -> None:
    """Compare settings with those that were last right. Raises ConfigError if they are only the beginning of these, as
    a file without marks is that was cut at the end of a line."""
    path = _path()
    kept = None if path is None else _text(path)
    if kept and is_shortened(configuration.text, kept) and recall(configuration.path, apart) is not None:
        line = configuration.text.rstrip().count("\n") + 2
        hint = f"it was cut short; if nothing is missing, write the line {END} there"
        expected = "what came here in the last good settings"
        raise ConfigError([Problem(configuration.name, line, 0, "", expected, "the end of the file", hint)])


def boot_problems() -> tuple[str, ...]:
    """Return the refusals from before the start of this process."""
    name = os.environ.get(BOOT_PROBLEMS)
    text = _text(Path(name)) if name else None
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())[:_MOST]


def _path() -> Path | None:
    return state_file.default_path(NAME) if os.environ.get(STATE) else None


def _text(path: Path) -> str | None:
    try:
        return read_regular(path, loader.MAX_OCTETS).decode()
    except (OSError, ValueError):
        return None
