"""What the owner allows, from ``device.txt``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_YES = "yes"


class UpdateSettings(NamedTuple):
    """What may be installed; the safe side is the default."""

    allow_unsigned: bool = False
    """A package without a signature."""
    allow_downgrade: bool = False
    """An older version than the one that is installed."""


def read(path: Path) -> UpdateSettings:
    """Return the settings of the file, which root has written; the defaults where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return UpdateSettings()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    return UpdateSettings(**{name: told.get(name) == _YES for name in UpdateSettings._fields})
