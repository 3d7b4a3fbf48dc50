"""The client for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from whimbrel.client import wire
from whimbrel.client.errors import BadAnswer, Refused, Unreachable
from whimbrel.events.base import Body, Event, Level
from whimbrel.events.decode import DecodeError, decode_event
from whimbrel.verbs.daemon import TAIL
from whimbrel.verbs.declare import Verb

if TYPE_CHECKING:
    from types import TracebackType

    from whimbrel.verbs.air import SurveyRows

T = TypeVar("T")


class Lost(int):
    """The number of events that were not sent because this program read too slowly; yielded in their place."""


class Client:
    """One connection to a daemon, for one task at a time. Made by `connect`."""

    def __init__(self, path: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.path = path
        self._reader = reader
        self._writer = writer

    @property
    def is_open(self) -> bool:
        """Whether the daemon has not closed the connection, as far as is known."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    async def close(self) -> None:
        """Close the connection. Idempotent."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    @overload
    async def ask(self, verb: Verb[T], /, **arguments: Any) -> T: ...

    @overload
    async def ask(self, verb: str, /, **arguments: Any) -> Any: ...

    async def ask(self, verb: Verb[T] | str, /, **arguments: Any) -> Any:
        """Call a verb and return its answer; as JSON values for a verb given by name.

        Raises `Refused`, `BadAnswer` or `Unreachable`, and TypeError for an argument that the verb does not have.
        """
        result = wire.result_of(self.path, await self._answer(verb, arguments))
        return wire.typed(self.path, verb.answer, result) if isinstance(verb, Verb) else result

    async def ask_json(self, verb: Verb[Any] | str, /, **arguments: Any) -> bytes:
        """Call a verb and return its answer as the JSON that came, for programs that pass it on. Raises like `ask`."""
        return wire.json_of(self.path, await self._answer(verb, arguments))

    async def _answer(self, verb: Verb[Any] | str, arguments: dict[str, Any]) -> bytes:
        """Return the line that answers a verb. Raises `Unreachable`, and TypeError like `ask`."""
        line = wire.request_line(verb, arguments)
        try:
            async with asyncio.timeout(wire.ANSWER_TIMEOUT):
                # A daemon that rejects a client sends the reason before it closes.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._writer.write(line)
                    await self._writer.drain()
                return await self._read()
        except OSError as error:  # TimeoutError is one
            raise error if isinstance(error, Unreachable) else wire.unreachable(self.path, error) from error

    async def survey(self) -> SurveyRows:
        """Return the whole survey. Raises like `ask`."""
        from whimbrel.verbs.air import SURVEY

        return await self.ask(SURVEY)

    async def events(self, *kinds: type[Body] | str, level: Level = Level.DEBUG) -> AsyncIterator[Event | Lost]:
        """Yield events of `kinds` (by default all except large ones) with at least the importance `level`.

        From then on this connection can do nothing else. It ends with the daemon; to continue, connect again. The body
        of an unknown kind is a `whimbrel.events.decode.OtherBody`. Raises like `ask`; `Refused` also if the daemon
        drops this client because it reads nothing for too long.
        """
        await self.follow(*kinds, level=level)
        async for event in self.followed():
            yield event

    async def follow(
        self, *kinds: type[Body] | str, level: Level = Level.DEBUG, latest: Iterable[type[Body]] = ()
    ) -> None:
        """Begin to follow events, which `followed` then yields: none published afterwards is missing. The newest event
        of each kind in `latest` comes first. Raises like `ask`.
        """
        names = [kind if isinstance(kind, str) else kind.kind for kind in kinds]
        newest = [kind.kind for kind in latest]
        await self.ask(TAIL, kinds=names or None, level=level.name.lower(), latest=newest or None)

    async def followed(self) -> AsyncIterator[Event | Lost]:
        """Yield the events since `follow`. Ends and raises like `events`."""
        try:
            while line := await self._read():
                if not line.endswith(b"\n"):
                    return
                yield self._event(line)
        except OSError as error:
            raise wire.unreachable(self.path, error) from error

    def _event(self, line: bytes) -> Event | Lost:
        value = wire.value_of(self.path, line)
        if value.get("ok") is False:
            raise Refused(str(value.get("error")))
        lost = value.get("lagged")
        if isinstance(lost, int):
            return Lost(lost)
        try:
            return decode_event(value)
        except DecodeError as error:
            raise BadAnswer(f"{self.path}: an event is of another version of Whimbrel: {error}") from error

    async def _read(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            return error.partial
        except asyncio.LimitOverrunError as error:
            raise wire.too_long(self.path) from error


class connect:  # noqa: N801  # it is used like a function
    """Connects to a daemon: ``async with connect() as client``, or ``client = await connect()``.

    `path` is that of the socket, by default ``$WHIMBREL_SOCKET``, else the path of the service. Raises
    `Unreachable`.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._path = wire.socket_path(path)
        self._client: Client | None = None

    def __await__(self) -> Any:
        """Return the client."""
        return self._connect().__await__()

    async def __aenter__(self) -> Client:
        self._client = await self._connect()
        return self._client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()

    async def _connect(self) -> Client:
        try:
            async with asyncio.timeout(wire.CONNECT_TIMEOUT):
                reader, writer = await asyncio.open_unix_connection(str(self._path), limit=wire.MAX_ANSWER)
        except OSError as error:
            raise wire.unreachable(self._path, error) from error
        return Client(self._path, reader, writer)
