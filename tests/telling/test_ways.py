"""The ways of a message, each to a real counterpart on loopback; Apprise reads the same addresses the same way."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.lab.sinks import HttpSink, SmtpSink

from whimbrel.events.alerts import Severity
from whimbrel.telling.ways import AppriseWay, CommandWay, NotSent, NotTaken, NtfyWay, lane_of, ntfy_address, way_of
from whimbrel.telling.words import TellingMessage

MESSAGE = TellingMessage(
    title="attic: critical: Ü",
    text="two\nlines",
    severity=Severity.CRITICAL,
    id="7",
    kind="incident-opened",
    news=('{"id":"7"}',),
)


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    sink = HttpSink()
    yield sink
    sink.close()


async def test_ntfy_gets_title_text_and_priority(sink: HttpSink) -> None:
    with sink:
        way = way_of(f"ntfy://user:pa%20ss@127.0.0.1:{sink.port}/my-topic", 10.0)
        assert isinstance(way, NtfyWay)
        await way.send(MESSAGE)
    (request,) = sink.requests
    assert request.path == "/"
    assert request.headers["Authorization"] == "Basic dXNlcjpwYSBzcw=="
    assert request.json == {
        "topic": "my-topic", "title": MESSAGE.title, "message": MESSAGE.text, "priority": 5, "tags": ["rotating_light"],
    }  # fmt: skip


@pytest.mark.slow
async def test_apprise_sends_the_same_to_the_same_place(sink: HttpSink) -> None:
    pytest.importorskip("apprise")
    url = f"ntfy://user:secret@127.0.0.1:{sink.port}/my-topic"
    with sink:
        await way_of(url, 10.0).send(MESSAGE)
        await AppriseWay(url, 60.0).send(MESSAGE)
    ours, theirs = sink.requests
    assert ours.path == theirs.path
    assert ours.headers["Authorization"] == theirs.headers["Authorization"]
    for field in ("topic", "title", "message"):
        assert ours.json[field] == theirs.json[field]


@pytest.mark.slow
async def test_a_mail_goes_by_apprise() -> None:
    pytest.importorskip("apprise")
    async with SmtpSink() as sink:
        await way_of(f"mailto://127.0.0.1:{sink.port}?from=attic@example.org&to=me@example.org", 60.0).send(MESSAGE)
        (mail,) = sink.mails
    assert "me@example.org" in mail
    assert "attic@example.org" in mail


@pytest.mark.slow
async def test_what_apprise_cannot_send_is_said_without_the_address() -> None:
    pytest.importorskip("apprise")
    for url in ("json://me:hunter2@127.0.0.1:1/secret-path", "nonsense://me:hunter2@host"):
        with pytest.raises(NotSent) as caught:
            await way_of(url, 60.0).send(MESSAGE)
        assert "hunter2" not in str(caught.value)
        assert "secret-path" not in str(caught.value)


async def test_a_program_gets_the_message_as_json(tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = f"import sys, pathlib; pathlib.Path({str(out)!r}).write_text(sys.stdin.read())"
    await CommandWay((sys.executable, "-c", program), 30.0).send(MESSAGE)
    found = json.loads(out.read_bytes())
    assert (found["title"], found["severity"], found["news"]) == (MESSAGE.title, "critical", [{"id": "7"}])


async def test_a_program_that_fails_is_said_with_its_words() -> None:
    program = (sys.executable, "-c", "import sys; sys.exit('no paper')")
    with pytest.raises(NotSent, match="no paper"):
        await CommandWay(program, 30.0).send(MESSAGE)


@pytest.mark.parametrize(
    ("status", "error"), [(500, NotSent), (429, NotSent), (401, NotSent), (413, NotTaken), (400, NotTaken)]
)
async def test_an_answer_says_whether_it_is_worth_another_try(
    sink: HttpSink, status: int, error: type[Exception]
) -> None:
    sink.status = status
    with sink, pytest.raises(error, match=str(status)) as caught:
        await way_of(f"ntfy://tk_hunter2@127.0.0.1:{sink.port}/secret", 10.0).send(MESSAGE)
    assert "hunter2" not in str(caught.value)
    assert sink.requests[0].headers["Authorization"] == "Bearer tk_hunter2"


async def test_nobody_there_is_said() -> None:
    with pytest.raises(NotSent, match=r"ntfy at 127.0.0.1: Connection refused"):
        await way_of("ntfy://127.0.0.1:1/topic", 10.0).send(MESSAGE)


async def test_an_address_that_cannot_be_used_is_refused_without_its_text() -> None:
    way = way_of("ntfy://tk_se%0Acret@127.0.0.1:1/topic", 10.0)
    with pytest.raises(NotSent, match="not possible there") as found:
        await way.send(MESSAGE)
    assert "cret" not in str(found.value)


@pytest.mark.parametrize(
    ("url", "host", "topic", "secure"),
    [
        ("ntfys://ntfy.sh/topic", "ntfy.sh", "topic", True),
        ("ntfy://ntfy.sh/topic", "ntfy.sh", "topic", True),
        ("ntfys://topic", "ntfy.sh", "topic", True),
        ("ntfy://192.168.1.2/t%20a", "192.168.1.2", "t a", False),
    ],
)
def test_addresses_of_ntfy(url: str, host: str, topic: str, secure: bool) -> None:
    found = ntfy_address(urlsplit(url))
    assert (found.host, found.topic, found.secure) == (host, topic, secure)


@pytest.mark.parametrize("url", ["", "topic", "ntfys://a/b/c", "mailto:x@y"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        way_of(url, 1.0)


def test_a_lane_tells_addresses_apart_and_nothing_of_them() -> None:
    assert lane_of("a://secret") != lane_of("b://secret")
    assert "secret" not in lane_of("a://secret")


@pytest.mark.parametrize(
    "url",
    [
        "ntfys://me:hunter2#2@ntfy.example/topic", "ntfys://me:hunter2/2@ntfy.example",
        "mailtos://me:hunter2\u2100@example.org", "tgram://[hunter2/1",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_read_is_not_in_the_message(url: str) -> None:
    with pytest.raises(ValueError, match="in a name or a password as %2F") as found:
        way_of(url, 1.0)
    assert "hunter2" not in str(found.value)
