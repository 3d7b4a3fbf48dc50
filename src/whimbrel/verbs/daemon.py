"""Verbs about the daemon and its modules."""

from __future__ import annotations

from collections.abc import Mapping

from whimbrel.geo import Position
from whimbrel.record import Record
from whimbrel.rows import ListenerRow, ReceiverRow
from whimbrel.verbs.declare import Query, Verb


class Status(Record):
    """The state of the daemon."""

    version: str
    """Of Whimbrel."""
    pid: int
    """Of its process."""
    config: str
    """Path of the settings; empty for the defaults."""
    seconds: float
    """Seconds since the start."""
    ready: bool
    """Whether every critical module is ready."""
    status: str
    """Its activity in one line, as shown by systemd."""
    refused: tuple[str, ...] = ()
    """What is wrong with the settings file, a line each; others are in force then."""
    unheard: str = ""
    """What cannot be heard the way that it listens; empty for nothing."""
    receiver: tuple[str, ...]
    """The faults of the receiver, one sentence each."""
    discarded: Mapping[str, int]
    """Unusable frames by reason."""
    kernel_lost: int = 0
    """Frames dropped by the kernel since the radio was opened; of several, the sum."""
    receivers: tuple[ReceiverRow, ...] = ()
    """Every receiver that has been opened, the first one first."""
    time: float = 0.0
    """Seconds since the epoch, by the device's clock."""
    time_by: str = ""
    """Who has told it since the board's start: network, person, rtc or source; empty for nobody, then it is an
    estimate."""
    position: Position | None = None
    """The position of the device; None if unknown."""
    events: int
    """The number of published events."""
    listeners: tuple[ListenerRow, ...]
    """Every subscription of the bus, with its losses."""


class ModuleRow(Record):
    """The state of one module."""

    module: str
    """Its name."""
    state: str
    """starting, ready, degraded, waiting, backing-off, failed, stopped or finished."""
    seconds: float
    """Seconds in this state."""
    reason: str
    """The reason, with advice if there is any."""
    critical: bool
    """Whether the daemon cannot do without it."""
    starts: int
    """How often it was started."""
    failures: int
    """Failures since its last healthy spell."""
    warnings: Mapping[str, str]
    """Its warnings."""


class Restarting(Record):
    """A module is being restarted."""

    module: str
    """Its name."""
    restarting: bool
    """True."""


class Reloaded(Record):
    """The changes by the new settings."""

    changed: tuple[str, ...]
    """Modules that are started, stopped or restarted."""
    next_start: tuple[str, ...]
    """Sections that take effect only at the next start of the daemon."""


class Help(Record):
    """The verbs of this daemon."""

    verbs: Mapping[str, str]
    """Every verb with its summary."""


class Following(Record):
    """Events follow, a line each."""

    following: bool
    """True."""


class TailLine(Record):
    """One line of the verb ``tail``, without the body of its event."""

    time: float | None = None
    """Seconds since the epoch; None without an event."""
    level: str = "info"
    """Name of its level."""
    kind: str = ""
    """Kind of the event."""
    message: str = ""
    """The event as a sentence."""
    lagged: int = 0
    """Events that were missed before the next line; then there is no event in this one."""


STATUS = Query("status", Status, "the daemon's activity and age, its listeners and their losses")
MODULES = Query("modules", tuple[ModuleRow, ...], "each module with its state, reason, starts, failures, warnings")
RESTART = Verb("restart", Restarting, "restart one module; answers at once", module="its name")
RELOAD = Verb(
    "reload",
    Reloaded,
    "read the settings file again; answers before anything is restarted; an error lists every mistake, and nothing is "
    "changed",
)
HELP = Query("help", Help, "every verb with its summary")
TAIL = Query(
    "tail",
    Following,
    "follow events",
    kinds="names of events; default: all?",
    level="the least important level to send; default: debug?",
    latest="names of events; the newest of each is sent first; default: none?",
)
VERBS: tuple[Verb[object], ...] = (STATUS, MODULES, RESTART, RELOAD, HELP, TAIL)
