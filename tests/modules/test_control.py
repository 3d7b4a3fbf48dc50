from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.client import BlockingClient, Refused, Unreachable
from whimbrel.control.protocol import MAX_LINE
from whimbrel.events.air import Disconnected, NetworkProbed
from whimbrel.events.radio import FrameBatch
from whimbrel.events.system import DaemonReady
from whimbrel.module import Context, NotReady, VerbError
from whimbrel.modules.control import Control, ControlSettings
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE
from whimbrel.verbs.declare import Query, Verb

AP = bytes.fromhex("021122334455")


def ask(path: Path, verb: str) -> Any:
    with BlockingClient(path) as client:
        return client.ask(verb)


class Talk:
    """A client that speaks lines, on the loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, line: bytes | dict[str, Any]) -> None:
        self.writer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")

    async def read(self) -> dict[str, Any]:
        line = await asyncio.wait_for(self.reader.readline(), PATIENCE)
        assert line, "the connection was closed"
        value: dict[str, Any] = json.loads(line)
        return value

    async def ask(self, line: bytes | dict[str, Any]) -> dict[str, Any]:
        self.send(line)
        return await self.read()

    async def ended(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(), PATIENCE)


class Rig:
    def __init__(self, path: Path, **settings: Any) -> None:
        self.path = path / "control.sock"
        self.bus = Bus()
        self.ctx: Context[ControlSettings] = Context("control", ControlSettings(socket=self.path, **settings), self.bus)
        self.publish = self.bus.sender("watcher").publish
        self.task = asyncio.create_task(Control(self.ctx).run())
        self.talks: list[Talk] = []

    async def talk(self) -> Talk:
        talk = Talk(*await asyncio.open_unix_connection(str(self.path)))
        self.talks.append(talk)
        return talk

    async def until(self, state: Callable[[], Any]) -> None:
        await until(state, ended=lambda: self.task.done() and f"the module has ended: {self.task}")

    async def stop(self) -> None:
        self.ctx.stop()
        await asyncio.wait_for(self.task, PATIENCE)


@asynccontextmanager
async def serving(path: Path, **settings: Any) -> AsyncIterator[Rig]:
    rig = Rig(path, **settings)
    ready = asyncio.create_task(rig.ctx.is_ready.wait())
    await asyncio.wait({ready, rig.task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        ready.cancel()
        await rig.task
    try:
        yield rig
    finally:
        await rig.stop()
        rig.ctx.release()
        for talk in rig.talks:
            talk.writer.close()
            with contextlib.suppress(ConnectionError):
                await talk.writer.wait_closed()


def probe(number: int) -> NetworkProbed:
    return NetworkProbed(station=number.to_bytes(6, "big"), ssid=b"x" * 32)


async def test_verbs_are_answered_in_order_on_one_connection(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:

        async def echo(args: dict[str, Any]) -> Any:
            return {"args": args, "bssid": AP}

        rig.ctx.serve(Verb("echo", object, "Say it again"), echo)
        talk = await rig.talk()
        talk.send(b'{"verb":"echo","a":1,"id":"x"}\n\n{"verb":"help"}\n')
        assert await talk.read() == {
            "ok": True, "result": {"args": {"a": 1}, "bssid": "02:11:22:33:44:55"}, "id": "x",
        }  # fmt: skip
        verbs = (await talk.read())["result"]["verbs"]
        assert verbs["echo"] == "Say it again"
        assert {"help", "tail"} <= set(verbs)


async def test_errors_of_a_verb_are_answers(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:

        async def refuse(_args: dict[str, Any]) -> Any:
            raise VerbError("not today")

        async def crash(_args: dict[str, Any]) -> Any:
            raise ZeroDivisionError("division by zero")

        rig.ctx.serve(Verb("refuse", object, ""), refuse)
        rig.ctx.serve(Verb("crash", object, ""), crash)
        talk = await rig.talk()
        assert await talk.ask({"verb": "refuse", "id": 1}) == {"ok": False, "error": "not today", "id": 1}
        crashed = await talk.ask({"verb": "crash"})
        assert crashed == {"ok": False, "error": "crash failed: ZeroDivisionError: division by zero"}
        assert (await talk.ask({"verb": "hepl"}))["error"] == "no verb is called 'hepl'; did you mean help?"
        assert (await talk.ask({"verb": "help"}))["ok"] is True


@pytest.mark.parametrize(
    "garbage",
    [b"hello\n", b"\x00\xff\xfe\x80\n", b"[]\n", b'{"verb":\n', b"{" * 5000 + b"\n", b"GET / HTTP/1.1\r\n"],
)
async def test_garbage_is_refused_and_the_connection_goes_on(tmp_path: Path, garbage: bytes) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        assert (await talk.ask(garbage))["ok"] is False
        assert (await talk.ask({"verb": "help"}))["ok"] is True


async def test_a_line_without_end_is_refused_and_closed(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        assert "65536" in (await talk.ask(b"x" * (MAX_LINE + 2)))["error"]
        assert await talk.ended() == b""
        assert (await (await rig.talk()).ask({"verb": "help"}))["ok"] is True


async def test_a_half_closed_connection_gets_its_answer(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        talk.send(b'{"verb":"help"}')
        talk.writer.write_eof()
        assert (await talk.read())["ok"] is True
        assert await talk.ended() == b""


async def test_the_client_that_is_idle_longest_makes_room(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=2) as rig:
        talks = [await rig.talk(), await rig.talk()]
        for talk in talks:
            await talk.ask({"verb": "help"})
        third = await rig.talk()
        assert (await third.ask({"verb": "help"}))["ok"] is True
        assert await talks[0].ended() == b"", "nothing is said that could be taken for an answer"
        assert (await talks[1].ask({"verb": "help"}))["ok"] is True


async def test_silent_clients_lock_nobody_out(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=8) as rig:
        silent = [await rig.talk() for _ in range(8)]
        for talk in silent[:4]:
            talk.send(b'{"verb":')  # and nothing more
        for _ in range(20):
            assert (await (await rig.talk()).ask({"verb": "help"}))["ok"] is True


async def test_one_client_too_many_is_told_so(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=2) as rig:
        asked = asyncio.Event()

        async def slow(_args: dict[str, Any]) -> Any:
            asked.set()
            await asyncio.sleep(3600)

        rig.ctx.serve(Verb("slow", object, "Takes long"), slow)
        talks = []
        for _ in range(2):
            asked.clear()
            talks.append(await rig.talk())
            talks[-1].send({"verb": "slow"})
            await asyncio.wait_for(asked.wait(), PATIENCE)
        third = await rig.talk()
        assert "all are busy (control.clients)" in (await third.read())["error"]
        # Who hangs up without waiting for the answer leaves the place.
        talks[0].writer.close()
        for _ in range(1000):  # for as long as it takes until somebody looks
            if "error" not in (await (await rig.talk()).ask({"verb": "help"})):
                break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError("the place was not left")


async def test_followers_lock_nobody_out(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=4) as rig:
        followers = [await rig.talk() for _ in range(2)]
        for talk in followers:
            assert (await talk.ask({"verb": "tail"}))["ok"] is True
        third = await rig.talk()
        assert "too many clients follow events" in (await third.ask({"verb": "tail"}))["error"]
        for _ in range(10):
            assert (await (await rig.talk()).ask({"verb": "help"}))["ok"] is True


async def pour(path: Path, octets: int) -> AsyncGenerator[None, None]:
    """Ask the same many times at once, and take so much of the answers with each step."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.setblocking(False)
        client.sendall(b'{"verb":"much"}\n' * 100)
        while True:
            yield
            with contextlib.suppress(BlockingIOError):
                if not client.recv(octets):
                    return


async def much(_args: dict[str, Any]) -> Any:
    return [("x" * 100,)] * 20_000


async def test_clients_that_take_their_answers_slowly_lock_nobody_out(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=4) as rig:
        asked: list[None] = []

        async def noted(args: dict[str, Any]) -> Any:
            asked.append(None)
            return await much(args)

        rig.ctx.serve(Query("much", object, "Says much"), noted)
        path = tmp_path / "control-look.sock"
        clients = [pour(path, 1000) for _ in range(4)]
        for client in clients:
            await anext(client)
        await rig.until(lambda: len(asked) >= 4)
        refused = True
        async with asyncio.timeout(PATIENCE):
            while refused:  # until one of them counts as slow
                for client in clients:
                    with contextlib.suppress(StopAsyncIteration, ConnectionError):
                        await anext(client)
                looker = Talk(*await asyncio.open_unix_connection(str(path)))
                rig.talks.append(looker)
                looker.send({"verb": "help"})
                refused = "error" in await looker.read()
        for client in clients:
            await client.aclose()


async def test_an_answer_that_is_taken_a_little_now_and_then_ends(tmp_path: Path) -> None:
    async with serving(tmp_path, patience=Duration(0.5)) as rig:
        rig.ctx.serve(Query("much", object, "Says much"), much)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                async for _ in pour(rig.path, 30_000):
                    await asyncio.sleep(0.05)  # each piece is taken well within the patience


@pytest.mark.skipif(os.geteuid() != 0, reason="clients of several users take root")
async def test_followers_of_one_user_lock_out_no_other() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101
        async with serving(Path(folder), clients=4, mode="0666") as rig:

            async def follow(uid: int) -> dict[str, Any]:
                with socket.socket(socket.AF_UNIX) as client:
                    os.seteuid(uid)
                    try:
                        client.connect(str(rig.path))
                    finally:
                        os.seteuid(0)
                    talk = Talk(*await asyncio.open_unix_connection(sock=client.dup()))
                rig.talks.append(talk)
                return await talk.ask({"verb": "tail"})

            assert [(await follow(2001))["ok"] for _ in range(3)] == [True, True, False]
            assert (await follow(2002))["ok"] is True, "the first user had more"
            assert (await follow(2001))["ok"] is False
            assert (await follow(0))["ok"] is True, "root has its own"


async def test_a_line_that_is_begun_has_to_end(tmp_path: Path) -> None:
    async with serving(tmp_path, patience=Duration(0.05)) as rig:
        talk = await rig.talk()
        talk.send(b'{"verb"')
        assert await talk.ended() == b""


@pytest.mark.parametrize("depth", [17, 400, 975, 5000])
async def test_a_request_that_is_nested_deeply_is_an_error(tmp_path: Path, depth: int) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        nested = b"[" * depth + b"]" * depth
        for request in (b'{"verb":"help","id":%b}\n' % nested, b'{"verb":%b}\n' % nested, nested + b"\n"):
            assert "nested" in (await talk.ask(request))["error"]
        assert (await talk.ask({"verb": "help"}))["ok"] is True


async def test_beside_it_is_a_socket_for_looking(tmp_path: Path) -> None:
    async with serving(tmp_path, look_mode="0666") as rig:
        done: list[str] = []

        async def change(_args: dict[str, Any]) -> Any:
            done.append("changed")
            return True

        async def look(_args: dict[str, Any]) -> Any:
            return "seen"

        rig.ctx.serve(Verb("change", object, "Changes something"), change)
        rig.ctx.serve(Query("see", object, "Looks"), look)
        path = tmp_path / "control-look.sock"
        assert path.stat().st_mode & 0o777 == 0o666
        reader, writer = await asyncio.open_unix_connection(str(path))
        looker = Talk(reader, writer)
        rig.talks.append(looker)
        assert (await looker.ask({"verb": "see"}))["result"] == "seen"
        assert "one can only look" in (await looker.ask({"verb": "change"}))["error"]
        assert "no verb is called" in (await looker.ask({"verb": "nothing"}))["error"]
        assert not done
        assert (await looker.ask({"verb": "tail"}))["ok"] is True
        assert (await (await rig.talk()).ask({"verb": "change"}))["ok"] is True
        assert done == ["changed"]
    assert not path.exists()


async def test_lookers_do_not_take_the_places_of_others(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=1) as rig:
        path = str(tmp_path / "control-look.sock")
        looker = Talk(*await asyncio.open_unix_connection(path))
        rig.talks.append(looker)
        await looker.ask({"verb": "tail"})
        assert (await (await rig.talk()).ask({"verb": "help"}))["ok"] is True


async def test_tail_streams_what_was_asked_for(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        assert await talk.ask({"verb": "tail", "kinds": ["network-probed"], "id": 5}) == {
            "ok": True, "result": {"following": True}, "id": 5,
        }  # fmt: skip
        rig.publish(DaemonReady(seconds=1.0))
        event = rig.publish(NetworkProbed(station=AP, ssid=b"a\n\x1b\xff"), at=9.5)
        assert await talk.read() == {
            "seq": event.seq,
            "time": 9.5,
            "source": "watcher",
            "kind": "network-probed",
            "level": "debug",
            "message": 'Station 02:11:22:33:44:55 probes for "a\\n\\x1b\\xff"',
            "body": {"station": "02:11:22:33:44:55", "ssid": "a\\n\\x1b\\xff", "ssid_hex": "610a1bff"},
        }


async def test_tail_by_level_and_without_batches(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        everything, important, batches = [await rig.talk() for _ in range(3)]
        await everything.ask({"verb": "tail"})
        await important.ask({"verb": "tail", "level": "notice"})
        await batches.ask({"verb": "tail", "kinds": ["frame-batch"]})
        rig.publish(FrameBatch(frames=()))
        rig.publish(probe(1))
        rig.publish(DaemonReady(seconds=1.0))
        assert [(await everything.read())["kind"] for _ in range(2)] == ["network-probed", "daemon-ready"]
        assert (await important.read())["kind"] == "daemon-ready"
        assert (await batches.read())["body"] == {"frames": 0, "malformed": 0, "freq": 0, "subtypes": {}}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"kinds": "disconnected"}, "expected a list"),
        ({"kinds": [1]}, "expected a list"),
        ({"kinds": ["disconected"]}, "did you mean disconnected?"),
        ({"level": "loud"}, "expected one of emergency"),
        ({"level": None}, "expected one of emergency"),
    ],
)
async def test_a_wrong_wish_is_refused_and_the_connection_goes_on(tmp_path: Path, wish: Any, said: str) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        refused = await talk.ask({"verb": "tail", "id": 1, **wish})
        assert said in refused["error"]
        assert refused["id"] == 1
        assert (await talk.ask({"verb": "help"}))["ok"] is True


@pytest.mark.parametrize("way", ["close", "half", "abort"])
async def test_a_client_that_goes_away_ends_its_subscription_at_once(tmp_path: Path, way: str) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        await talk.ask({"verb": "tail"})
        assert len(rig.bus.subscriptions()) == 1
        if way == "close":
            talk.writer.close()
        elif way == "half":
            talk.writer.write_eof()
        else:
            talk.writer.transport.abort()
        # Nothing is published: it is the connection that tells, not a failed write.
        await rig.until(lambda: not rig.bus.subscriptions())


async def test_what_a_following_client_says_is_not_heard(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        await talk.ask({"verb": "tail", "kinds": ["daemon-ready"]})
        talk.send(b"x" * 200_000)
        await talk.writer.drain()
        rig.publish(DaemonReady(seconds=1.0))
        assert (await talk.read())["kind"] == "daemon-ready"


def slow_socket(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(PATIENCE)
    client.connect(str(path))
    client.sendall(b'{"verb":"tail"}\n')
    return client


async def test_a_slow_client_is_told_what_it_missed(tmp_path: Path) -> None:
    async with serving(tmp_path, queue=8) as rig:
        with slow_socket(rig.path) as client:
            await rig.until(rig.bus.subscriptions)
            published = 0
            async with asyncio.timeout(PATIENCE):
                while not rig.bus.subscriptions()[0].stats.lost:
                    rig.publish(probe(published))
                    published += 1
                    await asyncio.sleep(0)
            lines = client.makefile("rb")

            def read_to_the_end() -> tuple[int, int]:
                seen = lagged = 0
                json.loads(lines.readline())
                while seen + lagged < published:
                    value = json.loads(lines.readline())
                    lagged += value.get("lagged", 0)
                    seen += "seq" in value
                return seen, lagged

            seen, lagged = await asyncio.to_thread(read_to_the_end)
            lines.close()
            assert lagged > 0
            assert seen + lagged == published


async def test_a_client_that_takes_nothing_is_let_go(tmp_path: Path) -> None:
    async with serving(tmp_path, queue=8, patience=Duration(0.05)) as rig:
        with slow_socket(rig.path):
            await rig.until(rig.bus.subscriptions)
            async with asyncio.timeout(PATIENCE):
                while rig.bus.subscriptions():
                    rig.publish(probe(1))
                    await asyncio.sleep(0)
            await rig.until(lambda: len(asyncio.all_tasks()) <= 3)


async def test_many_clients_come_and_go(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=50) as rig:
        talks = [await rig.talk() for _ in range(40)]
        for talk in talks:
            await talk.ask({"verb": "tail"})
        rig.publish(DaemonReady(seconds=1.0))
        for talk in talks:
            assert (await talk.read())["kind"] == "daemon-ready"
        for talk in talks:
            talk.writer.close()
        await rig.until(lambda: not rig.bus.subscriptions())


async def test_a_stop_sends_what_waits_and_leaves_no_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(tmp_path) as rig:
        following, idle = await rig.talk(), await rig.talk()
        await following.ask({"verb": "tail"})
        await idle.ask({"verb": "help"})
        rig.publish(DaemonReady(seconds=1.0))
        await rig.stop()
        assert (await following.read())["kind"] == "daemon-ready"
        assert await following.ended() == b""
        assert await idle.ended() == b""
        assert not rig.path.exists()
    assert caplog.messages == []


async def test_two_daemons_on_one_socket(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        with pytest.raises(NotReady, match="another daemon"):
            await Control(Context("control", ControlSettings(socket=rig.path), Bus())).run()
        assert (await (await rig.talk()).ask({"verb": "help"}))["ok"] is True


def test_a_wrong_mode_is_refused() -> None:
    for mode in ("0888", "", "rw", "01000"):
        with pytest.raises(ValueError, match="mode: expected permissions in octal"):
            ControlSettings(mode=mode)
    assert ControlSettings(mode="0600").mode == "0600"


async def test_the_client_of_the_command_line(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        assert "help" in (await asyncio.to_thread(ask, rig.path, "help"))["verbs"]
        with pytest.raises(Refused, match="no verb"):
            await asyncio.to_thread(ask, rig.path, "nonsense")

        def follow() -> list[dict[str, Any]]:
            with BlockingClient(rig.path) as client:
                return list(client.follow(kinds=["disconnected"]))

        following = asyncio.create_task(asyncio.to_thread(follow))
        await rig.until(rig.bus.subscriptions)
        body = Disconnected(bssid=AP, sender=AP, receiver=AP, how="deauthentication", reason=None, protected=True)
        rig.publish(body)
        await rig.stop()
        assert [event["body"]["reason"] for event in await following] == [None]


def test_a_client_without_a_daemon(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="is the daemon running"):
        BlockingClient(tmp_path / "none")
    left = tmp_path / "left"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.bind(str(left))
    with pytest.raises(Unreachable, match="nothing answers"):
        BlockingClient(left)
    with pytest.raises(Unreachable):
        BlockingClient(tmp_path / ("x" * 200))


async def test_a_client_that_is_turned_away_says_why(tmp_path: Path) -> None:
    async with serving(tmp_path, clients=1) as rig:
        talk = await rig.talk()
        await talk.ask({"verb": "tail"})
        with pytest.raises(Refused, match=r"control\.clients"):
            await asyncio.to_thread(ask, rig.path, "help")


async def test_the_newest_of_some_kinds_comes_first(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        rig.publish(DaemonReady(seconds=1.0))
        rig.publish(DaemonReady(seconds=2.0))
        rig.publish(NetworkProbed(station=AP, ssid=b"before"))
        talk = await rig.talk()
        wish = {"verb": "tail", "kinds": ["daemon-ready", "network-probed"], "latest": ["daemon-ready", "disconnected"]}
        assert (await talk.ask(wish))["result"] == {"following": True}
        assert (await talk.read())["body"] == {"seconds": 2.0}
        rig.publish(NetworkProbed(station=AP, ssid=b"after"))
        assert (await talk.read())["body"]["ssid"] == "after"
        refused = await (await rig.talk()).ask({"verb": "tail", "latest": ["disconected"]})
        assert "no event is called 'disconected'" in refused["error"]


async def test_the_newest_comes_once_however_often_it_is_named(tmp_path: Path) -> None:
    async with serving(tmp_path) as rig:
        rig.publish(DaemonReady(seconds=1.0))
        talk = await rig.talk()
        await talk.ask({"verb": "tail", "kinds": ["daemon-ready"] * 3, "latest": ["daemon-ready"] * 1000})
        assert (await talk.read())["body"] == {"seconds": 1.0}
        rig.publish(DaemonReady(seconds=2.0))
        assert (await talk.read())["body"] == {"seconds": 2.0}


@pytest.mark.parametrize("line", [b"\n", b"{}\n"])
async def test_many_lines_at_once_leave_others_their_turn(tmp_path: Path, line: bytes) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with serving(tmp_path) as rig:
        talk = await rig.talk()
        talk.send(line * 2000 + b'{"verb":"help"}\n')
        counting = asyncio.create_task(count())
        while "verbs" not in (await talk.read()).get("result", {}):
            pass
        counting.cancel()
        assert turns > 1000
