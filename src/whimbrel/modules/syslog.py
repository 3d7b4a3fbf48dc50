"""Syslog: every alert and incident to a SIEM or a log server."""

from __future__ import annotations

import asyncio
import base64
import socket
import time
from collections.abc import Iterator
from typing import ClassVar

from whimbrel import __version__, tls
from whimbrel.events.alerts import Severity
from whimbrel.events.base import Event
from whimbrel.events.reach import LogServerConnected, LogServerLost
from whimbrel.module import Context, Module, Side, Stage
from whimbrel.outbox.intake import AlertIntake, key_of
from whimbrel.outbox.store import Outbox, OutboxEntry
from whimbrel.outbox.use import in_use, warn_of_troubles
from whimbrel.siem.messages import ecs, framed, rfc5424
from whimbrel.siem.sender import LogConnection, LogServerAway
from whimbrel.siem.settings import SyslogSettings
from whimbrel.tasks import first_to_end
from whimbrel.watching import state_file

_LANE = "server"
_TOGETHER = 100
_LONGEST_PAUSE = 60.0
_LOOK = 0.1


class Syslog(Module[SyslogSettings]):
    """Writes in order; what was written shortly before a connection broke is written again."""

    Settings = SyslogSettings
    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.REACH

    def __init__(self, ctx: Context[SyslogSettings]) -> None:
        super().__init__(ctx)
        self._host = self.settings.name or socket.gethostname()
        self._outbox = Outbox(self.settings.file or state_file.default_path("syslog.db"), self.settings.queue)
        self._new = asyncio.Event()

    async def run(self) -> None:
        """Send until asked to stop. Raises `NotReady` for a file that becomes damaged."""
        async with in_use(self._outbox, self.ctx):
            self._outbox.on_return = self._new.set
            intake = AlertIntake(self.ctx, self._outbox, self._entries)
            self.ctx.ready()
            await first_to_end((self._take_in(intake), self._keep_connected()))

    @classmethod
    def check(cls, settings: SyslogSettings) -> Iterator[tuple[str, str]]:
        """Yield files that are missing."""
        yield from tls.missing_files(settings)

    async def _take_in(self, intake: AlertIntake) -> None:
        async for new in intake.run():
            if new:
                self._new.set()
            warn_of_troubles(self._outbox, self.ctx)

    def _entries(self, event: Event) -> Iterator[OutboxEntry]:
        body, settings = event.body, self.settings
        if body.severity.rank < Severity(settings.severity).rank:
            return
        key = key_of(body)
        if settings.form == "ecs":
            message = ecs(event, host=self._host, version=__version__, key=f"{self._host}/{key}")
        else:
            message = rfc5424(event, host=self._host, facility=settings.facility, key=f"{self._host}/{key}")
        octets = framed(message, form=settings.form, transport=settings.transport)
        yield OutboxEntry(base64.b64encode(octets).decode(), body.severity.rank, _LANE, key=key)

    async def _keep_connected(self) -> None:
        pause = float(self.settings.retry)
        while True:
            connection = LogConnection(self.settings)
            try:
                await connection.open()
                pause = float(self.settings.retry)
                self.ctx.clear("server")
                where = f"{self.settings.host}:{self.settings.port_in_use}"
                self.ctx.publish(LogServerConnected(server=where, waiting=self._outbox.waiting))
                await self._write(connection)
            except LogServerAway as error:
                if "server" not in self.ctx.warnings:
                    self.ctx.publish(LogServerLost(reason=str(error), waiting=self._outbox.waiting))
                self.ctx.warn("server", f"waits for the log server: {error}")
            finally:
                await connection.close()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _write(self, connection: LogConnection) -> None:
        """Write what waits. It leaves the disk once it was confirmed and the connection has stood for a while after."""
        while True:
            self._new.clear()
            found = await self._outbox.peek(_LANE, now=time.time(), limit=_TOGETHER)
            for entry in found:
                await connection.write(base64.b64decode(entry.data))
            await self._settled(connection, self.settings.settle if found else 0.0)
            await self._outbox.put((), remove=[entry.id for entry in found])
            while not found and not self._new.is_set():
                connection.check()
                await self._wait(_LOOK)

    async def _settled(self, connection: LogConnection, seconds: float) -> None:
        """Wait, and until the server's machine has confirmed all. Raises `LogServerAway` if it does not, or closes the
        connection meanwhile: without its power it would do neither."""
        began = time.monotonic()
        while (waited := time.monotonic() - began) < seconds or connection.unconfirmed():
            if waited >= seconds + self.settings.patience:
                raise LogServerAway(f"{connection.where} confirms nothing any more: is it on, and the network there?")
            await asyncio.sleep(_LOOK)
            connection.check()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._new.wait()
        except TimeoutError:
            return
