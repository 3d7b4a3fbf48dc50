"""Control: the Unix socket through which the command line and other programs ask, and follow what happens."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from whimbrel.bus import Closed, Lagged, Subscription
from whimbrel.control import socket_file
from whimbrel.control.protocol import (
    DEFAULT_SOCKET,
    MAX_LINE,
    ProtocolError,
    Request,
    answer,
    parse_request,
    refusal,
    to_line,
)
from whimbrel.events.base import KINDS, Event, Level
from whimbrel.events.encode import encode, encode_event
from whimbrel.events.interest import is_bulky, kinds_where, level_of, level_of_body
from whimbrel.module import Context, Module, Stage, VerbError
from whimbrel.settings import Duration, frozen, setting, validates
from whimbrel.verbs.daemon import HELP, TAIL, Following, Help
from whimbrel.wording.sentences import sentence
from whimbrel.wording.suggestions import no_such

_HIGH_WATER = 16384
"""Octets that wait in the process for one client before the pause that its queue is for."""
_BULKY_QUEUE = 32
"""Events that may wait for one client at most where some of them are large."""
_FAREWELL = 1.0
"""Seconds for the last lines to a client: of one that is let go, of all at a stop."""


@frozen
class ControlSettings:
    """The control socket (docs/control.md)."""

    socket: Path = setting(Path(DEFAULT_SOCKET), help="Path of the Unix socket.")
    group: str | None = setting(None, help="Group that may use it; null: the group that the daemon runs as.")
    mode: str = setting(
        "0660", help="Permissions of the socket, in octal and in quotes. Who may write to it may connect."
    )
    clients: int = setting(8, low=1, high=1000, help="Clients at a time; one more is turned away with the reason.")
    queue: int = setting(
        512,
        low=1,
        high=100_000,
        help="Events that may wait for one client; what exceeds it is lost to it, and counted.",
    )
    patience: Duration = setting(
        Duration(10.0), low=0.01, help="A client that takes nothing for this long while events wait is let go."
    )

    @validates("mode")
    def _check_mode(self, mode: str) -> None:
        if not mode or not set(mode) <= set("01234567") or int(mode, 8) > 0o777:
            raise ValueError(f'mode: expected permissions in octal such as "0660", found {mode!r}')


class Control(Module[ControlSettings]):
    """Answers the verbs that modules serve, and streams events. A client can slow down only itself."""

    Settings = ControlSettings
    stage: ClassVar[Stage] = Stage.SINK

    def __init__(self, ctx: Context[ControlSettings]) -> None:
        super().__init__(ctx)
        self._clients: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until asked to stop. Raises `NotReady` if the socket cannot be had."""
        path = self.settings.socket
        sock = socket_file.listen(path, int(self.settings.mode, 8), self.settings.group)
        identity = socket_file.identify(path)
        try:
            server = await asyncio.start_unix_server(self._welcome, sock=sock, limit=MAX_LINE)
        except BaseException:
            sock.close()
            socket_file.remove(path, identity)
            raise
        self.ctx.serve(HELP, self._help)
        self.ctx.serve(TAIL, self._tail_alone)
        self.ctx.ready()
        try:
            await self.ctx.stopping.wait()
            server.close()
            await self._dismiss()
        finally:
            server.close()
            for task in self._clients:
                task.cancel()
            socket_file.remove(path, identity)

    async def _dismiss(self) -> None:
        """Let streams end with what waits for them, then take leave of everyone else."""
        streams = [task for task in self._clients if task.get_name() == "stream"]
        if streams:
            await asyncio.wait(streams, timeout=_FAREWELL)
        for task in self._clients:
            task.cancel()
        if self._clients:
            await asyncio.wait(self._clients)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._clients) >= self.settings.clients or self.ctx.stopping.is_set():
            writer.write(refusal(f"there are {len(self._clients)} clients already (control.clients)"))
            await _part(writer)
            return
        self._clients.add(task)
        try:
            writer.transport.set_write_buffer_limits(high=_HIGH_WATER)
            await self._converse(reader, writer)
        except (ConnectionError, TimeoutError):
            pass  # the client is gone; there is nobody to tell
        except asyncio.CancelledError:
            pass  # a stop; asyncio of Python 3.11 would call a conversation that was cancelled an error in the log
        finally:
            self._clients.discard(task)
            await _part(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await _read_line(reader, writer):
            if not line.strip():
                continue
            try:
                request = parse_request(line)
                if request.verb == TAIL.name:
                    sub, level = self._subscribe(request)
                    first = self._newest(request)  # in the same step: nothing is published between the two
                    await self._stream(reader, writer, sub, level, first, request.id)
                    return
                writer.write(answer(await self._ask(request), request.id))
            except ProtocolError as error:
                writer.write(refusal(str(error), error.id))
            async with asyncio.timeout(self.settings.patience):
                await writer.drain()

    async def _ask(self, request: Request) -> Any:
        """Return the answer to a request as JSON values. Raises `ProtocolError`."""
        verb = self.ctx.verbs.find(request.verb)
        if verb is None:
            raise ProtocolError(_unanswered(request.verb, self.ctx.verbs.summaries()), request.id)
        try:
            return encode(await verb(request.args))
        except VerbError as error:
            raise ProtocolError(str(error), request.id) from error
        except Exception as error:  # another module's error must not end this one
            raise ProtocolError(f"{request.verb} failed: {type(error).__name__}: {error}", request.id) from error

    async def _help(self, _args: dict[str, Any]) -> Help:
        return Help(verbs=self.ctx.verbs.summaries())

    async def _tail_alone(self, _args: dict[str, Any]) -> Following:
        raise VerbError("tail belongs to a connection and cannot be asked for through another verb")

    def _subscribe(self, request: Request) -> tuple[Subscription, Level]:
        """Listen to what a request of `tail` names; with the level that it asks for. Raises `ProtocolError`."""
        kinds = _named_kinds(request, "kinds")
        level = request.args.get("level", "debug")
        if not isinstance(level, str) or level.upper() not in Level.__members__:
            expected = ", ".join(name.lower() for name in Level.__members__)
            raise ProtocolError(f'"level": expected one of {expected}', request.id)
        interest = _interest(kinds, Level[level.upper()])
        # Large ones would be much memory for a client that does not read.
        bulky = any(is_bulky(KINDS[kind]) for kind in kinds)
        capacity = min(self.settings.queue, _BULKY_QUEUE) if bulky else self.settings.queue
        return self.ctx.subscribe(interest, capacity=capacity), Level[level.upper()]

    def _newest(self, request: Request) -> list[Event]:
        """Return the newest event of each kind of which a request of `tail` wants it. Raises `ProtocolError`."""
        found = [self.ctx.latest(KINDS[kind]) for kind in _named_kinds(request, "latest")]
        return sorted(event for event in found if event is not None)

    async def _stream(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sub: Subscription,
        level: Level,
        first: list[Event],
        id_: Any,
    ) -> None:
        """Send events, `first` and then those of `sub`, until the client goes, is let go, or the bus is closed."""
        gone = asyncio.create_task(_until_gone(reader))
        gone.add_done_callback(lambda _: sub.close())
        task = asyncio.current_task()
        assert task is not None
        task.set_name("stream")
        try:
            writer.write(answer(encode(Following(following=True)), id_))
            for event in first:
                writer.write(_stream_line(event))
            async for item in sub:
                if gone.done():
                    return
                if not isinstance(item, Lagged) and level_of_body(item.body) > level:
                    continue
                writer.write(_stream_line(item))
                async with asyncio.timeout(self.settings.patience):
                    await writer.drain()
        except TimeoutError:
            writer.write(refusal("too slow: nothing was taken for too long (control.patience)", id_))
        except Closed:
            pass
        finally:
            sub.close()
            gone.cancel()


def _named_kinds(request: Request, key: str) -> tuple[str, ...]:
    """Return the kinds that a key of a request names, none without the key. Raises `ProtocolError`."""
    kinds = request.args.get(key)
    if kinds is None:
        return ()
    if not (isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)):
        raise ProtocolError(f'"{key}": expected a list of names such as ["disconnected"]', request.id)
    for kind in kinds:
        if kind not in KINDS:
            raise ProtocolError(no_such("event", kind, sorted(KINDS)), request.id)
    return tuple(kinds)


@functools.lru_cache(maxsize=32)
def _interest(kinds: tuple[str, ...], level: Level) -> type:
    """Return what to subscribe to; the same for the same wish, so that such clients share a ring of the bus."""
    classes = tuple(KINDS[kind] for kind in kinds)

    def rule(kind: type) -> bool:
        if level_of(kind) > level:
            return False
        return issubclass(kind, classes) if classes else not is_bulky(kind)

    return kinds_where(", ".join(kinds) or "everything", rule)


def _unanswered(verb: str, answered: Iterable[str]) -> str:
    """Say why there is no answer to a verb."""
    from whimbrel.verbs.registry import VERBS

    if verb in VERBS:
        return f"{verb}: the module that answers it is not on, or not ready; `whimbrel modules` shows those that are"
    return no_such("verb", verb, answered)


def _stream_line(item: Event | Lagged) -> bytes:
    if isinstance(item, Lagged):
        return to_line({"lagged": item.lost})
    line = encode_event(item)
    line["level"] = level_of_body(item.body).name.lower()
    line["message"] = sentence(item.body)
    return to_line(line)


async def _read_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Return the next line, nothing at the end or where the client sends no lines."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError:
        writer.write(refusal(f"a request is at most {MAX_LINE} octets long"))
        return b""


async def _until_gone(reader: asyncio.StreamReader) -> None:
    """Return once the client has closed its side; what it says meanwhile is not heard."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass


async def _part(writer: asyncio.StreamWriter) -> None:
    """Close a connection, leaving the client a moment to read the last line."""
    writer.close()
    try:
        async with asyncio.timeout(_FAREWELL):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
