"""The effects of a new settings file on a running daemon."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.config.loader import SECTIONS, Configuration


class Changes(NamedTuple):
    """The differences of new settings; all empty if there are none."""

    added: tuple[str, ...]
    """Modules to start, in the order of the new file."""
    removed: tuple[str, ...]
    """Modules to stop."""
    changed: tuple[str, ...]
    """Running modules whose settings have changed."""
    sections: tuple[str, ...]
    """Sections other than ``modules`` that have changed."""


def changes(old: Configuration, new: Configuration) -> Changes:
    """Compare two configurations by their values, regardless of their notation and place in the file."""
    return Changes(
        added=tuple(name for name in new.modules if name not in old.modules),
        removed=tuple(name for name in old.modules if name not in new.modules),
        changed=tuple(n for n in new.modules if n in old.modules and new.modules[n] != old.modules[n]),
        sections=tuple(name for name in SECTIONS if getattr(old, name) != getattr(new, name)),
    )
