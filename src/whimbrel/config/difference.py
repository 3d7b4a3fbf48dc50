"""What a new settings file would do to a daemon that runs."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.config.loader import SECTIONS, Configuration


class Changes(NamedTuple):
    """What is different in new settings; all empty where nothing is."""

    added: tuple[str, ...]
    """Modules to start, in the order of the new file."""
    removed: tuple[str, ...]
    """Modules to stop."""
    changed: tuple[str, ...]
    """Modules that run and whose settings are others now."""
    sections: tuple[str, ...]
    """Sections other than ``modules`` that are different."""


def changes(old: Configuration, new: Configuration) -> Changes:
    """Compare two configurations by their values; where and how something was written does not count."""
    return Changes(
        added=tuple(name for name in new.modules if name not in old.modules),
        removed=tuple(name for name in old.modules if name not in new.modules),
        changed=tuple(n for n in new.modules if n in old.modules and new.modules[n] != old.modules[n]),
        sections=tuple(name for name in SECTIONS if getattr(old, name) != getattr(new, name)),
    )
