"""Reads the frames that the helper copies into shared memory."""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from whimbrel.drivers.helper.slots import (
    COUNTS,
    EMPTY,
    ERROR,
    GIVEN_BACK,
    HURRY,
    MEMORY,
    NUMBER,
    PAGE,
    PATIENCE,
    SPAN,
    behind,
)
from whimbrel.drivers.linux.packet_socket import BLOCK, BLOCK_AGE, BLOCK_HEADER
from whimbrel.drivers.linux.ring import BlockReader
from whimbrel.drivers.ports import Losses

if TYPE_CHECKING:
    from whimbrel.drivers.linux.thinning.order import ThinningCounts, ThinningOrder


class SlotRing(BlockReader):
    """The daemon's side of `whimbrel.drivers.helper.slots`. It owns the descriptors, and watches the connection.

    `closed` is called after it was closed; `thin` has the helper thin the capture.
    """

    paced = True

    def __init__(
        self,
        connection: socket.socket,
        memory: int,
        filled: int,
        freed: int,
        closed: Callable[[], object],
        thin: Callable[[ThinningOrder], ThinningCounts],
    ) -> None:
        self._filled = filled
        self._freed = freed
        self._connection = connection.dup()  # the link may close it meanwhile
        self._closed = False
        self._on_close = closed
        self._thin = thin
        super().__init__(mmap.mmap(memory, MEMORY))
        os.close(memory)
        self._base = self._slot = PAGE
        self._read = 0  # slots that were read, and not given back
        (blocks,) = NUMBER.unpack_from(self._memory, SPAN)
        self.span = blocks * BLOCK_AGE / 1000
        self._losses = Losses(0, 0)
        self._readable = select.epoll()
        self._readable.register(filled, select.EPOLLIN)
        self._readable.register(self._connection, 0)  # only its end

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when slots are filled, or the helper has ended."""
        return self._readable.fileno()

    def error(self) -> str:
        """Return the error of the interface, or that the helper has ended; empty for none."""
        (code,) = NUMBER.unpack_from(self._memory, ERROR)
        if code:
            return os.strerror(code)
        poller = select.poll()
        poller.register(self._connection, 0)
        return "the radio's helper has ended" if poller.poll(0) else ""

    def losses(self) -> Losses:
        """Return the totals since it was opened, also after it was closed."""
        if not self._closed:
            self._losses = Losses(*COUNTS.unpack_from(self._memory))
        return self._losses

    def pace(self, patience: float) -> None:
        """Have the helper let frames wait for up to `patience` seconds."""
        NUMBER.pack_into(self._memory, PATIENCE, min(round(patience * 1000), 0xFFFFFFFF))

    def hurry(self) -> None:
        """Have the helper bring waiting frames at once."""
        self._tell(HURRY + self._read)
        self._read = 0

    def thin(self, order: ThinningOrder) -> ThinningCounts:
        """Have the helper thin. Raises OSError."""
        return self._thin(order)

    def close(self) -> None:
        """Free the memory and close the descriptors. Idempotent."""
        if not self._closed:
            self.losses()
            self._closed = True
            self._readable.close()
            self._connection.close()
            self._memory.close()
            os.close(self._filled)
            os.close(self._freed)
            self._on_close()

    def _waits(self) -> bool:
        if self._base != self._slot:
            return True
        try:
            os.eventfd_read(self._filled)
        except BlockingIOError:
            return False
        return True

    def _release(self) -> None:
        _, count, _, used = BLOCK_HEADER.unpack_from(self._memory, self._base)
        following = behind(self._base, used)
        if count and following + len(EMPTY) <= self._slot + BLOCK:
            _, count, _, _ = BLOCK_HEADER.unpack_from(self._memory, following)
            if count:
                self._base = following
                return
        self._base = self._slot = self._slot + BLOCK if self._slot + BLOCK < MEMORY else PAGE
        self._read += 1
        if self._read == GIVEN_BACK:
            self._tell(self._read)
            self._read = 0

    def _tell(self, value: int) -> None:
        with contextlib.suppress(BlockingIOError):  # it is full of unread calls: the helper has ended
            os.eventfd_write(self._freed, value)
