"""Events of the daemon itself: modules, settings, losses."""

from __future__ import annotations

from typing import NamedTuple

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
    """The reason, with advice if there is any."""
    again: bool = False
    """Whether the module was started before."""

    @property
    def urgency(self) -> Level:
        """The steps of a healthy first start are details: `DaemonStarted` and `DaemonReady` tell of all together."""
        healthy = (self.previous, self.state) in {("stopped", "starting"), ("starting", "ready")}
        return Level.DEBUG if healthy and not self.again else Level.INFO


class ModuleStatus(NamedTuple):
    """How one module is."""

    module: str
    """Its name."""
    state: str
    """As in `ModuleChanged`."""
    reason: str
    """The reason, with advice if there is any."""
    since: float
    """Seconds since the epoch at which it came into this state."""
    critical: bool
    """Whether the daemon is no use without it."""
    starts: int
    """How often it was started."""
    failures: int
    """Failures since it last did its work for a while."""
    warnings: tuple[str, ...]
    """The problems, one line each."""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to do about it."""
        return self.state not in {"degraded", "waiting", "backing-off", "failed"}


class ModulesState(Body, level=Level.DEBUG, bulky=True):
    """The states of all modules; sent after each change, so the newest one is complete."""

    modules: tuple[ModuleStatus, ...]
    """All of them, in the order in which they were started."""


class ModuleWarning(Body, level=Level.WARNING):
    """A module works, but not as it should."""

    module: str
    """Its name."""
    key: str
    """Which of its warnings."""
    text: str
    """The problem, and advice."""


class ModuleFailed(Body, level=Level.ERROR):
    """A module ended by an error; it is started again unless it failed for good."""

    module: str
    """Its name."""
    error: str
    """The error, in one line."""
    trace: str
    """Where in the code, innermost first."""
    retry_in: float | None
    """Seconds until the next start; None if there is none."""


class SettingsReloaded(Body, level=Level.NOTICE):
    """New settings are in force."""

    changed: tuple[str, ...]
    """Modules that were started, stopped or restarted for it."""
    next_start: tuple[str, ...] = ()
    """Sections that changed but count only from the next start of the daemon."""
    answers: int = 0
    """`seq` of its `ReloadSettings`; 0 if a signal or a client requested it."""


class SettingsRefused(Body, level=Level.ERROR):
    """The settings file has errors; the settings in force stay."""

    problems: tuple[str, ...]
    """One line each: file, line, path, expected value, found value."""
    answers: int = 0
    """As in `SettingsReloaded`."""


class EventsLost(Body, level=Level.WARNING):
    """A listener on the bus was too slow, or a thread posted too much; these events are gone for it."""

    reader: str
    """The module that missed them."""
    lost: int
    """How many since the previous report."""


class LinesLeftOut(Body, level=Level.NOTICE):
    """More came than may be written of it (`modules.logger.hourly`); of the rest there is this number.

    Alerts, incidents and troubles are always written.
    """

    lines: int
    """How many since the previous report."""


class LoopStalled(Body, level=Level.WARNING):
    """Modules blocked the loop for too long; nothing else ran meanwhile. Sent at most once a minute."""

    module: str
    """That which held it longest."""
    seconds: float
    """For how long, the longest since the previous report."""
    times: int
    """How often since the previous report."""
    others: tuple[str, ...] = ()
    """Other modules that did too, the longest first."""
    starting: bool = False
    """Whether that was before every critical module was ready: a start takes its time, and nothing is lost by it."""

    @property
    def urgency(self) -> Level:
        """During the start, it is no reason to worry."""
        return Level.INFO if self.starting else Level.WARNING


class InternalError(Body, level=Level.ERROR):
    """An error that nobody waited for: of a callback, a thread, a library. Like ones are told once a minute at most."""

    where: str
    """The thread, or the library, that it comes from."""
    error: str
    """The error, in one line."""
    trace: str
    """Where in the code, innermost first; empty if not known."""
    times: int = 1
    """How often since the previous report."""


class ReloadSettings(Body, level=Level.INFO):
    """Command: read the settings file again. `SettingsReloaded` or `SettingsRefused` answers it."""

    reason: str = ""
    """Who asks, or why."""


class RestartModule(Body, level=Level.INFO):
    """Command: stop a module and start it again. `CommandRefused` answers if there is none of that name."""

    module: str
    """Its name."""
    reason: str = ""
    """Who asks, or why."""


class CommandRefused(Body, level=Level.NOTICE):
    """A command was refused."""

    command: str
    """Kind of the command: lock-channel."""
    text: str
    """The reason, and advice."""
    answers: int
    """`seq` of the command."""
    passing: bool = False
    """Whether it may be repeated in a while, as programs do: nothing to tell a person who has not given it."""

    @property
    def urgency(self) -> Level:
        """One that passes is a detail."""
        return Level.DEBUG if self.passing else Level.NOTICE
