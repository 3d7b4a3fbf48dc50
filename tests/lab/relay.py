"""A way to a port that can be lost: what goes on it then arrives nowhere, and neither side is told."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

from tests.lab.ports import free_port

from whimbrel.testing import PATIENCE


class Relay:
    """Passes on each connection to `port` of this machine, from a port of its own. It closes a connection on which the
    client sends `forbidden`, which it does not pass on; empty: nothing is forbidden."""

    def __init__(self, port: int, *, forbidden: bytes = b"") -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.passed = 0
        """Connections so far."""
        self.forbidden = forbidden
        self._to = port
        self._lost: set[socket.socket] = set()
        self._open: set[socket.socket] = set()
        self._ends: list[socket.socket] = []
        """All that there were; they are closed once no thread reads them."""
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def lose_all(self) -> None:
        """Have all present connections lead nowhere from now on; later ones work."""
        self._lost |= self._open

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self.passed += 1
                try:
                    far = socket.create_connection(("127.0.0.1", self._to))
                except OSError:
                    near.close()
                    continue
                self._open |= {near, far}
                self._ends += (near, far)
                for one, other in ((near, far), (far, near)):
                    thread = threading.Thread(target=self._pass_on, args=(one, other), daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while octets := one.recv(65536):
                if self.forbidden and self.forbidden in octets:
                    break
                if one not in self._lost:
                    other.sendall(octets)
        if one not in self._lost:
            for end in (one, other):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._open.discard(one)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join(PATIENCE)
        for each in self._ends:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        for each in (self._listening, *self._ends):
            each.close()
