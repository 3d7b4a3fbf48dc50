"""Web: a page for a browser, and an interface for programs."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from whimbrel import reach_files, tls
from whimbrel.events.reach import PageServed
from whimbrel.module import Context, Module, NotReady, Side, Stage
from whimbrel.tasks import first_to_end
from whimbrel.watching import state_file
from whimbrel.web.addresses import own, urls
from whimbrel.web.settings import WebSettings

if TYPE_CHECKING:
    from whimbrel.web.gate import Gate

_LOOK = 2.0
"""Seconds between two looks at the file of the token."""

_TELL = 15.0
"""Seconds between two writes of the file for the panel, by which it knows that the page is still there."""


def _import_server() -> None:
    from whimbrel.web import aiohttp_server

    aiohttp_server.load()
    importlib.import_module("whimbrel.web.api")


class Web(Module[WebSettings]):
    """Serves the page, for those who have logged in."""

    Settings = WebSettings
    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.REACH

    def __init__(self, ctx: Context[WebSettings]) -> None:
        super().__init__(ctx)
        self._scheme = "http" if self.settings.tls == "off" else "https"
        self._token = ""
        self._renewed = asyncio.Event()

    async def run(self) -> None:
        """Serve until asked to stop. Raises `NotReady` where the port is taken, or the token cannot be read."""
        # Hundreds of files of aiohttp: in a thread, so that the others have their turns.
        await asyncio.to_thread(_import_server)
        from whimbrel.web import assets, certificate, token_file
        from whimbrel.web.api import Api
        from whimbrel.web.gate import Gate
        from whimbrel.web.server import PageServer

        named, path = self.settings.token, token_file.default_path()
        token = self._token = (
            token_file.named(named) if named else await asyncio.to_thread(token_file.read_or_make, path)
        )
        gate = Gate(
            token, state_file.default_path(token_file.SESSIONS), hosts=self.settings.hosts,
            length=self.settings.session, scheme=self._scheme, problem=self._tell_problem,
        )  # fmt: skip
        files = await asyncio.to_thread(assets.load)
        server = PageServer(gate, Api(self.ctx, gate, files).handlers())
        try:
            await server.start(self.settings.addresses, self.settings.port, await certificate.context(self.settings))
            self.ctx.ready()
            self._tell_address(token)
            work = self._watch_token(gate, path), _follow_clock(gate), self._tell_panel()
            await first_to_end((self.ctx.stopping.wait(), *work))
        finally:
            await asyncio.to_thread(reach_files.remove, reach_files.PAGE)
            await server.stop()

    async def _watch_token(self, gate: Gate, path: Path) -> None:
        """Take another token when ``whimbrel web-token --new`` has written one."""
        from whimbrel.web import token_file

        if self.settings.token:
            await self.ctx.stopping.wait()
        seen = token_file.stamp(path)
        while True:
            await asyncio.sleep(_LOOK)
            now = token_file.stamp(path)
            if now is None or now == seen:
                continue
            seen = now
            try:
                new = token_file.read_or_make(path)
            except NotReady as error:
                self.ctx.warn("token", str(error))
                continue
            self.ctx.clear("token")
            if new != self._token:
                self._token = new
                self._renewed.set()
                await gate.renew(new)

    async def _tell_panel(self) -> None:
        """Leave the address with the token for the device's panel, which shows it as a code when somebody asks."""
        while True:
            values = {"url": urls(self.settings, await asyncio.to_thread(own))[0], "token": self._token}
            try:
                await asyncio.to_thread(reach_files.write, reach_files.PAGE, values)
            except OSError as error:
                self.ctx.warn("panel", f"the panel cannot show the page: {error.filename}: {error.strerror}")
            else:
                self.ctx.clear("panel")
            self._renewed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TELL):
                    await self._renewed.wait()

    @classmethod
    def check(cls, settings: WebSettings) -> Iterator[tuple[str, str]]:
        """Yield a library that is missing, and files that are."""
        if importlib.util.find_spec("aiohttp") is None:
            yield "port", "aiohttp is not installed: apt install python3-aiohttp"
        yield from tls.missing(certificate=settings.certificate, key=settings.key)

    def _tell_problem(self, text: str) -> None:
        if text:
            self.ctx.warn("sessions", text)
        else:
            self.ctx.clear("sessions")

    def _tell_address(self, token: str) -> None:
        """Tell where the page is; in a terminal with the token, which belongs into no journal."""
        url = urls(self.settings, own())[0]
        self.ctx.publish(PageServed(url=url))
        if sys.stderr.isatty() and "JOURNAL_STREAM" not in os.environ:
            sys.stderr.write(f"The page, with its token: {url}#token={token}\n")


async def _follow_clock(gate: Gate) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        await gate.follow_clock()
