"""The client for commands and scripts: it blocks, and imports no event loop."""

from __future__ import annotations

import io
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from whimbrel.client import wire
from whimbrel.client.errors import Refused
from whimbrel.verbs.daemon import TAIL
from whimbrel.verbs.declare import Verb

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")

_LOOK = 1.0
"""Seconds: a signal that comes just before a system call does not interrupt it, so no single wait is longer."""


class _Octets(io.RawIOBase):
    """What a socket receives. Python runs the handlers of signals between the waits."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Raise TimeoutError where nothing comes within the timeout of the socket."""
        timeout = self._socket.gettimeout()
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            wait = _LOOK if end is None else min(_LOOK, end - time.monotonic())
            if wait < 0:
                raise TimeoutError
            if self._poll.poll(wait * 1000):
                return self._socket.recv_into(buffer)


class BlockingClient:
    """One connection to a daemon, at `path` or the result of `whimbrel.client.wire.socket_path`.

    Raises `Unreachable` if there is no daemon. Not thread-safe.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = wire.socket_path(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(wire.CONNECT_TIMEOUT)
        try:
            self._socket.connect(str(self.path))
        except OSError as error:
            self._socket.close()
            raise wire.unreachable(self.path, error) from error
        self._socket.settimeout(wire.ANSWER_TIMEOUT)
        self._lines = io.BufferedReader(_Octets(self._socket))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Idempotent."""
        self._lines.close()
        self._socket.close()

    @overload
    def ask(self, verb: Verb[T], /, **arguments: Any) -> T: ...

    @overload
    def ask(self, verb: str, /, **arguments: Any) -> Any: ...

    def ask(self, verb: Verb[T] | str, /, **arguments: Any) -> Any:
        """Call a verb and return its answer; as JSON values for a verb given by name.

        Raises `Refused`, `BadAnswer` or `Unreachable`, and TypeError for an argument that the verb does not have.
        """
        self._send(wire.request_line(verb, arguments))
        result = wire.result_of(self.path, self._read())
        return wire.typed(self.path, verb.answer, result) if isinstance(verb, Verb) else result

    def follow(self, **wish: Any) -> Iterator[dict[str, Any]]:
        """Yield the lines of the verb ``tail`` as they come (docs/control.md), until the daemon ends.

        `wish` is ``kinds`` and ``level``. Raises like `ask`; `Refused` also if the daemon has dropped this client.
        """
        self.ask(TAIL, **wish)
        self._socket.settimeout(None)
        while line := self._read():
            if not line.endswith(b"\n"):
                return
            value = wire.value_of(self.path, line)
            if value.get("ok") is False:
                raise Refused(str(value.get("error")))
            yield value

    def _send(self, line: bytes) -> None:
        try:
            self._socket.sendall(line)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a daemon that rejects a client sends the reason before it closes
        except OSError as error:
            raise wire.unreachable(self.path, error) from error

    def _read(self) -> bytes:
        try:
            line = self._lines.readline(wire.MAX_ANSWER + 1)
        except OSError as error:
            raise wire.unreachable(self.path, error) from error
        if len(line) > wire.MAX_ANSWER:
            raise wire.too_long(self.path)
        return line
