"""Both clients, with the control module and with impostors."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.lab.waiting import block_until
from tests.modules.test_control import serving

from whimbrel import client
from whimbrel.client import BadAnswer, BlockingClient, ClientError, Refused, Unreachable, connect, wire
from whimbrel.client.aio import Client, Lost
from whimbrel.events.air import Disconnected, NetworkProbed
from whimbrel.events.base import Event, Level
from whimbrel.testing import PATIENCE
from whimbrel.verbs.air import SURVEY
from whimbrel.verbs.daemon import HELP

AP = bytes.fromhex("021122334455")
PROBE = NetworkProbed(station=AP, ssid=b"\xffhome")
GONE = Disconnected(bssid=AP, sender=AP, receiver=AP, how="deauthentication", reason=7, protected=False)


async def test_a_verb_is_answered_by_its_type(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig, connect(rig.path) as client:
        answer = await client.ask(HELP)
        assert "tail" in answer.verbs
        assert "tail" in (await client.ask("help"))["verbs"]
        with pytest.raises(Refused, match="did you mean help"):
            await client.ask("hepl")
        with pytest.raises(Refused, match="survey: the module that answers it is not on"):
            await client.survey()
        with pytest.raises(TypeError, match="survey takes what, device; got waht"):
            await client.ask(SURVEY, waht="stations")


async def test_the_socket_is_that_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(tmp_path) as rig:
        monkeypatch.setenv("WHIMBREL_SOCKET", str(rig.path))
        client = await connect()
        assert (await client.ask(HELP)).verbs
        await client.close()
        await client.close()


@contextlib.asynccontextmanager
async def following(
    path: Path, *kinds: type[NetworkProbed | Disconnected], level: Level = Level.DEBUG
) -> AsyncIterator[AsyncIterator[Event | Lost]]:
    async with connect(path) as client, contextlib.aclosing(client.events(*kinds, level=level)) as events:  # type: ignore[type-var]
        yield events


async def test_events_have_the_bodies_that_were_published(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig, following(rig.path, NetworkProbed, Disconnected) as events:
        first = asyncio.ensure_future(anext(events))
        await rig.until(rig.bus.subscriptions)
        sent = [rig.publish(PROBE), rig.publish(GONE)]
        assert [await first, await anext(events)] == sent


async def test_events_of_a_level(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig, following(rig.path, level=Level.NOTICE) as events:
        first = asyncio.ensure_future(anext(events))
        await rig.until(rig.bus.subscriptions)
        rig.publish(PROBE)
        sent = rig.publish(GONE)
        assert await first == sent


async def test_what_was_missed_stands_in_its_place(tmp_path: Path) -> None:
    async with serving(tmp_path, queue=2) as rig, following(rig.path, NetworkProbed) as events:
        first = asyncio.ensure_future(anext(events))
        await rig.until(rig.bus.subscriptions)
        for _ in range(10):
            rig.publish(PROBE)
        heard = [await first, await anext(events), await anext(events)]
        lost = [item for item in heard if isinstance(item, Lost)]
        assert sum(lost) + len(heard) - len(lost) == 10
        assert lost


async def test_following_ends_with_the_daemon(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig, following(rig.path) as events:
        rest = asyncio.ensure_future(_all(events))
        await rig.until(rig.bus.subscriptions)
        await rig.stop()
        assert await asyncio.wait_for(rest, PATIENCE) == []


async def _all(events: AsyncIterator[Event | Lost]) -> list[Event | Lost]:
    return [item async for item in events]


def test_the_client_on_asyncio_is_imported_at_the_first_look() -> None:
    assert (client.Client, client.Lost, client.connect) == (Client, Lost, connect)
    with pytest.raises(AttributeError, match=r"'whimbrel\.client' has no attribute 'Cient'"):
        _ = client.Cient


async def test_nobody_is_there(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="is the daemon running"):
        await connect(tmp_path / "none")


Pretend = Callable[[bytes], Path]


@pytest.fixture
def pretend(tmp_path: Path) -> Iterator[Pretend]:
    """Return a function that makes a socket that answers every request with some octets, and then hangs up."""
    with contextlib.ExitStack() as stack:

        def make(said: bytes) -> Path:
            path = tmp_path / f"s{len(list(tmp_path.iterdir()))}"
            listening = stack.enter_context(socket.socket(socket.AF_UNIX))
            listening.bind(str(path))
            listening.listen()

            def serve() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        taken, _ = listening.accept()
                        with taken, contextlib.suppress(OSError):
                            taken.recv(65536)
                            taken.sendall(said)

            thread = threading.Thread(target=serve)
            thread.start()
            stack.callback(thread.join, PATIENCE)
            stack.callback(listening.shutdown, socket.SHUT_RDWR)
            return path

        yield make


BAD = [
    (b"", Unreachable, "closed the connection"),
    (b'{"ok": true', Unreachable, "closed the connection"),
    (b"<html>\n", BadAnswer, "is not JSON"),
    (b"\xff\xfe\n", BadAnswer, "is not JSON"),
    (b"[1]\n", BadAnswer, "is not from Whimbrel"),
    (b"[" * 100_000 + b"\n", BadAnswer, "is not JSON"),
    (b'{"ok": ' + b"9" * 5000 + b"}\n", BadAnswer, "is not JSON"),
    (b'{"ok": true, "result": {"verbs": 5}}\n', BadAnswer, "verbs: expected an object"),
    (b'{"ok": false}\n', Refused, "without a reason"),
    (b"x" * 4096, Unreachable, "closed the connection"),
]


@pytest.mark.parametrize(("said", "error", "words"), BAD)
async def test_what_is_no_daemon(pretend: Pretend, said: bytes, error: type[ClientError], words: str) -> None:
    path = pretend(said)
    async with connect(path) as client:
        with pytest.raises(error, match=words):
            await client.ask(HELP)
    with pytest.raises(error, match=words):
        await asyncio.to_thread(_ask_once, path)


def _ask_once(path: Path) -> object:
    with BlockingClient(path) as client:
        return client.ask(HELP)


async def test_a_line_without_an_end(pretend: Pretend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_ANSWER", 1000)
    path = pretend(b"x" * 4096)
    async with connect(path) as client:
        with pytest.raises(BadAnswer, match="the answer has more than 1000 octets"):
            await client.ask(HELP)
    with pytest.raises(BadAnswer, match="the answer has more than 1000 octets"):
        await asyncio.to_thread(_ask_once, path)


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        (b'{"kind": "network-probed"}\n', BadAnswer, "body: expected an object"),
        (b'{"ok": false, "error": "too slow"}\n', Refused, "too slow"),
        (b"5\n", BadAnswer, "is not from Whimbrel"),
    ],
)
async def test_an_event_that_is_none(pretend: Pretend, line: bytes, error: type[ClientError], words: str) -> None:
    path = pretend(b'{"ok": true, "result": {"following": true}}\n' + line)
    async with connect(path) as client:
        with pytest.raises(error, match=words):
            await _all(client.events())


async def test_an_answer_that_does_not_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "ANSWER_TIMEOUT", 0.01)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        async with connect(tmp_path / "s") as client:
            assert isinstance(client, Client)
            with pytest.raises(Unreachable, match="no answer in time"):
                await client.ask(HELP)
        with pytest.raises(Unreachable, match="no answer in time"):
            await asyncio.to_thread(_ask_once, tmp_path / "s")


@pytest.mark.parametrize(
    ("line", "octets"),
    [
        (b'{"ok":true,"result":{"a":[1,2]}}\n', b'{"a":[1,2]}'),
        (b'{"ok":true,"result":null}\n', b"null"),
        (b'{"ok": true, "result": {"a": 1}}\n', b'{"a": 1}'),  # of a daemon that writes it in another way
    ],
)
def test_an_answer_is_passed_on_as_it_came(line: bytes, octets: bytes) -> None:
    assert wire.json_of(Path("socket"), line) == octets


@pytest.mark.parametrize("line", [b'{"ok":true,"result":{"a":1', b'{"ok":false,"error":"no"}\n', b"[]\n", b""])
def test_what_is_no_answer_is_not_passed_on(line: bytes) -> None:
    with pytest.raises(ClientError):
        wire.json_of(Path("socket"), line)


def test_a_script_follows_until_the_daemon_says_no_or_ends(pretend: Pretend, tmp_path: Path) -> None:
    begun = b'{"ok": true, "result": {"following": true}}\n{"kind": "network-probed"}\n'
    for rest in (b"", b'{"kind": "net'):
        with BlockingClient(pretend(begun + rest)) as client:
            assert [line["kind"] for line in client.follow()] == ["network-probed"]
    with BlockingClient(pretend(begun + b'{"ok": false, "error": "too slow"}\n')) as client:
        events = client.follow()
        assert next(events)["kind"] == "network-probed"
        with pytest.raises(Refused, match="too slow"):
            next(events)
    with pytest.raises(Unreachable, match="the socket is not there"):
        BlockingClient(tmp_path / "none")


def test_a_script_hears_why_it_was_refused_before_it_asked(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        with BlockingClient(tmp_path / "s") as client:
            taken, _ = listening.accept()
            with taken:
                taken.sendall(b'{"ok": false, "error": "too many clients"}\n')
            with pytest.raises(Refused, match="too many clients"):
                client.ask(HELP)


def test_a_script_that_asks_over_a_connection_that_is_gone_says_so(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        with BlockingClient(tmp_path / "s") as client:
            client._socket.close()
            with pytest.raises(Unreachable, match="Bad file descriptor"):
                client.ask(HELP)


class Interrupted(Exception):
    """Raised by a signal's handler."""


@pytest.fixture
def interruptible() -> Iterator[signal.Signals]:
    """Return a signal that raises `Interrupted`."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield signal.SIGUSR1
    signal.signal(signal.SIGUSR1, before)


def test_a_signal_that_comes_just_before_the_wait_ends_it(tmp_path: Path, interruptible: signal.Signals) -> None:
    main = Path(f"/proc/self/task/{threading.get_native_id()}/stat")

    def sleeps() -> bool:
        return main.read_text().rpartition(")")[2].split()[0] == "S"

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()

        def serve() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.recv(65536)
                taken.sendall(b'{"ok": true, "result": {"following": true}}\n{"kind": "network-probed"}\n')
                following.wait(PATIENCE)
                block_until(sleeps)
                # Another thread takes it: as by a signal just before a system call, no wait of the main one ends.
                signal.pthread_kill(threading.get_ident(), interruptible)
                ended.wait(PATIENCE)

        following, ended = threading.Event(), threading.Event()
        server = threading.Thread(target=serve)
        server.start()
        try:
            with BlockingClient(tmp_path / "s") as client:
                events = client.follow()
                assert next(events)["kind"] == "network-probed"
                following.set()
                with pytest.raises(Interrupted):
                    next(events)
                assert not ended.is_set()
        finally:
            ended.set()
            server.join(PATIENCE)
