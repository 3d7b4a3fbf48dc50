"""Modules by name: the built-in ones, and those of other packages by the entry points ``whimbrel.modules``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whimbrel.errors import WhimbrelError
from whimbrel.late import load
from whimbrel.wording.suggestions import suggestion

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

    from whimbrel.module import Module

GROUP = "whimbrel.modules"

# The same as in pyproject.toml, checked by a test. Reading the installed entry points is as slow as importing asyncio.
BUILT_IN = {
    "sniffer": "whimbrel.modules.sniffer:Sniffer",
    "sniffer2": "whimbrel.modules.sniffer:SecondSniffer",
    "watcher": "whimbrel.modules.watcher:Watcher",
    "logger": "whimbrel.modules.logger:Logger",
    "control": "whimbrel.modules.control:Control",
    "display": "whimbrel.modules.display:Display",
    "buttons": "whimbrel.modules.buttons:Buttons",
    "system": "whimbrel.modules.system:System",
    "history": "whimbrel.modules.history:HistoryKeeper",
    "recorder": "whimbrel.modules.recorder:Recorder",
    "position": "whimbrel.modules.position:PositionKeeper",
    "notify": "whimbrel.modules.notify:Notify",
    "mqtt": "whimbrel.modules.mqtt:Mqtt",
    "metrics": "whimbrel.modules.metrics:Metrics",
    "syslog": "whimbrel.modules.syslog:Syslog",
    "web": "whimbrel.modules.web:Web",
}

OF_THE_DAEMON = frozenset(
    {"sniffer", "sniffer2", "watcher", "display", "buttons", "system", "history", "recorder", "position"}
)
"""Built-in modules of the daemon of which reach needs nothing, checked by a test: importing them costs it 7 MB."""

DEFAULT_MODULES = ("sniffer", "watcher", "logger", "control")
"""The modules that are loaded if the settings name none."""


class UnknownModule(WhimbrelError, LookupError):
    """No module with that name is installed; `hint` has similar names, or all."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"no module is called {name!r} ({hint})")
        self.hint = hint


class BrokenModule(WhimbrelError, ImportError):
    """The module is installed but cannot be imported, or is no module."""


def module_names() -> list[str]:
    """Return the names of all loadable modules, built in and installed."""
    return sorted({*BUILT_IN, *_installed().names})


def find_module(name: str) -> type[Module[Any]]:
    """Return the class of the module `name`. Raises `UnknownModule` and `BrokenModule`."""
    if (target := BUILT_IN.get(name)) is None:
        found = list(_installed().select(name=name))
        if not found:
            raise UnknownModule(name, suggestion(name, module_names()))
        target = found[0].value
    return _load(name, target)


def _installed() -> EntryPoints:
    from importlib.metadata import entry_points  # slow, and not needed for built-in modules

    return entry_points(group=GROUP)


def _load(name: str, target: str) -> type[Module[Any]]:
    from whimbrel.module import Module

    try:
        loaded = load(target)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the import of third-party code may raise anything, sys.exit included
        raise BrokenModule(f"{target} cannot be imported: {type(error).__name__}: {error}") from error
    if not (isinstance(loaded, type) and issubclass(loaded, Module)):
        raise BrokenModule(f"{target} is no whimbrel.module.Module (the entry point {name} in the group {GROUP})")
    return loaded
