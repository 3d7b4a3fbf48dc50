"""The daemon's settings: one YAML file in, frozen values out, or all errors at once with their lines.

`whimbrel.settings` declares and reads settings classes; this package handles the file, its sections and its modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.config.difference import Changes, changes
    from whimbrel.config.in_force import Setting, effective, to_yaml
    from whimbrel.config.loader import DEFAULT_PATH, Configuration, check, defaults, load, loads

__all__ = [
    "DEFAULT_PATH",
    "Changes",
    "Configuration",
    "Setting",
    "changes",
    "check",
    "defaults",
    "effective",
    "load",
    "loads",
    "to_yaml",
]

_HOMES = {
    "difference": ("Changes", "changes"),
    "in_force": ("Setting", "effective", "to_yaml"),
    "loader": ("DEFAULT_PATH", "Configuration", "check", "defaults", "load", "loads"),
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            import importlib

            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
