"""The sections of the settings file that belong to the daemon itself, not to a module."""

from __future__ import annotations

import attrs

from whimbrel.bus import DEFAULT_CAPACITY
from whimbrel.settings import Duration, setting


@attrs.frozen
class DaemonSettings:
    """How modules are started, watched and stopped."""

    critical: tuple[str, ...] | None = setting(
        None,
        help="Modules that the daemon is no use without: systemd is told READY once they are, and the process ends "
        "when one keeps failing. Null: what the modules say of themselves (sniffer and watcher).",
    )
    start_timeout: Duration = setting(
        Duration(30.0), low=0.1, help="A module that is not ready after this long has failed."
    )
    stop_timeout: Duration = setting(
        Duration(5.0), low=0.1, help="How long each stage of a stop may take before it is cut short."
    )
    retry: Duration = setting(
        Duration(5.0),
        low=0.05,
        help="How long to wait for something that is missing (an interface, a display) before looking again.",
    )
    backoff_min: Duration = setting(
        Duration(1.0), low=0.01, help="Pause before a module that failed is started again; doubles with each failure."
    )
    backoff_max: Duration = setting(Duration(60.0), low=0.01, help="The longest such pause.")
    healthy_after: Duration = setting(
        Duration(60.0), low=0.0, help="A module that ran for this long is healthy again: its failures are forgotten."
    )
    give_up: int = setting(
        5, low=1, help="Failures in a row after which a critical module ends the process, for systemd to start anew."
    )
    stall: Duration = setting(
        Duration(0.03),
        low=0.001,
        help="A module that holds the event loop for longer than this is named in the journal.",
    )
    report: Duration = setting(
        Duration(10.0), low=0.1, help="How often losses and stalls are looked for and the status line is renewed."
    )

    def __attrs_post_init__(self) -> None:
        """Refuse pauses that would shrink; raises ValueError."""
        if self.backoff_min > self.backoff_max:
            raise ValueError(
                f"backoff_min: expected at most backoff_max, {self.backoff_max:g}s, found {self.backoff_min:g}s"
            )


@attrs.frozen
class BusSettings:
    """The event bus."""

    capacity: int = setting(
        DEFAULT_CAPACITY,
        low=1,
        high=1_000_000,
        help="Events that may wait for a listener that names no bound of its own.",
    )
