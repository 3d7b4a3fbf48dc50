"""The functions that answer: from the daemon's answers, and from the files of the page."""

from __future__ import annotations

import base64

from tests.lab.page import page

from whimbrel import __version__
from whimbrel.events.encode import encode
from whimbrel.events.system import ModulesState, ModuleStatus
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS, EVIDENCE, Acknowledged, Alerts
from whimbrel.verbs.device import SCREENSHOT, Screenshot
from whimbrel.verbs.radio import UNLOCK, Posture

NONE = Alerts(time=1.0, alerts=(), incidents=(), number=0)


async def test_an_answer_is_the_json_of_the_control_socket() -> None:
    async with page() as shown:
        asked = shown.serve(ALERTS, NONE)
        async with shown.get("/api/v1/alerts?open=true") as answer:
            assert answer.content_type == "application/json"
            assert await answer.json() == encode(NONE)
        async with shown.get("/api/v1/alerts/7") as answer:
            assert answer.status == 200
        assert asked == [{"open": True}, {"alert": "7"}]


async def test_what_looks_like_an_option_or_a_path_is_no_alert() -> None:
    async with page() as shown:
        asked = shown.serve(EVIDENCE, NONE)
        for name in ("-h", "--socket", "..", "%2e%2e", "%2Fetc%2Fpasswd", "7;id", "\u0667"):
            for path in (f"/api/v1/alerts/{name}/evidence.pcapng", f"/api/v1/alerts/{name}/evidence"):
                async with shown.get(path) as answer:
                    assert answer.status == 404
        assert asked == []


async def test_only_what_is_allowed_is_done() -> None:
    async with page(may=("lock",)) as shown:
        acknowledged, unlocked = (
            shown.serve(ACKNOWLEDGE, Acknowledged(acknowledged=("1",))),
            shown.serve(UNLOCK, Posture(mode="hopping", channel=None, seconds=None)),
        )
        async with shown.post("/api/v1/acknowledge", {"alert": "1"}) as answer:
            assert answer.status == 403
            assert "modules.web.may" in (await answer.json())["error"]
        async with shown.post("/api/v1/unlock") as answer:
            assert answer.status == 200
        assert (acknowledged, unlocked) == ([], [{}])
        async with shown.get("/api/v1/session") as answer:
            session = await answer.json()
            assert session["may"] == ["lock", "unlock"]
            assert session["version"] == __version__
        async with shown.post("/api/v1/erase", {"everything": True}) as answer:
            assert answer.status == 404


async def test_the_panel_is_a_picture() -> None:
    png = b"\x89PNG\r\n\x1a\n and so on"
    async with page() as shown:
        asked = shown.serve(SCREENSHOT, Screenshot(png=base64.b64encode(png).decode(), width=128, height=64))
        async with shown.get("/api/v1/panel.png?scale=4") as answer:
            assert answer.content_type == "image/png"
            assert await answer.read() == png
        assert asked == [{"scale": 4}]
        shown.lab.ctx.verbs.drop(f"test of {SCREENSHOT.name}")
        shown.serve(SCREENSHOT, Screenshot(png="<script>", width=128, height=64))
        async with shown.get("/api/v1/panel.png") as answer:
            assert answer.status == 502


async def test_the_description_is_json() -> None:
    async with page() as shown, shown.get("/api/v1/openapi.json") as answer:
        assert answer.content_type == "application/json"
        assert (await answer.json())["openapi"] == "3.1.0"


async def test_a_file_that_is_known_is_not_sent_again() -> None:
    async with page(logged_in=False) as shown:
        async with shown.get("/") as answer:
            tag, text = answer.headers["ETag"], await answer.text()
            assert answer.headers["Cache-Control"] == "no-cache"
        for known in (tag, f'"other", {tag}', f"W/{tag}"):
            async with shown.get("/", If_None_Match=known) as answer:
                assert answer.status == 304
        async with shown.get("/", If_None_Match='"other"', Accept_Encoding="identity") as answer:
            assert await answer.text() == text
            assert "Content-Encoding" not in answer.headers
        for name in ("none.js", "..%2f..%2fsettings.py", "%00", "index.html/"):
            async with shown.get(f"/assets/{name}") as answer:
                assert answer.status in {404, 401}  # 401: it is no path of the page


async def test_the_modules_of_both_processes_are_told_without_the_daemon() -> None:
    async with page() as shown:
        async with shown.get("/api/v1/reach") as answer:
            assert await answer.json() == {"modules": []}
        row = ModuleStatus("mqtt", "degraded", "waits for the broker", 7.0, False, 1, 0, ("waits for the broker",))
        shown.lab.publish(ModulesState(modules=(row,)))
        async with shown.get("/api/v1/reach") as answer:
            (told,) = (await answer.json())["modules"]
        assert (told["module"], told["state"], told["since"]) == ("mqtt", "degraded", 7.0)
        assert told["warnings"] == ["waits for the broker"]
