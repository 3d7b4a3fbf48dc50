"""What systemd is told: readiness, the status line, the watchdog (sd_notify(3), sd_watchdog_enabled(3)).

The protocol is one datagram, which sd_notify(3) invites programs to send themselves. systemd-python's call waits, with
the interpreter locked, for as long as the manager does not read; nothing here may hold the loop, so this one does not.
"""

from __future__ import annotations

import os
import socket
import time

from whimbrel.text import harmless

_MAX_VALUE = 800
"""Characters of a field, each of at most four octets: systemd ignores a message longer than a page altogether."""


class Notifier:
    """Tells the service manager that listens at `address` about the daemon; nobody where it is empty.

    `watchdog` is the number of seconds within which the manager wants to hear again; None where nobody watches.
    """

    def __init__(self, address: str = "", watchdog: float | None = None) -> None:
        self.watchdog = watchdog
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._waiting: dict[str, str] = {}
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    def tell(self, **fields: str) -> None:
        """Send fields as ``READY="1"``, ``STATUS="…"``; where the manager is not reading, they go with the next."""
        if self._socket is None:
            return
        # A line of its own would be an order to the manager, and a reason may quote what came off the air.
        self._waiting |= {name: harmless(value[:_MAX_VALUE])[:_MAX_VALUE] for name, value in fields.items()}
        message = "\n".join(f"{name}={value}" for name, value in self._waiting.items())
        try:
            self._socket.sendto(message.encode(), self._address)
        except BlockingIOError:
            return
        except OSError:  # the manager is gone; there is nobody to tell that to
            pass
        self._waiting = {}

    def close(self) -> None:
        """Let the socket go; nothing more is told."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def reloading(self) -> None:
        """Say that the settings are being read again; READY ends it (``Type=notify-reload`` wants the time)."""
        self.tell(RELOADING="1", MONOTONIC_USEC=str(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000))


def from_environment() -> Notifier:
    """Return what the service manager that started this process asks for in its environment."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    watchdog = int(microseconds) / 1e6 if for_us and microseconds.isdigit() and int(microseconds) else None
    return Notifier(os.environ.get("NOTIFY_SOCKET", ""), watchdog)
