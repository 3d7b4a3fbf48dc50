"""The process of the helper: ``python3 -m whimbrel.drivers.helper [--take-over NAME]… [--active-scans] [SOCKET]``.

It listens on the socket that systemd passes (sd_listen_fds(3)), and ends when the daemon has been away for a while; or
on a socket that it makes itself. An interface that is connected is taken over only if it, or its radio, is named.
Without ``--active-scans``, scans are passive, and nothing transmits.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys

from whimbrel.drivers.helper.in_use import RadiosInUse
from whimbrel.drivers.helper.server import Workshop, say, serve

_PASSED = 3  # SD_LISTEN_FDS_START
_IDLE = 30.0
"""Seconds without the daemon; systemd starts it again when the daemon is back."""


def tell_alive() -> None:
    """Send systemd a sign of life (sd_notify(3)); nobody listens where there is no service manager."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if path:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(b"READY=1\nWATCHDOG=1", path.replace("@", "\0", 1))


def main(arguments: list[str]) -> int:
    """Serve; return the exit status."""
    may_take: set[str] = set()
    active = False
    path = ""
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--take-over":
            may_take.add(next(waiting, ""))
        elif argument == "--active-scans":
            active = True
        elif argument.startswith("-") or path:
            say(
                f"{argument}: usage: python3 -m whimbrel.drivers.helper [--take-over NAME]... [--active-scans] [SOCKET]"
            )
            return 2
        else:
            path = argument
    workshop = Workshop(may_take, active=active)
    if path:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108  # pathlib is not imported for that
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(path)
            listener.listen(4)
            serve(listener, workshop)
    elif os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        with socket.socket(fileno=_PASSED) as listener:
            in_use = RadiosInUse(os.environ.get("RUNTIME_DIRECTORY", ""))
            serve(listener, workshop, idle=_IDLE, alive=tell_alive, in_use=in_use)
    else:
        say("no socket: name one, or start whimbrel-radio.socket")
        return 2
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
