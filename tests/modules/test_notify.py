"""Notify: from an incident to a message, over pauses, refusals, restarts and a network that is away."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.alerts import alert, incident
from tests.lab.sinks import HttpSink
from tests.lab.waiting import until

from whimbrel.events.alerts import Severity
from whimbrel.events.incidents import IncidentChanged, IncidentClosed
from whimbrel.events.reach import MessageSent
from whimbrel.module import NotReady
from whimbrel.modules.notify import Notify
from whimbrel.settings import Duration
from whimbrel.telling.settings import NotifySettings
from whimbrel.testing import Lab, run_module


class Phone:
    """A person's phone, and the settings that reach it."""

    def __init__(self, folder: Path) -> None:
        self.sink = HttpSink()
        self.file = folder / "notify.db"

    def settings(self, **more: Any) -> NotifySettings:
        values: dict[str, Any] = {"file": self.file, "name": "attic", "retry": Duration(0.05), "to": (self.url,)} | more
        return NotifySettings(**values)

    @property
    def url(self) -> str:
        return f"ntfy://me:hunter2@127.0.0.1:{self.sink.port}/topic"

    @property
    def titles(self) -> list[str]:
        return [request.json["title"].removeprefix("attic: ") for request in self.sink.requests]


@asynccontextmanager
async def running(settings: NotifySettings) -> AsyncIterator[Lab]:
    async with run_module(Notify, settings, name="notify") as lab:
        await lab.ready()
        yield lab
        await lab.finish()


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    phone = Phone(tmp_path)
    yield phone
    phone.sink.close()


async def test_an_incident_is_told_and_what_follows_comes_after_the_pause(phone: Phone) -> None:
    with phone.sink:
        async with running(phone.settings(pause=Duration(0.5))) as lab:
            lab.publish(incident(1))
            lab.publish(alert(1, incident="1"))
            lab.publish(incident(1, IncidentChanged, news="alert", alerts=("1", "2")))
            lab.publish(incident(1, IncidentClosed))
            await until(lambda: len(phone.titles) == 2)
            sent = await lab.event(MessageSent)
            assert sent.by == "ntfy at 127.0.0.1"
    first, second = phone.titles
    assert first == "critical: Stations are thrown out in home"
    assert second == "more of incident 1"
    assert "over after 1 s: Stations are thrown out" in phone.sink.requests[1].json["message"]


async def test_what_cannot_be_sent_waits_over_a_restart_and_comes_once_and_in_order(phone: Phone) -> None:
    settings = phone.settings()
    phone.sink.status = 503
    with phone.sink:
        async with running(settings) as lab:
            for number in (1, 2, 3):
                lab.publish(incident(number, title=f"Thing {number}"))
            await until(lambda: len(phone.sink.requests) > 2)
            warnings = " ".join(lab.ctx.warnings.values())
            assert "answers 503" in warnings
            assert "hunter2" not in warnings
        tried = len(phone.sink.requests)
        phone.sink.status = 200
        async with running(settings) as lab:
            lab.publish(incident(1, title="Thing 1"))  # as a feed would after a crash
            lab.publish(incident(4, title="Thing 4"))
            await until(lambda: len(phone.sink.requests) == tried + 4)
    told = phone.titles[tried:]
    assert told == [f"critical: Thing {number} in home" for number in (1, 2, 3, 4)]


async def test_weaknesses_come_together_with_the_digest(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    with phone.sink:
        async with running(phone.settings(digest=Duration(0.5))) as lab:
            for number in range(1, 31):
                lab.publish(alert(number, severity=Severity.WEAKNESS))
            await until(lambda: phone.titles == ["digest"])
    lines = phone.sink.requests[0].json["message"].splitlines()
    assert len(lines) == 21
    assert lines[-1].startswith("and 10 more")


async def test_a_digest_of_hundreds_takes_little_memory(phone: Phone) -> None:
    said = dict.fromkeys(("meaning", "advice", "text"), "x" * 300)
    async with running(phone.settings(digest=Duration(60.0))) as lab:
        module: Any = lab.module
        for number in range(1, 501):
            lab.publish(alert(number, severity=Severity.WEAKNESS, **said))
        await until(lambda: module._outbox.waiting == 500)
        tracemalloc.start()
        try:
            await module._compose_due(time.time() + 61.0)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert module._outbox.waiting == 1
    assert most < 4_000_000


async def test_the_queue_is_bounded_and_keeps_what_matters(phone: Phone) -> None:
    phone.sink.status = 503
    with phone.sink:
        async with running(phone.settings(queue=10, ends=False)) as lab:
            for number in range(1, 41):
                lab.publish(incident(number, severity=Severity.CRITICAL if number == 1 else Severity.WARNING))
            await until(lambda: "lost" in lab.ctx.warnings)
            assert "were lost so far: more waited than modules.notify.queue" in lab.ctx.warnings["lost"]
        phone.sink.status = 200
        before = len(phone.titles)
        async with running(phone.settings(queue=10)):
            await until(lambda: len(phone.titles) - before == 10)
    assert phone.titles[before].startswith("critical")


async def test_every_address_is_told_and_one_that_is_away_holds_up_no_other(phone: Phone, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = f"import sys, pathlib; pathlib.Path({str(out)!r}).open('a').write(sys.stdin.read())"
    settings = phone.settings(to=("ntfy://127.0.0.1:1/topic",), command=(sys.executable, "-c", program))
    async with running(settings) as lab:
        lab.publish(incident(1))
        lab.publish(incident(2))
        await until(lambda: out.exists() and out.read_text().count("\n") == 2)
        await until(lambda: any("Connection refused" in warning for warning in lab.warned.values()))
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["1", "2"]


async def test_a_message_that_is_refused_is_given_up_and_said(phone: Phone) -> None:
    phone.sink.status = 413
    with phone.sink:
        async with running(phone.settings()) as lab:
            lab.publish(incident(1))
            await until(lambda: any("given up" in warning for warning in lab.ctx.warnings.values()))
            phone.sink.status = 200
            lab.publish(incident(2))
            await until(lambda: len(phone.sink.requests) == 2)


async def test_addresses_come_from_files_and_a_missing_one_is_said(phone: Phone, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    with pytest.raises(NotReady, match=f"the secret in {secret} cannot be read: No such file"):
        async with running(phone.settings(to=(f"file:{secret}",))):
            pass
    secret.write_text(f"{phone.url}\n")
    with phone.sink:
        async with running(phone.settings(to=(f"file:{secret}",))) as lab:
            lab.publish(incident(1))
            await until(lambda: phone.titles)


def test_check_says_what_is_missing() -> None:
    assert list(Notify.check(NotifySettings())) == [
        ("to", "there is no receiver: name an address, such as ntfys://ntfy.sh/MY-TOPIC, or a command")
    ]
    wrong = NotifySettings(to=("topic", "credential:notify"), command=("no-such-program",))
    assert [path for path, _ in Notify.check(wrong)] == ["to[0]", "command"]


async def test_an_address_that_is_named_twice_gets_a_message_once(phone: Phone) -> None:
    with phone.sink:
        async with running(phone.settings(to=(phone.url, phone.url))) as lab:
            lab.publish(incident(1))
            await lab.event(MessageSent, lambda body: body.waiting == 0)
    assert len(phone.titles) == 1


async def test_a_message_is_made_once_even_at_a_stop(phone: Phone) -> None:
    async with running(phone.settings(digest=Duration(60.0))) as lab:
        notify: Any = lab.module
        lab.publish(alert(1, severity=Severity.WEAKNESS))
        await until(lambda: notify._outbox.waiting == 1)
        later = time.time() + 100.0
        await asyncio.gather(notify._compose_due(later), notify._compose_due(later))
        assert notify._outbox.waiting == 1
