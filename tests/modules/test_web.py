"""The module: where it serves, what it tells, what it needs."""

from __future__ import annotations

import socket
from pathlib import Path

import aiohttp
import pytest
from tests.lab.page import page
from tests.lab.ports import free_port
from tests.lab.waiting import until

from whimbrel import reach_files
from whimbrel.events.reach import PageServed
from whimbrel.module import NotReady
from whimbrel.modules import web
from whimbrel.modules.web import Web
from whimbrel.testing import run_module
from whimbrel.web import token_file
from whimbrel.web.settings import WebSettings


async def test_the_journal_gets_the_address_and_never_the_token() -> None:
    async with page(logged_in=False) as shown:
        told = await shown.lab.event(PageServed)
        assert told.url == f"http://127.0.0.1:{shown.port}/"
        token = shown.token
        assert not any(token in repr(event) for event in shown.lab.events)


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            NotReady, match=f"cannot serve on 127.0.0.1 port {port}: Address already in use; set modules"
        ):
            async with run_module(Web, WebSettings(port=port), name="web") as lab:
                await lab.ready()


async def test_an_address_that_comes_later_is_served_then() -> None:
    """192.0.2.1 (RFC 5737) is of no machine; it is bound all the same, and the others are served meanwhile."""
    addresses = ("127.0.0.1", "192.0.2.1", "::1")
    async with page(addresses=addresses, logged_in=False) as shown, shown.get("/") as answer:
        assert answer.status == 200


async def test_another_token_ends_every_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_LOOK", 0.01)
    async with page() as shown, shown.follow("kinds=alert") as client:
        token_file.make(token_file.default_path())
        message = await client.receive()
        assert (message.type, client.close_code) == (aiohttp.WSMsgType.CLOSE, 4401)
        async with shown.get("/api/v1/session") as answer:
            assert answer.status == 401
        assert await shown.log_in() == 204
        token_file.default_path().write_text("damaged\n")
        await until(lambda: "token" in shown.lab.ctx.warnings)
        async with shown.get("/api/v1/session") as answer:
            assert answer.status == 200


async def test_all_addresses_of_the_machine_are_told_as_one_that_others_can_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(web, "own", lambda: ["10.66.0.1", "192.0.2.17"])
    async with page(addresses=("0.0.0.0",), logged_in=False) as shown:
        assert (await shown.lab.event(PageServed)).url == f"http://10.66.0.1:{shown.port}/"
        found = await until(lambda: reach_files.read(reach_files.PAGE))
        assert found == {"url": f"http://10.66.0.1:{shown.port}/", "token": shown.token}
    assert reach_files.read(reach_files.PAGE) is None


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    settings = WebSettings(tls="files", certificate=tmp_path / "none", key=tmp_path / "nothing")
    assert [name for name, _ in Web.check(settings)] == ["certificate", "key"]
    assert list(Web.check(WebSettings(port=free_port()))) == []
