"""Reads frames from blocks of memory that are shared with the kernel.

That saves a system call per frame and most wake-ups, and holds several times more frames in the same memory than a
socket's queue (docs/architecture.md has the figures).
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from whimbrel.drivers.linux.bpf import Instruction
from whimbrel.drivers.linux.filter import pack
from whimbrel.drivers.linux.packet_socket import BLOCK_AGE, BLOCK_HEADER, USER, PacketSocket
from whimbrel.drivers.ports import Losses
from whimbrel.wifi.capture_record import CaptureRecord

if TYPE_CHECKING:
    from whimbrel.drivers.linux.thinning.attached import SocketThinning
    from whimbrel.drivers.linux.thinning.order import ThinningCounts, ThinningOrder

# tpacket3_hdr: next, seconds, nanoseconds, captured, length, status, offset of the link-layer header
_FRAME_HEADER = struct.Struct("=6IH")


class CaptureRing(Protocol):
    """Frames that wait in memory for this process."""

    paced: bool
    """Whether its other side delays frames by itself, as `pace` asks for."""

    @property
    def span(self) -> float:
        """Seconds that the ring holds at least if frames are few: each `BLOCK_AGE` may use up a block."""

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when blocks with frames wait, or the interface fails."""

    def take(self, limit: int) -> list[CaptureRecord]:
        """Return the waiting frames, at most `limit`, without blocking."""

    def error(self) -> str:
        """Return the reason why there are no more frames; empty if there is none."""

    def losses(self) -> Losses:
        """Return the totals since it was opened, also after it was closed."""

    def pace(self, patience: float) -> None:
        """Let frames wait for up to `patience` seconds from now on."""

    def hurry(self) -> None:
        """Have waiting frames brought, and for a moment also new ones, without delay."""

    def thin(self, order: ThinningOrder) -> ThinningCounts:
        """Thin in the kernel by `order` from now on, and return what was counted since the last call. Blocks, the first
        time for long. Raises OSError and `BadObject`."""

    def close(self) -> None:
        """Free its resources. Idempotent."""


class BlockReader:
    """Reads the frames of one block after the other. A subclass tells whether one waits, and gives each back."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self._base = 0  # offset of the current block
        self._left = 0  # frames left in it
        self._at = 0  # offset of the next frame

    def take(self, limit: int) -> list[CaptureRecord]:
        """Return the waiting frames, at most `limit`, without blocking."""
        memory = self._memory
        unpack = _FRAME_HEADER.unpack_from
        records: list[CaptureRecord] = []
        while limit:
            if not self._left and not self._next_block():
                break
            at = self._at
            count = min(self._left, limit)
            for _ in range(count):
                step, seconds, nanoseconds, captured, length, _, header = unpack(memory, at)
                start = at + header
                records.append((seconds + nanoseconds / 1_000_000_000, memory[start : start + captured], length))
                at += step
            self._at = at
            self._left -= count
            limit -= count
            if not self._left:
                self._release()
        return records

    def _next_block(self) -> bool:
        """Start reading the next block that holds frames; return whether there is one."""
        while self._waits():
            _, count, first, _ = BLOCK_HEADER.unpack_from(self._memory, self._base)
            if count:
                self._left = count
                self._at = self._base + first
                return True
            self._release()
        return False

    def _waits(self) -> bool:
        """Return whether the block at `_base` may be read. Called once for each block."""
        raise NotImplementedError

    def _release(self) -> None:
        """Give the current block back and move to the next."""
        raise NotImplementedError


class PacketRing(BlockReader):
    """A capture by this process itself, as `PacketSocket`."""

    paced = False

    def __init__(self, interface: str, program: Sequence[Instruction], size: int) -> None:
        self._socket = PacketSocket(interface, pack(program), size)
        self._thinning: SocketThinning | None = None
        super().__init__(self._socket.memory)

    @property
    def span(self) -> float:
        """Seconds that the ring holds at least if frames are few: each `BLOCK_AGE` may use up a block."""
        return self._socket.blocks * BLOCK_AGE / 1000

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def error(self) -> str:
        """Return the error of the interface since the last call; empty for none."""
        code = self._socket.error()
        return os.strerror(code) if code else ""

    def losses(self) -> Losses:
        """Return the totals since it was opened, also after it was closed."""
        self._socket.count()
        return Losses(self._socket.received, self._socket.dropped)

    def pace(self, patience: float) -> None:
        """Do nothing: whoever reads it decides when to."""

    def hurry(self) -> None:
        """Do nothing: the kernel holds nothing back but the block that it fills."""

    def thin(self, order: ThinningOrder) -> ThinningCounts:
        """Thin in the kernel. Raises OSError and `BadObject`."""
        if self._thinning is None:
            from whimbrel.drivers.linux.thinning.attached import SocketThinning

            self._thinning = SocketThinning(self._socket)
        return self._thinning.follow(order)

    def close(self) -> None:
        """Close the socket and free its memory. Idempotent."""
        self._socket.close()
        if self._thinning is not None:
            self._thinning.close()

    def _waits(self) -> bool:
        return bool(BLOCK_HEADER.unpack_from(self._memory, self._base)[0] & USER)

    def _release(self) -> None:
        self._base = self._socket.release(self._base)
