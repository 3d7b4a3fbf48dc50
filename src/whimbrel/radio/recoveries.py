"""The recovery that fits a source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whimbrel.drivers.ports import FrameSource, is_of_announcements
from whimbrel.module import Context
from whimbrel.radio.conductor import Conductor
from whimbrel.radio.recovery import Recovery
from whimbrel.settings import evolve
from whimbrel.tuning.ladder import Ladder
from whimbrel.tuning.settings import RecoverySettings


def recovery_of(
    ctx: Context[Any],
    source: FrameSource,
    conductor: Conductor | None,
    settings: RecoverySettings,
    clock: Callable[[], float],
) -> Recovery | None:
    """Return the recovery of a source's radio; None for a capture file. `conductor` is None if it cannot be tuned."""
    if not source.live:
        return None
    if is_of_announcements(source):
        from whimbrel.radio.scan_recovery import ScanRecovery

        return ScanRecovery(ctx, source, settings, clock)
    if conductor is None:
        # Without a tuner, only a command can recover a blind radio.
        settings = evolve(settings, rungs=tuple(rung for rung in settings.rungs if rung == "command"))
    ladder = Ladder(settings, now=clock(), cycle=conductor.cycle if conductor else 0.0)
    return Recovery(ctx, ladder, conductor, settings, clock)
