"""The web page of a module that runs here, and a browser that has logged in."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
from tests.lab.ports import free_port

from whimbrel.modules.web import Web
from whimbrel.testing import PATIENCE, Lab, run_module
from whimbrel.verbs.declare import Verb
from whimbrel.watching import state_file
from whimbrel.web import token_file
from whimbrel.web.settings import WebSettings

JSON = {"Content-Type": "application/json"}


class Page:
    """A running module, and requests to it as a browser sends them."""

    def __init__(self, lab: Lab, session: aiohttp.ClientSession, port: int) -> None:
        self.lab = lab
        self.session = session
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self.cookie = ""

    @property
    def token(self) -> str:
        return state_file.default_path(token_file.TOKEN).read_text().strip()

    @property
    def connections(self) -> int:
        """The number of connections that the server holds open (proc(5), net/tcp: local address, state 1)."""
        rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
        return sum(int(row[1].partition(":")[2], 16) == self.port and row[3] == "01" for row in rows)

    def serve(self, verb: Verb[Any], answer: Any) -> list[dict[str, Any]]:
        """Answer a verb of the daemon with `answer`; return the list of what it is asked with."""
        asked: list[dict[str, Any]] = []

        async def answered(arguments: dict[str, Any]) -> Any:
            asked.append(arguments)
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.lab.ctx.verbs.add(verb, answered, owner=f"test of {verb.name}")
        return asked

    def headers(self, **others: str) -> dict[str, str]:
        cookie = {"Cookie": f"whimbrel={self.cookie}"} if self.cookie else {}
        return cookie | {name.replace("_", "-"): value for name, value in others.items()}

    def get(self, path: str, **headers: str) -> Any:
        return self.session.get(f"{self.origin}{path}", headers=self.headers(**headers), allow_redirects=False)

    def post(self, path: str, json: Any = None, *, origin: str | None = None, **headers: str) -> Any:
        sent = {"Origin": self.origin if origin is None else origin} | headers
        return self.session.post(f"{self.origin}{path}", json=json or {}, headers=self.headers(**sent))

    def follow(self, query: str, **headers: str) -> Any:
        sent = self.headers(**({"Origin": self.origin} | headers))
        return self.session.ws_connect(f"{self.origin}/api/v1/events?{query}", headers=sent)

    async def log_in(self, token: str | None = None) -> int:
        async with self.post("/api/v1/login", {"token": self.token if token is None else token}) as answer:
            cookies: SimpleCookie = answer.cookies
            if "whimbrel" in cookies:
                self.cookie = cookies["whimbrel"].value
            status: int = answer.status
            return status


@contextlib.asynccontextmanager
async def page(*, logged_in: bool = True, **settings: Any) -> AsyncIterator[Page]:
    """Run the module `web` with these settings on a free port of this machine."""
    port = settings.pop("port", None) or free_port()
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    jar = aiohttp.DummyCookieJar()
    async with (
        run_module(Web, WebSettings(port=port, **settings), name="web") as lab,
        aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as session,
    ):
        await lab.ready()
        shown = Page(lab, session, port)
        if logged_in:
            assert await shown.log_in() == 204
        yield shown
        await lab.finish()
