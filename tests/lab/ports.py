"""Ports of this machine's loopback, for the servers of tests."""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

_FIRST = 10_240
_EPHEMERAL = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
"""From here on the kernel gives ports away: to connections, and to whoever asks for any (ip(7))."""
_APART = 1009
"""Ports between the first of two processes that were started one after the other: each has those to itself."""
_numbers = itertools.count()


def free_port() -> int:
    """Return a port that nobody listens on, nor will until it is used: the kernel gives it to nobody, and this process
    to nobody else."""
    for number in _numbers:
        port = _FIRST + (os.getpid() * _APART + number) % (_EPHEMERAL - _FIRST)
        with socket.socket() as sock:
            # As a server would: what has ended there is in nobody's way.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def listens(port: int) -> bool:
    """Return whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
