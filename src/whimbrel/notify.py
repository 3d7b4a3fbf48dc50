"""What systemd is told: readiness, the status line, the watchdog (sd_notify(3), sd_watchdog_enabled(3))."""

from __future__ import annotations

import os
import time
from typing import Protocol


class Notifier(Protocol):
    """Tells a service manager about the daemon."""

    watchdog: float | None
    """Seconds within which `alive` must be called again; None where nobody watches."""

    def tell(self, **fields: str) -> None:
        """Send fields as ``READY="1"``, ``STATUS="…"``."""


class NoNotifier:
    """Where no service manager listens."""

    watchdog: float | None = None

    def tell(self, **fields: str) -> None:
        """Send nothing."""


class SystemdNotifier:
    """Talks to the socket that systemd names in the environment, through systemd-python."""

    def __init__(self) -> None:
        # Here and not above: the library is needed only under systemd, and may be absent elsewhere.
        from systemd import daemon

        self._notify = daemon.notify
        microseconds = int(os.environ.get("WATCHDOG_USEC", "0") or "0")
        for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog: float | None = microseconds / 1e6 if microseconds and for_us else None

    def tell(self, **fields: str) -> None:
        """Send `fields`; a manager that does not listen is not an error."""
        self._notify("\n".join(f"{name}={value}" for name, value in fields.items()))


def make_notifier() -> Notifier:
    """Return a notifier for where this process runs. Raises ImportError under systemd without systemd-python."""
    return SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else NoNotifier()


def reloading(notifier: Notifier) -> None:
    """Say that the settings are being read again; READY ends it (``Type=notify-reload`` wants the time)."""
    notifier.tell(RELOADING="1", MONOTONIC_USEC=str(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000))
