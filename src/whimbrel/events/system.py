"""What the daemon itself does: modules, settings, losses."""

from __future__ import annotations

from whimbrel.events.base import Body, Level


class DaemonStarted(Body, level=Level.NOTICE):
    """The daemon is up; its modules start now."""

    version: str
    """Version of Whimbrel."""
    config: str
    """Path of the settings; empty for the defaults."""
    modules: tuple[str, ...]
    """Names of the modules that it runs."""


class DaemonReady(Body, level=Level.NOTICE):
    """Every critical module does its work."""

    seconds: float
    """Time since the settings were read."""


class DaemonStopping(Body, level=Level.NOTICE):
    """The daemon is about to end."""

    reason: str
    """A signal, the end of the sources, or a failure."""


class ModuleChanged(Body, level=Level.INFO):
    """A module is in another state than before."""

    module: str
    """Its name."""
    state: str
    """starting, ready, degraded, waiting, backing-off, failed, stopped or finished."""
    previous: str
    """The state before."""
    reason: str = ""
    """Why; what to do, where something can be done."""


class ModuleWarning(Body, level=Level.WARNING):
    """A module works, but not as it should."""

    module: str
    """Its name."""
    key: str
    """Which of its warnings."""
    text: str
    """What is wrong, and what to do."""


class ModuleFailed(Body, level=Level.ERROR):
    """A module ended by an error; it is started again unless it failed for good."""

    module: str
    """Its name."""
    error: str
    """The error, in one line."""
    trace: str
    """Where in the code, innermost first."""
    retry_in: float | None
    """Seconds until the next start; None where there is none."""


class SettingsReloaded(Body, level=Level.NOTICE):
    """New settings are in force."""

    changed: tuple[str, ...]
    """Modules that were started, stopped or restarted for it."""
    next_start: tuple[str, ...] = ()
    """Sections that changed but count only from the next start of the daemon."""


class SettingsRefused(Body, level=Level.ERROR):
    """The settings file has errors; the settings in force stay."""

    problems: tuple[str, ...]
    """One line each: file, line, path, what was expected, what was found."""


class EventsLost(Body, level=Level.WARNING):
    """A listener on the bus was too slow, or a thread posted too much; these events are gone for it."""

    reader: str
    """The module that missed them."""
    lost: int
    """How many since the previous report."""


class LoopStalled(Body, level=Level.WARNING):
    """One module held the loop for too long; nothing else ran meanwhile."""

    module: str
    """Which."""
    seconds: float
    """For how long, the longest since the previous report."""
    times: int
    """How often since the previous report."""
