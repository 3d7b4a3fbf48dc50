"""Notifications to systemd: readiness, the status line, the watchdog (sd_notify(3), sd_watchdog_enabled(3)).

The protocol is one datagram, which sd_notify(3) allows programs to send themselves. systemd-python's call blocks with
the interpreter locked while the manager does not read; this one never blocks, because nothing may block the loop.
"""

from __future__ import annotations

import os
import socket
import time

from whimbrel.text import harmless

_MAX_VALUE = 800
"""Limit of characters of a field, each of at most four octets: systemd ignores a message longer than a page."""


class Notifier:
    """Notifies the service manager at `address`; does nothing if it is empty.

    `watchdog` is the number of seconds within which the manager expects the next message; None without a watchdog.
    """

    def __init__(self, address: str = "", watchdog: float | None = None) -> None:
        self.watchdog = watchdog
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._waiting: dict[str, str] = {}
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    def tell(self, **fields: str) -> None:
        """Send fields such as ``READY="1"``, ``STATUS="…"``; if the manager is not reading, with the next message."""
        if self._socket is None:
            return
        # A line break would begin another field, and a reason may quote text off the air.
        self._waiting |= {name: harmless(value[:_MAX_VALUE])[:_MAX_VALUE] for name, value in fields.items()}
        message = "\n".join(f"{name}={value}" for name, value in self._waiting.items())
        try:
            self._socket.sendto(message.encode(), self._address)
        except BlockingIOError:
            return
        except OSError:  # the manager has gone
            pass
        self._waiting = {}

    def close(self) -> None:
        """Close the socket; nothing more is sent."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def reloading(self) -> None:
        """Report that the settings are being read again, until READY (``Type=notify-reload`` requires the time)."""
        self.tell(RELOADING="1", MONOTONIC_USEC=str(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000))


def from_environment() -> Notifier:
    """Return the notifier for the service manager in this process's environment."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    watchdog = int(microseconds) / 1e6 if for_us and microseconds.isdigit() and int(microseconds) else None
    return Notifier(os.environ.get("NOTIFY_SOCKET", ""), watchdog)
