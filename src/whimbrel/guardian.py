"""One supervised module: its state, its settings, its current run."""

from __future__ import annotations

import asyncio
import enum
import time
from typing import Any

from whimbrel.events.system import ModuleStatus
from whimbrel.module import Context, Handover, Module
from whimbrel.verbs.daemon import ModuleRow


class ModuleState(enum.Enum):
    """The state of a module; the values appear in texts and JSON."""

    STARTING = "starting"
    READY = "ready"
    DEGRADED = "degraded"
    """Ready, with warnings."""
    WAITING = "waiting"
    """Something that it needs is missing; it is retried."""
    BACKING_OFF = "backing-off"
    """It failed and is restarted after a pause."""
    FAILED = "failed"
    """It failed for good."""
    FINISHED = "finished"
    """Its work is done."""
    STOPPED = "stopped"
    """It was stopped."""


class Guardian:
    """One module: its state, its settings, its current run."""

    def __init__(self, name: str, module: type[Module[Any]], settings: Any, *, critical: bool) -> None:
        self.name = name
        self.module = module
        self.settings = settings
        self.critical = critical
        self.foreign = module.__module__.partition(".")[0] != "whimbrel"
        """Whether it belongs to another package: its events are checked."""
        self.state = ModuleState.STOPPED
        self.reason = ""
        self.since = time.monotonic()
        self.failures = 0
        """Failures since the last healthy spell."""
        self.starts = 0
        self.was_ready = False
        self.ready_since: float | None = None
        """Monotonic seconds at which its current run became ready."""
        self.settled = asyncio.Event()
        """Set once it was in any state other than starting."""
        self.ctx: Context[Any] | None = None
        self.run: Module[Any] | None = None
        self.task: asyncio.Task[None] | None = None
        self.told: dict[str, str] = {}
        """The published warnings."""
        self.handover = Handover()
        self.replaces = False
        """Whether it replaces an earlier one of its name."""

    @property
    def running(self) -> bool:
        """Whether its guardian is still running."""
        return self.task is not None and not self.task.done()

    def status(self, now: float) -> ModuleStatus:
        """Return its status; `now` is seconds since the epoch."""
        return ModuleStatus(
            module=self.name,
            state=self.state.value,
            reason=self.reason,
            since=now - (time.monotonic() - self.since),
            critical=self.critical,
            starts=self.starts,
            failures=self.failures,
            warnings=tuple(self.ctx.warnings.values()) if self.ctx else (),
        )

    def describe(self) -> ModuleRow:
        """Return its row in the control socket's `modules`."""
        return ModuleRow(
            module=self.name,
            state=self.state.value,
            seconds=round(time.monotonic() - self.since, 1),
            reason=self.reason,
            critical=self.critical,
            starts=self.starts,
            failures=self.failures,
            warnings=dict(self.ctx.warnings) if self.ctx else {},
        )
