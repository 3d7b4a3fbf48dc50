"""The control socket from the other side: blocking, small, quick to import, for the command line and for scripts."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from whimbrel.control.protocol import to_line
from whimbrel.errors import WhimbrelError

CONNECT_TIMEOUT = 5.0
"""Seconds; a daemon whose loop turns accepts at once."""
ANSWER_TIMEOUT = 30.0
"""Seconds; a reload may restart several modules before it answers."""

_WHY = {
    errno.ENOENT: "the socket is not there; is the daemon running, with the control module on?",
    errno.ECONNREFUSED: "nobody answers on it; the daemon that made it is gone",
    errno.EACCES: "permission denied; join the group that owns it, or use sudo",
    errno.EPERM: "permission denied; join the group that owns it, or use sudo",
}


class Unreachable(WhimbrelError, ConnectionError):
    """The daemon could not be asked, or went away before it had answered."""


class Refused(WhimbrelError):
    """The daemon answered that it will not do it; the message is its own."""


class Client:
    """One connection to a daemon. Raises `Unreachable` where there is none to be had."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(CONNECT_TIMEOUT)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise Unreachable(f"{path}: {_WHY.get(error.errno or 0, error.strerror or str(error))}") from error
        self._socket.settimeout(ANSWER_TIMEOUT)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        """Return the connection itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection. Idempotent."""
        self._lines.close()
        self._socket.close()

    def request(self, verb: str, **args: Any) -> Any:
        """Ask and return the result. Raises `Refused` or `Unreachable`."""
        try:
            self._socket.sendall(to_line({"verb": verb, **args}))
        except (BrokenPipeError, ConnectionResetError):
            pass  # a daemon that turns a client away says why before it closes
        except OSError as error:
            raise Unreachable(f"{self.path}: {error}") from error
        return _result(self._read())

    def stream(self, verb: str, **args: Any) -> Iterator[dict[str, Any]]:
        """Ask, then yield each line that follows until the daemon ends. Raises `Refused` or `Unreachable`."""
        self.request(verb, **args)
        self._socket.settimeout(None)
        while (value := self._read(ending=True)) is not None:
            if value.get("ok") is False:
                raise Refused(str(value.get("error")))
            yield value

    def _read(self, *, ending: bool = False) -> dict[str, Any] | None:
        try:
            line = self._lines.readline()
        except TimeoutError as error:
            raise Unreachable(f"{self.path}: no answer within {ANSWER_TIMEOUT:.0f} s") from error
        except OSError as error:
            raise Unreachable(f"{self.path}: {error.strerror or error}") from error
        if not line.endswith(b"\n"):
            if ending:
                return None
            raise Unreachable(f"{self.path}: the daemon closed the connection before it answered")
        try:
            value = json.loads(line)
        except ValueError as error:
            raise Unreachable(f"{self.path}: what answers does not speak JSON: {error}") from error
        if not isinstance(value, dict):
            raise Unreachable(f"{self.path}: what answers is no whimbrel")
        return value


def _result(value: dict[str, Any] | None) -> Any:
    if value is None or value.get("ok") is not True:
        raise Refused(str((value or {}).get("error", "refused without a reason")))
    return value.get("result")


def ask(path: str | Path, verb: str, **args: Any) -> Any:
    """Ask one thing on a connection of its own. Raises `Refused` or `Unreachable`."""
    with Client(path) as client:
        return client.request(verb, **args)
