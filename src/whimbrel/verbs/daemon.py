"""What the daemon does, and what it consists of."""

from __future__ import annotations

from collections.abc import Mapping

from whimbrel.geo import Position
from whimbrel.record import Record
from whimbrel.verbs.declare import Verb


class ListenerRow(Record):
    """One subscription of the bus; sent = delivered + lost + waiting."""

    reader: str
    """The module that listens."""
    kinds: tuple[str, ...]
    """What it listens to; empty for everything."""
    policy: str
    """What happens when it is full: drop-oldest, latest or fail."""
    capacity: int
    """Events that may wait."""
    sent: int
    """Events that it was offered."""
    delivered: int
    """Events that it has read."""
    lost: int
    """Events that are gone for it."""
    waiting: int
    """Events that wait now."""
    peak: int
    """The most that ever waited."""


class Status(Record):
    """How the daemon is doing."""

    version: str
    """Of Whimbrel."""
    pid: int
    """Of its process."""
    config: str
    """Path of the settings; empty for the defaults."""
    seconds: float
    """Since it was started."""
    ready: bool
    """Whether every critical module does its work."""
    status: str
    """One line that says what it does, as systemd shows it."""
    receiver: tuple[str, ...]
    """What the receiver tells wrongly of its frames, one sentence each."""
    discarded: Mapping[str, int]
    """Frames that are of no use, by why."""
    kernel_lost: int = 0
    """Frames that the kernel had no room for since the radio was opened."""
    position: Position | None = None
    """Where the device is; None where no fix holds."""
    events: int
    """How many were published."""
    listeners: tuple[ListenerRow, ...]
    """Every subscription of the bus, with what it lost."""


class ModuleRow(Record):
    """How one module is."""

    module: str
    """Its name."""
    state: str
    """starting, ready, degraded, waiting, backing-off, failed, stopped or finished."""
    seconds: float
    """How long it has been in this state."""
    reason: str
    """Why; what to do, where something can be done."""
    critical: bool
    """Whether the daemon is no use without it."""
    starts: int
    """How often it was started."""
    failures: int
    """Failures since it last did its work for a while."""
    warnings: Mapping[str, str]
    """What is not as it should be."""


class Restarting(Record):
    """A module is being restarted."""

    module: str
    """Its name."""
    restarting: bool
    """True."""


class Reloaded(Record):
    """What another settings file changes."""

    changed: tuple[str, ...]
    """Modules that are started, stopped or restarted."""
    next_start: tuple[str, ...]
    """Sections that count only from the next start of the daemon."""


class Help(Record):
    """What this daemon can be asked."""

    verbs: Mapping[str, str]
    """Every verb with a line about it."""


class Following(Record):
    """Events follow, a line each."""

    following: bool
    """True."""


STATUS = Verb("status", Status, "what the daemon is doing, its age, its listeners and what they lost")
MODULES = Verb("modules", tuple[ModuleRow, ...], "each module with its state, reason, starts, failures, warnings")
RESTART = Verb("restart", Restarting, "restart one module; answers at once", module="its name")
RELOAD = Verb(
    "reload",
    Reloaded,
    "read the settings file again; answers before that restarts anything; an error lists every mistake, and nothing "
    "has changed",
)
HELP = Verb("help", Help, "every verb with a line about it")
TAIL = Verb(
    "tail",
    Following,
    "follow events",
    kinds="names of events; all without?",
    level="the least important one that is sent; debug without?",
)
VERBS: tuple[Verb[object], ...] = (STATUS, MODULES, RESTART, RELOAD, HELP, TAIL)
