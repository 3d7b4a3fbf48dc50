"""The sections of the settings file for the daemon itself."""

from __future__ import annotations

from pathlib import Path

from whimbrel.bus import DEFAULT_CAPACITY
from whimbrel.settings import Duration, frozen, setting


@frozen
class DaemonSettings:
    """Start, supervision and stop of modules."""

    critical: tuple[str, ...] | None = setting(
        None,
        help="Modules that the daemon cannot do without: systemd gets READY once they are ready, and the process ends "
        "when one keeps failing. Null: the modules declare it themselves (sniffer and watcher do).",
    )
    start_timeout: Duration = setting(
        Duration(30.0), low=0.1, help="A module that is not ready after this long has failed."
    )
    stop_timeout: Duration = setting(Duration(5.0), low=0.1, help="The time limit of each stage of a stop.")
    retry: Duration = setting(
        Duration(5.0),
        low=0.05,
        help="The pause before looking again for something missing (an interface, a display).",
    )
    backoff_min: Duration = setting(
        Duration(1.0), low=0.01, help="Pause before a module that failed is started again; doubles with each failure."
    )
    backoff_max: Duration = setting(Duration(60.0), low=0.01, help="The longest such pause.")
    healthy_after: Duration = setting(
        Duration(60.0), low=0.0, help="After running for this long, a module counts as healthy: its failures are reset."
    )
    give_up: int = setting(
        5, low=1, help="Consecutive failures after which a critical module ends the process; systemd then restarts it."
    )
    stall: Duration = setting(
        Duration(0.03),
        low=0.001,
        help="The journal names a module that blocks the event loop for longer than this.",
    )
    report: Duration = setting(
        Duration(10.0), low=0.1, help="The interval for reporting losses and stalls and renewing the status line."
    )

    def check(self) -> None:
        """Refuse pauses that would shrink; raises ValueError."""
        if self.backoff_min > self.backoff_max:
            raise ValueError(
                f"backoff_min: expected at most backoff_max, {self.backoff_max:g}s, found {self.backoff_min:g}s"
            )


@frozen
class ReachSettings:
    """The second process, ``whimbrel reach``: it runs the modules that speak IP (docs/reach.md)."""

    socket: Path | None = setting(
        None, help="The daemon's control socket; null: that of modules.control, else that of the service."
    )
    retry: Duration = setting(
        Duration(1.0), low=0.01, high=60.0, help="The pause before it looks again for a daemon that is away."
    )


@frozen
class BusSettings:
    """The event bus."""

    capacity: int = setting(
        DEFAULT_CAPACITY,
        low=1,
        high=1_000_000,
        help="Limit of waiting events for a listener without a limit of its own.",
    )
