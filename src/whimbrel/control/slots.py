"""The slots for clients of one socket, and their reassignment.

An idle client keeps its slot only while no other client needs it, and so does one that takes its answer slowly. Streams
leave two slots for requests, so they cannot lock out clients that look for the reason. Whoever has most slots gives one
to a user who has fewer, and root and reach have slots that nobody else can take.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

FOR_QUESTIONS = 2
"""Slots that no stream may take, if there are more."""
SLOW = 0.25
"""Seconds that an answer may wait for its client before that client counts as slow."""
WHOLE = 6
"""How many times as long as one piece a whole answer may wait for its client: that contains the turns of others."""
_REACH = "whimbrel-reach"
"""The user of the second process in its unit."""


class ClientSlot:
    """A client's slot."""

    __slots__ = ("_clock", "_waited", "_waits_since", "descriptor", "idle", "since", "streams", "task", "uid")

    def __init__(self, task: asyncio.Task[None], descriptor: int, uid: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.task = task
        self.descriptor = descriptor
        self.uid = uid
        self.streams = False
        """Whether it follows events."""
        self.since = clock()
        """Monotonic time since which it is idle, or answered."""
        self.idle = True
        """Whether it is not answered at present."""
        self._waited = 0.0
        self._waits_since: float | None = None

    @property
    def waited(self) -> float:
        """Seconds that the present answer, or event, has waited for the client."""
        return self._waited + (self._clock() - self._waits_since if self._waits_since is not None else 0.0)

    def begin(self) -> None:
        """Note that an answer, or an event, begins."""
        self.idle, self.since, self._waited = False, self._clock(), 0.0

    def took(self) -> None:
        """Note that the client has taken the whole event, and so is not slow."""
        self._waited = 0.0

    def rest(self) -> None:
        """Note that the client has its answer."""
        self.idle, self.since = True, self._clock()

    async def taken(self, writer: asyncio.StreamWriter, patience: float) -> None:
        """Return when the client has taken enough of what was written.

        Raises TimeoutError where that takes `patience` seconds, or the whole answer has waited `WHOLE` times as long:
        a client that takes a little now and then would else keep its slot for ever.
        """
        self._waits_since = self._clock()
        try:
            async with asyncio.timeout(min(patience, max(WHOLE * patience - self._waited, 0.0))):
                await writer.drain()
        finally:
            self._waited, self._waits_since = self.waited, None


class ClientSlots:
    """At most `limit` clients, and as many of the users `kept`; `clock` returns monotonic seconds."""

    def __init__(
        self, limit: int, clock: Callable[[], float] = time.monotonic, kept: Iterable[int] = frozenset()
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._kept = frozenset(kept)
        self._taken: list[ClientSlot] = []

    def __len__(self) -> int:
        return len(self._taken)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks of all clients."""
        return [slot.task for slot in self._taken]

    def enter(self, task: asyncio.Task[None], descriptor: int, uid: int) -> ClientSlot | None:
        """Give a client of a user a slot: a free one, or that of a client that gives way; None if none does."""
        there = self._among(uid)
        if len(there) >= self._limit and not self._made_room(there, uid):
            return None
        slot = ClientSlot(task, descriptor, uid, self._clock)
        self._taken.append(slot)
        return slot

    def leave(self, slot: ClientSlot) -> None:
        """Free a slot. Idempotent."""
        if slot in self._taken:
            self._taken.remove(slot)

    def hung_up(self) -> list[ClientSlot]:
        """Return the clients that are being answered and have closed both sides; after closing one side, a client still
        listens."""
        poller = select.poll()
        busy = {slot.descriptor: slot for slot in self._taken if not slot.idle and not slot.streams}
        for descriptor in busy:
            poller.register(descriptor, 0)
        return [busy[descriptor] for descriptor, mask in poller.poll(0) if mask & (select.POLLHUP | select.POLLERR)]

    def stream(self, slot: ClientSlot) -> bool:
        """Let a client follow events; return False if too many do, and none gives way."""
        streams = [each for each in self._among(slot.uid) if each.streams]
        if len(streams) >= max(self._limit - FOR_QUESTIONS, 1) and not self._made_room(streams, slot.uid):
            return False
        slot.streams = True
        slot.idle = False
        return True

    def _among(self, uid: int) -> list[ClientSlot]:
        """Return the clients that share their slots with this user."""
        return [slot for slot in self._taken if (slot.uid in self._kept) == (uid in self._kept)]

    def _made_room(self, there: Sequence[ClientSlot], uid: int) -> bool:
        chosen = _gives_way(there, uid)
        if chosen is None:
            return False
        chosen.task.cancel()
        self.leave(chosen)
        return True


def _gives_way(there: Sequence[ClientSlot], uid: int) -> ClientSlot | None:
    """Return the client that makes room for one of this user; None if there is none.

    Of a user who has more than the other would have with it, any client: the one that is idle longest, else the
    slowest, else a stream. Of others, none that takes its answer as it comes.
    """
    counts = Counter(slot.uid for slot in there)
    most, mine = max(counts.values()), counts[uid]
    unfair = most > mine + 1
    crowd = [slot for slot in there if counts[slot.uid] >= (most if unfair else mine)]
    idle = [slot for slot in crowd if slot.idle]
    if idle:
        return min(idle, key=lambda slot: slot.since)
    slowest = max(crowd, key=lambda slot: slot.waited)
    if slowest.waited >= SLOW:
        return slowest
    return min(crowd, key=lambda slot: (not slot.streams, slot.since)) if unfair else None


def user_of(sock: socket.socket) -> int:
    """Return the user at the other end, as it was when the connection was made."""
    try:
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    except (AttributeError, OSError):  # no Linux; or it is gone already
        return os.getuid()
    return int(struct.unpack("3i", credentials)[1])


def kept_users() -> frozenset[int]:
    """Return root and the user of reach, where there is one."""
    import pwd

    try:
        return frozenset({0, pwd.getpwnam(_REACH).pw_uid})
    except KeyError:
        return frozenset({0})
