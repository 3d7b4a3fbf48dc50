"""The server over real connections: nothing without a login, nothing for pages of others, and errors in one form."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.lab.alerts import alert, row
from tests.lab.page import JSON, page
from tests.lab.waiting import until

from whimbrel.events.encode import encode
from whimbrel.module import DaemonAway, VerbError
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE
from whimbrel.verbs.alerts import ALERTS, Alerts
from whimbrel.verbs.daemon import MODULES, STATUS
from whimbrel.web.routes import ROUTES
from whimbrel.web.sessions import TRIES


async def test_without_a_login_nothing_but_the_login_answers() -> None:
    async with page(logged_in=False) as shown:
        for route in ROUTES:
            if not route.open:
                path = route.path.replace("{id}", "1").replace("{name}", "x")
                async with shown.get(path) if route.method == "GET" else shown.post(path) as answer:
                    assert answer.status == 401, path
                    assert await answer.json() == {"error": "log in first"}
        for path in ("/nothing", "/api", "/api/v1/", "/../etc/passwd", "/static/index.html"):
            async with shown.get(path) as answer:
                assert answer.status == 401
        async with shown.get("/") as answer:
            assert answer.status == 200
            assert "Whimbrel" in await answer.text()


async def test_every_answer_has_the_headers_of_a_page_that_lets_nobody_in() -> None:
    async with page() as shown:
        for path in ("/", "/nothing", "/api/v1/session", "/assets/none.js"):
            async with shown.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Server"] == "Whimbrel"


async def test_a_page_of_others_gets_nothing() -> None:
    async with page(may=("acknowledge",)) as shown:
        for origin in ("http://evil.example", "null", f"https://127.0.0.1:{shown.port}", "http://127.0.0.1:1"):
            async with shown.post("/api/v1/acknowledge", {"alert": "all"}, origin=origin) as answer:
                assert answer.status == 403
                assert "Origin" in (await answer.json())["error"]
        async with shown.session.post(f"{shown.origin}/api/v1/logout", headers=shown.headers()) as answer:
            assert answer.status == 403  # without the header
        async with shown.get("/api/v1/session", Host="evil.example") as answer:  # a name that leads here
            assert answer.status == 421
        async with shown.get("/api/v1/session") as answer:
            assert answer.status == 200


async def test_wrong_tokens_are_slowed_down() -> None:
    async with page(logged_in=False) as shown:
        for _ in range(TRIES):
            assert await shown.log_in("not the right token") == 403
        async with shown.post("/api/v1/login", {"token": shown.token}) as answer:
            assert answer.status == 429
            assert 0 < int(answer.headers["Retry-After"]) <= 60


async def test_tries_at_once_are_no_more_than_one_after_the_other() -> None:
    """The body of each comes when all heads are there."""
    body = b'{"token": "not the right token"}'
    async with page(logged_in=False) as shown:
        head = (
            f"POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1:{shown.port}\r\nOrigin: {shown.origin}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        opened = [await asyncio.open_connection("127.0.0.1", shown.port) for _ in range(20)]
        for _, writer in opened:
            writer.write(head.encode())
        for reader, _ in opened:
            assert b" 100 " in await asyncio.wait_for(reader.readline(), PATIENCE)
            await reader.readline()
        for _, writer in opened:
            writer.write(body)
        said = [(await asyncio.wait_for(reader.readline(), PATIENCE)).split()[1] for reader, _ in opened]
        for _, writer in opened:
            writer.close()
    assert said.count(b"403") == TRIES
    assert said.count(b"429") == len(said) - TRIES


async def test_a_login_gives_a_cookie_that_no_script_and_no_other_page_has() -> None:
    async with page(logged_in=False) as shown:
        async with shown.post("/api/v1/login", {"token": shown.token}) as answer:
            assert answer.status == 204
            cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie


async def test_a_session_ends_with_the_logout_and_outlasts_the_module() -> None:
    async with page() as shown:
        cookie = shown.cookie
    async with page(logged_in=False) as shown:
        shown.cookie = cookie
        async with shown.get("/api/v1/session") as answer:
            assert answer.status == 200
        async with shown.post("/api/v1/logout") as answer:
            assert answer.status == 204
        async with shown.get("/api/v1/session") as answer:
            assert answer.status == 401


async def test_a_session_ends_at_its_time() -> None:
    async with page(session=Duration(1.0)) as shown:
        begun = time.time()
        await until(lambda: time.time() > begun + 1.0)
        async with shown.get("/api/v1/session") as answer:
            assert answer.status == 401


async def test_what_the_daemon_says_becomes_a_status() -> None:
    async with page() as shown:
        async with shown.get("/api/v1/status") as answer:  # nobody answers it
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "2"
        shown.serve(STATUS, DaemonAway("the socket is not there"))
        shown.serve(MODULES, VerbError("not now"))
        shown.serve(ALERTS, VerbError("no alert '9' is remembered"))
        expected = {"status": 503, "modules": 409, "alerts/9": 404}
        for path, status in expected.items():
            async with shown.get(f"/api/v1/{path}") as answer:
                assert answer.status == status
                assert list(await answer.json()) == ["error"]


async def test_a_mistake_here_is_told_to_the_journal_and_not_to_the_client() -> None:
    told: list[dict[str, object]] = []
    async with page() as shown:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
        shown.serve(STATUS, ZeroDivisionError("inside"))
        async with shown.get("/api/v1/status") as answer:
            assert answer.status == 500
            assert "inside" not in await answer.text()
        assert isinstance(told[0]["exception"], ZeroDivisionError)


@pytest.mark.parametrize("octets", [b"\x97", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\xe2\x80\xae"])
@pytest.mark.parametrize("name", [b"Cookie: whimbrel=", b"Origin: ", b"Accept-Encoding: ", b"If-None-Match: ", b"X: "])
async def test_octets_that_are_no_text_fail_like_any_others(name: bytes, octets: bytes) -> None:
    """Whatever is in a header, nobody without a session gets a line into the journal."""
    async with page(logged_in=False) as shown:
        for path in (b"/api/v1/status", b"/"):
            reader, writer = await asyncio.open_connection("127.0.0.1", shown.port)
            host = f"Host: 127.0.0.1:{shown.port}\r\nConnection: close\r\n".encode()
            writer.write(b"GET " + path + b" HTTP/1.1\r\n" + host + name + octets + b"\r\n\r\n")
            answer = await reader.read()
            writer.close()
            assert answer.split(b" ")[1] in {b"200", b"400", b"401"}, answer[:200]


async def test_a_body_has_an_end_and_a_form() -> None:
    async with page(may=("acknowledge",)) as shown:
        async with shown.post("/api/v1/acknowledge", {"alert": "x" * 100_000}) as answer:
            assert answer.status == 413
        headers = shown.headers(Origin=shown.origin)
        async with shown.session.post(f"{shown.origin}/api/v1/acknowledge", data="alert=1", headers=headers) as answer:
            assert answer.status == 415
        async with shown.session.post(f"{shown.origin}/api/v1/acknowledge", data="{", headers=headers | JSON) as answer:
            assert answer.status == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_another_method_is_none(method: str) -> None:
    async with (
        page() as shown,
        shown.session.request(method, f"{shown.origin}/api/v1/status", headers=shown.headers()) as answer,
    ):
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]
        assert list(await answer.json()) == ["error"]


@pytest.mark.parametrize(("accepted", "kept"), [("gzip, deflate, br", False), ("identity", True)])
async def test_a_long_answer_is_compressed_for_those_who_take_it(accepted: str, kept: bool) -> None:
    long = Alerts(
        time=1.0, alerts=tuple(row(alert(number), is_open=True) for number in range(20)), incidents=(), number=20
    )
    async with page() as shown:
        shown.serve(ALERTS, long)
        async with shown.get("/api/v1/alerts", **{"Accept-Encoding": accepted}) as answer:
            assert ("Content-Encoding" not in answer.headers) is kept
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert await answer.json() == encode(long)
        shown.serve(ALERTS, Alerts(time=1.0, alerts=(), incidents=(), number=0))
        async with shown.get("/api/v1/alerts", **{"Accept-Encoding": accepted}) as answer:
            assert "Content-Encoding" not in answer.headers
