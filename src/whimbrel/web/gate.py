"""Who may come in: hosts and origins, logins, sessions. It knows no server."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from whimbrel.secret import is_made
from whimbrel.web import token_file
from whimbrel.web.sessions import Sessions, Tries, same

COOKIE = "whimbrel"
_STEP = 2.0
"""Seconds by which the clock must leave the one that nobody sets to count as set; less is its correction."""


class Gate:
    """Keeps the sessions of one token, in memory and in a file."""

    def __init__(
        self, token: str, sessions: Path, *, hosts: tuple[str, ...], length: float, scheme: str,
        problem: Callable[[str], None],
    ) -> None:  # fmt: skip
        """`length`: of a session, in seconds; `scheme`: http or https; `problem`: takes what is wrong with the file,
        empty if nothing is."""
        self.length = length
        self.scheme = scheme
        self._token = token
        self._path = sessions
        self._sessions = Sessions(token_file.read_sessions(sessions, token))
        self._tries = Tries(of_all=not is_made(token))
        self._problem = problem
        self._hosts = _names(hosts)
        self._open: dict[str, set[Callable[[], object]]] = {}
        self._writing = asyncio.Lock()
        self._ahead = time.time() - time.monotonic()
        self._shifted = False

    def knows_host(self, host: str) -> bool:
        """Return whether the header ``Host`` names this device.

        A name of others that leads here is that of a page which would speak to this device in a browser's name.
        """
        name = _hostname(f"//{host}")
        return name is not None and (name in self._hosts or _is_address(name))

    def is_ours(self, origin: str | None, host: str) -> bool:
        """Return whether the header ``Origin`` is that of a page of this device under the name `host`."""
        return origin is not None and origin.lower() == f"{self.scheme}://{host.lower()}"

    def pause(self, address: str) -> float:
        """Return the seconds until somebody from there may log in, 0 if now."""
        return self._tries.pause(address, time.monotonic())

    async def log_in(self, token: str, address: str) -> str | None:
        """Return the secret of a new session, None for a wrong token."""
        if not same(token, self._token):
            self._tries.failed(address, time.monotonic())
            return None
        secret = secrets.token_urlsafe(32)
        self._sessions.begin(secret, self._now(), self.length)
        await self._keep()
        return secret

    async def log_out(self, secret: str) -> None:
        """End a session, and what is open in it."""
        self._sessions.end(secret)
        for close in tuple(self._open.get(secret, ())):
            close()
        await self._keep()

    async def renew(self, token: str) -> None:
        """Take another token; every session ends."""
        self._token = token
        self._tries.of_all = not is_made(token)
        self._sessions = Sessions()
        for close in [close for closes in self._open.values() for close in closes]:
            close()
        await self._keep()

    async def follow_clock(self) -> None:
        """Keep the sessions anew where the clock was set, as the page itself sets it."""
        self._now()
        if self._shifted:
            await self._keep()

    def end_of(self, secret: str | None) -> float | None:
        """Return when a session ends, in seconds since the epoch; None where there is none."""
        return self._sessions.end_of(secret, self._now()) if secret else None

    @contextlib.contextmanager
    def open_in(self, secret: str, close: Callable[[], object]) -> Iterator[None]:
        """Have `close` called where the session ends before the block does."""
        self._open.setdefault(secret, set()).add(close)
        try:
            yield
        finally:
            self._open[secret].discard(close)
            if not self._open[secret]:
                del self._open[secret]

    def _now(self) -> float:
        """Return the seconds since the epoch; the sessions move with a clock that was set."""
        now = time.time()
        step = now - time.monotonic() - self._ahead
        if abs(step) > _STEP:
            self._ahead += step
            self._shifted = True
            self._sessions.shift(step, now + self.length)
        return now

    async def _keep(self) -> None:
        async with self._writing:
            left = self._sessions.left(self._now())
            self._shifted = False
            try:
                await asyncio.to_thread(token_file.write_sessions, self._path, self._token, left)
            except OSError as error:
                self._problem(f"logins end with this process: {self._path} cannot be written: {error.strerror}")
            else:
                self._problem("")


def _names(hosts: tuple[str, ...]) -> frozenset[str]:
    own = socket.gethostname().lower()
    return frozenset({"localhost", own, f"{own.partition('.')[0]}.local", *hosts})


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
