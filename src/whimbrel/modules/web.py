"""Web: a page for a browser, and an interface for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from whimbrel.events.reach import PageServed
from whimbrel.module import Context, Module, Side, Stage
from whimbrel.watching import state_file
from whimbrel.web.settings import WebSettings

if TYPE_CHECKING:
    from whimbrel.web.server import PageServer


class Web(Module[WebSettings]):
    """Serves the page, for those who have logged in."""

    Settings = WebSettings
    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.REACH

    def __init__(self, ctx: Context[WebSettings]) -> None:
        super().__init__(ctx)
        self._scheme = "http" if self.settings.tls == "off" else "https"
        self._server: PageServer | None = None

    async def run(self) -> None:
        """Serve until asked to stop. Raises `NotReady` where the port is taken, or the token cannot be read."""
        from whimbrel.web import assets, token_file
        from whimbrel.web.api import Api
        from whimbrel.web.gate import Gate
        from whimbrel.web.server import PageServer

        named = self.settings.token
        token = token_file.named(named) if named else token_file.read_or_make(token_file.default_path())
        gate = Gate(
            token, state_file.default_path(token_file.SESSIONS), hosts=self.settings.hosts,
            length=self.settings.session, scheme=self._scheme, problem=self._tell_problem,
        )  # fmt: skip
        server = self._server = PageServer(gate, Api(self.ctx, gate, assets.load()).handlers())
        try:
            await server.start(self.settings.addresses, self.settings.port, None)
            self.ctx.ready()
            self._tell_address(token)
            await self.ctx.stopping.wait()
        finally:
            await server.stop()

    @classmethod
    def check(cls, settings: WebSettings) -> Iterator[tuple[str, str]]:
        """Yield a library that is missing, and files that are."""
        try:
            import aiohttp  # noqa: F401
        except ImportError:
            yield "port", "aiohttp is not installed: apt install python3-aiohttp"
        for name, path in (("certificate", settings.certificate), ("key", settings.key)):
            if path is not None and not path.exists():
                yield name, f"there is no file {path}"

    def _tell_problem(self, text: str) -> None:
        if text:
            self.ctx.warn("sessions", text)
        else:
            self.ctx.clear("sessions")

    def _tell_address(self, token: str) -> None:
        """Tell where the page is; in a terminal with the token, which belongs into no journal."""
        url = self._url(self.settings.addresses[0])
        self.ctx.publish(PageServed(url=url))
        if sys.stderr.isatty() and "JOURNAL_STREAM" not in os.environ:
            sys.stderr.write(f"The page, with its token: {url}#token={token}\n")

    def _url(self, address: str) -> str:
        host = f"[{address}]" if ":" in address else address
        return f"{self._scheme}://{host}:{self.settings.port}/"
