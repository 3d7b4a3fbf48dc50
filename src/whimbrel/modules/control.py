"""Control: the Unix socket for requests and event streams of the command line and other programs."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from whimbrel.bus import Closed, Lagged, Subscription
from whimbrel.control import DEFAULT_SOCKET, socket_file
from whimbrel.control.following import interest_of, named_kinds, stream_line, unanswered, written_slowly
from whimbrel.control.protocol import (
    MAX_LINE,
    ProtocolError,
    Request,
    answer,
    answer_ends,
    parse_request,
    refusal,
)
from whimbrel.control.slots import ClientSlot, ClientSlots, kept_users, user_of
from whimbrel.events.base import KINDS, Event, Level
from whimbrel.events.encode import encode
from whimbrel.events.interest import is_bulky, level_of_body
from whimbrel.events.pieces import pieces
from whimbrel.module import Context, Module, NotReady, Stage, VerbError
from whimbrel.precedence import people
from whimbrel.settings import Duration, frozen, setting, validates
from whimbrel.verbs.daemon import HELP, TAIL, Following, Help

_HIGH_WATER = 16384
"""Octets that wait in the process for one client before the pause that its queue is for."""
_BULKY_QUEUE = 32
"""Limit of waiting events for one client if some of them are large."""
_SHARED = 4
"""Large events that are kept as they are written, for those who come to them a little later."""
_SWEEP = 1.0
"""Seconds between two looks for clients that have hung up without waiting for their answer."""
_FIRST_QUESTION = 0.05
"""Seconds for which a new client has precedence over frames before it has asked anything."""
_FAREWELL = 1.0
"""Seconds for the last lines to a client: to one that is disconnected, to all at a stop."""


@frozen
class ControlSettings:
    """The control socket (docs/control.md)."""

    socket: Path = setting(Path(DEFAULT_SOCKET), help="Path of the Unix socket.")
    group: str | None = setting(None, help="Group that may use it; null: the group that the daemon runs as.")
    mode: str = setting(
        "0660", help="Permissions of the socket, in octal and in quotes. Write permission allows connecting."
    )
    look: bool = setting(
        True,
        help="Whether there is a second socket beside it, with -look in its name, for those who may look and change "
        "nothing.",
    )
    look_group: str | None = setting(
        "whimbrel-look",
        help="Group that may use the second one; where it is not there, or the daemon is not in it, as group.",
    )
    look_mode: str = setting("0660", help="Permissions of the second socket, as mode.")
    clients: int = setting(
        8,
        low=1,
        high=1000,
        help="Clients of each socket at a time, and as many of root and reach. One more takes the slot of the client "
        "that has been idle longest, or takes its answer slowest, first of a user who has more; else it is turned away "
        "with the reason. Two slots are for questions, not for following events.",
    )
    queue: int = setting(
        512,
        low=1,
        high=100_000,
        help="Limit of waiting events for one client; further ones are lost for it, and counted.",
    )
    patience: Duration = setting(
        Duration(10.0),
        low=0.01,
        help="A client that takes nothing of an answer or event for this long is disconnected, and one that keeps it "
        "waiting for six times as long in all.",
    )

    @validates("mode")
    def _check_mode(self, mode: str) -> None:
        _check_permissions("mode", mode)

    @validates("look_mode")
    def _check_look_mode(self, mode: str) -> None:
        _check_permissions("look_mode", mode)


def _check_permissions(name: str, mode: str) -> None:
    if not mode or not set(mode) <= set("01234567") or int(mode, 8) > 0o777:
        raise ValueError(f'{name}: expected permissions in octal such as "0660", found {mode!r}')


class Control(Module[ControlSettings]):
    """Answers the verbs that modules serve, and streams events. A client can slow down only itself.

    Beside the socket is a second one, whose clients can only look (`whimbrel.verbs.declare.Query`).
    """

    Settings = ControlSettings
    stage: ClassVar[Stage] = Stage.SINK

    def __init__(self, ctx: Context[ControlSettings]) -> None:
        super().__init__(ctx)
        kept = kept_users()
        self._full = ClientSlots(self.settings.clients, kept=kept)
        self._looking = ClientSlots(self.settings.clients, kept=kept)
        self._shared: dict[int, asyncio.Task[list[bytes]]] = {}  # large events that are being written, by `seq`

    async def run(self) -> None:
        """Serve until asked to stop. Raises `NotReady` if the socket cannot be created."""
        settings = self.settings
        async with contextlib.AsyncExitStack() as open_:
            servers = [await self._serve(open_, settings.socket, settings.mode, settings.group, self._full)]
            if settings.look:
                with contextlib.suppress(NotReady):  # already told
                    servers.append(await self._serve_lookers(open_))
            self.ctx.serve(HELP, self._help)
            self.ctx.serve(TAIL, self._tail_alone)
            self.ctx.ready()
            sweeping = asyncio.create_task(self._sweep())
            open_.callback(sweeping.cancel)
            await self.ctx.stopping.wait()
            for server in servers:
                server.close()
            await self._dismiss()

    async def _serve(
        self, open_: contextlib.AsyncExitStack, path: Path, mode: str, group: str | None, slots: ClientSlots
    ) -> asyncio.Server:
        """Serve the clients of one socket until `open_` is closed. Raises `NotReady`."""
        sock = socket_file.listen(path, int(mode, 8), group)
        open_.callback(socket_file.remove, path, socket_file.identify(path))
        open_.callback(lambda: [task.cancel() for task in slots.tasks])
        open_.callback(sock.close)
        loop = asyncio.get_running_loop()

        def connected() -> asyncio.StreamReaderProtocol:
            reader = asyncio.StreamReader(limit=MAX_LINE, loop=loop)
            people().expect(reader, _FIRST_QUESTION)
            return asyncio.StreamReaderProtocol(reader, functools.partial(self._welcome, slots), loop=loop)

        server = await loop.create_unix_server(connected, sock=sock)
        open_.callback(server.close)
        return server

    async def _serve_lookers(self, open_: contextlib.AsyncExitStack) -> asyncio.Server:
        """Serve those who can only look. Raises `NotReady` after a warning."""
        settings = self.settings
        path = socket_file.look_path(settings.socket)
        try:
            try:
                return await self._serve(open_, path, settings.look_mode, settings.look_group, self._looking)
            except NotReady:
                # Stricter, not laxer: those who have the other group can use the first socket too.
                return await self._serve(open_, path, settings.look_mode, settings.group, self._looking)
        except NotReady as error:
            self.ctx.warn("look", f"nobody can only look: {error}")
            raise

    async def _sweep(self) -> None:
        """Take the slots of clients that have hung up while they were being answered."""
        while True:
            await asyncio.sleep(_SWEEP)
            for slots in (self._full, self._looking):
                for slot in slots.hung_up():
                    slot.task.cancel()
                    slots.leave(slot)

    async def _dismiss(self) -> None:
        """End streams after their waiting events, then disconnect all other clients."""
        tasks = [*self._full.tasks, *self._looking.tasks]
        streams = [task for task in tasks if task.get_name() == "stream"]
        if streams:
            await asyncio.wait(streams, timeout=_FAREWELL)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _welcome(self, slots: ClientSlots, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        sock = writer.get_extra_info("socket")
        slot = None if self.ctx.stopping.is_set() else slots.enter(task, sock.fileno(), user_of(sock))
        if slot is None:
            writer.write(refusal(f"there are {len(slots)} clients already, and all are busy (control.clients)"))
            await _part(writer)
            return
        try:
            writer.transport.set_write_buffer_limits(high=_HIGH_WATER)
            await self._converse(reader, writer, slots, slot)
        except (ConnectionError, TimeoutError):
            pass  # the client is gone
        except asyncio.CancelledError:
            # A stop, or somebody else's turn; asyncio of Python 3.11 would call it an error in the log. Nothing is
            # said: a line that nobody has asked for would be taken for the answer to the next question.
            pass
        finally:
            people().release(reader)
            slots.leave(slot)
            await _part(writer)

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slots: ClientSlots, slot: ClientSlot
    ) -> None:
        while line := await _read_line(reader, writer, self.settings.patience):
            if not line.strip():
                continue
            slot.begin()
            people().release(reader)
            try:
                request = parse_request(line)
                if request.verb == TAIL.name:
                    sub, level = self._subscribe(request)
                    self._allow_stream(slots, slot, sub, request)
                    first = self._newest(request)  # in the same step: nothing is published between the two
                    await self._stream(reader, writer, slot, sub, level, first, request.id)
                    return
                if slots is self._looking:
                    self._check_look(request)
                with people().claim():
                    await self._answer(writer, slot, await self._ask(request), request.id)
            except ProtocolError as error:
                writer.write(refusal(str(error), error.id))
            await slot.taken(writer, self.settings.patience)
            slot.rest()

    def _allow_stream(self, slots: ClientSlots, slot: ClientSlot, sub: Subscription, request: Request) -> None:
        """Raises `ProtocolError` where too many follow events."""
        if not slots.stream(slot):
            sub.close()
            raise ProtocolError("too many clients follow events already (control.clients)", request.id)

    def _check_look(self, request: Request) -> None:
        """Raises `ProtocolError` for a verb that changes something; one that is none is told of to everybody."""
        verbs = self.ctx.verbs
        if verbs.find(request.verb) is not None and not verbs.only_looks(request.verb):
            raise ProtocolError(f"{request.verb}: on this socket one can only look; ask the other", request.id)

    async def _answer(self, writer: asyncio.StreamWriter, slot: ClientSlot, result: object, id_: Any) -> None:
        """Write the answer to a request: what is short at once, the rest piece by piece, as the client takes it."""
        waiting, end = answer_ends(id_)
        for number, piece in enumerate(pieces(result)):
            if number:
                writer.write(waiting)
                waiting = b""
                await slot.taken(writer, self.settings.patience)
                await asyncio.sleep(0)
            waiting += piece.encode("ascii")
        writer.write(waiting + end)

    async def _ask(self, request: Request) -> Any:
        """Return the answer to a request. Raises `ProtocolError`."""
        try:
            verb = self.ctx.verbs.find(request.verb)
            if verb is None:
                raise VerbError(unanswered(request.verb, self.ctx.verbs.summaries()))  # noqa: TRY301  # may fail itself
            return await verb(request.args)
        except VerbError as error:
            raise ProtocolError(str(error), request.id) from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ProtocolError(f"{request.verb} failed: it was given up", request.id) from error
        except BaseException as error:  # another module's error, sys.exit included, must not end this one
            raise ProtocolError(f"{request.verb} failed: {type(error).__name__}: {error}", request.id) from error

    async def _help(self, _args: dict[str, Any]) -> Help:
        return Help(verbs=self.ctx.verbs.summaries())

    async def _tail_alone(self, _args: dict[str, Any]) -> Following:
        raise VerbError("tail belongs to a connection and cannot be called through another verb")

    def _subscribe(self, request: Request) -> tuple[Subscription, Level]:
        """Subscribe to the kinds and level of a `tail` request. Raises `ProtocolError`."""
        kinds = named_kinds(request, "kinds")
        level = request.args.get("level", "debug")
        if not isinstance(level, str) or level.upper() not in Level.__members__:
            expected = ", ".join(name.lower() for name in Level.__members__)
            raise ProtocolError(f'"level": expected one of {expected}', request.id)
        wanted = interest_of(kinds, Level[level.upper()])
        # Large ones would be much memory for a client that does not read.
        bulky = any(is_bulky(KINDS[kind]) for kind in kinds)
        capacity = min(self.settings.queue, _BULKY_QUEUE) if bulky else self.settings.queue
        return self.ctx.subscribe(wanted, capacity=capacity), Level[level.upper()]

    def _newest(self, request: Request) -> list[Event]:
        """Return the newest event of each kind in ``latest`` of a `tail` request, of each module that sent one. Raises
        `ProtocolError`."""
        kinds = named_kinds(request, "latest")
        return sorted(event for kind in kinds for event in self.ctx.latest_of_each(KINDS[kind]))

    async def _stream(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        slot: ClientSlot,
        sub: Subscription,
        level: Level,
        first: list[Event],
        id_: Any,
    ) -> None:
        """Send events, first `first`, then those of `sub`, until the client leaves, is disconnected, or the bus is
        closed."""
        gone = asyncio.create_task(_until_gone(reader))
        gone.add_done_callback(lambda _: sub.close())
        task = asyncio.current_task()
        assert task is not None
        task.set_name("stream")
        try:
            writer.write(answer(encode(Following(following=True)), id_))
            for event in first:
                await self._write(writer, slot, event)
            async for item in sub:
                if gone.done():
                    return
                if not isinstance(item, Lagged) and level_of_body(item.body) > level:
                    continue
                await self._write(writer, slot, item)
        except TimeoutError:
            writer.write(refusal("too slow: nothing was taken for too long (control.patience)", id_))
        except Closed:
            pass
        finally:
            sub.close()
            gone.cancel()

    async def _write(self, writer: asyncio.StreamWriter, slot: ClientSlot, item: Event | Lagged) -> None:
        """Write the line of an event as the client takes it. Raises TimeoutError."""
        slot.begin()
        for part in await self._lines(item):
            writer.write(part)
            await slot.taken(writer, self.settings.patience)
        slot.took()

    async def _lines(self, item: Event | Lagged) -> Iterable[bytes]:
        """Return the line of an event; a large one is written in pieces, and once for all who follow it."""
        if isinstance(item, Lagged) or not is_bulky(type(item.body)):
            return (stream_line(item),)
        task = self._shared.get(item.seq)
        if task is None:
            task = self._shared[item.seq] = asyncio.create_task(written_slowly(item))
            while len(self._shared) > _SHARED:
                del self._shared[next(iter(self._shared))]
        return await asyncio.shield(task)


async def _read_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float) -> bytes:
    """Return the next line, nothing at the end or where the client sends no lines.

    Raises TimeoutError for a line that is begun and not ended within `patience` seconds.
    """
    begun = b""
    await asyncio.sleep(0)  # lines that are there already are read without waiting: others have their turn before each
    try:
        begun = await reader.readexactly(1)
        if begun == b"\n":
            return begun
        async with asyncio.timeout(patience):
            return begun + await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return begun + error.partial
    except asyncio.LimitOverrunError:
        writer.write(refusal(f"a request is at most {MAX_LINE} octets long"))
        return b""


async def _until_gone(reader: asyncio.StreamReader) -> None:
    """Return once the client has closed its side; its input meanwhile is ignored."""
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
