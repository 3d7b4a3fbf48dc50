"""Settings: one YAML file in, frozen values out, or every error at once with its line.

Settings classes need `setting` and the types beside it. What reads files is imported once it is asked for, so that it
costs nothing to a module that only declares settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.config.fields import Duration, Mac, Size, Ssid, setting

if TYPE_CHECKING:
    from whimbrel.config.difference import Changes, changes
    from whimbrel.config.in_force import Setting, effective, to_yaml
    from whimbrel.config.loader import DEFAULT_PATH, Configuration, check, defaults, load, loads
    from whimbrel.config.problems import ConfigError, Problem

__all__ = [
    "DEFAULT_PATH",
    "Changes",
    "ConfigError",
    "Configuration",
    "Duration",
    "Mac",
    "Problem",
    "Setting",
    "Size",
    "Ssid",
    "changes",
    "check",
    "defaults",
    "effective",
    "load",
    "loads",
    "setting",
    "to_yaml",
]

_HOMES = {
    "difference": ("Changes", "changes"),
    "in_force": ("Setting", "effective", "to_yaml"),
    "loader": ("DEFAULT_PATH", "Configuration", "check", "defaults", "load", "loads"),
    "problems": ("ConfigError", "Problem"),
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            import importlib

            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
