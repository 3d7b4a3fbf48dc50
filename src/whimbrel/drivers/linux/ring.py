"""A capture socket with a ring buffer shared between the kernel and this process.

The ring is TPACKET_V3 (Linux, ``Documentation/networking/packet_mmap.rst``): the kernel fills blocks and hands each
over when it is full or old. That saves a system call per frame and most wake-ups, and holds several times more frames
in the same memory than a socket's queue (docs/architecture.md has the figures).
"""

from __future__ import annotations

import array
import contextlib
import mmap
import socket
import struct
from collections.abc import Sequence

from whimbrel.drivers.linux.bpf import Instruction
from whimbrel.drivers.linux.filter import pack
from whimbrel.drivers.ports import Losses
from whimbrel.wifi.capture_record import CaptureRecord

BLOCK = 64 * 1024
"""Octets of a block, and thus the limit of a frame: the longest of 802.11, an A-MSDU, has less than 12 KiB."""
BLOCK_AGE = 20
"""Milliseconds after which the kernel hands over a partly filled block: the maximum delay of a frame."""

_SOL_PACKET = 263
_PACKET_RX_RING, _PACKET_STATISTICS, _PACKET_VERSION, _PACKET_IGNORE_OUTGOING = 5, 6, 10, 23
_TPACKET_V3 = 2
_SO_ATTACH_FILTER = 26
_ETH_P_ALL = 3
_USER = 1  # TP_STATUS_USER: the block is ours
_FRAME_SIZE = 2048  # only has to divide the block; frames of a V3 ring have any size

_BLOCK_HEADER = struct.Struct("=3I")  # of tpacket_block_desc: status, frames, offset of the first
_STATUS = 8  # offset of this header in a block
# tpacket3_hdr: next, seconds, nanoseconds, captured, length, status, offset of the link-layer header
_FRAME_HEADER = struct.Struct("=6IH")
_STATISTICS = struct.Struct("=3I")  # packets, drops, freezes


class PacketRing:
    """An open capture on one interface. The constructor raises the kernel's OSError, EPERM without CAP_NET_RAW.

    `size` is the memory for waiting frames in octets, rounded up to whole blocks.
    """

    def __init__(self, interface: str, program: Sequence[Instruction], size: int) -> None:
        # Protocol 0: nothing is queued before the filter is in place and the socket is bound.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0)
        self._received = 0
        self._dropped = 0
        try:
            if program:
                self._attach(program)
            self._blocks = max(2, -(-size // BLOCK))
            self._ignore_outgoing()
            self._memory = self._map()
            self._socket.bind((interface, _ETH_P_ALL))
        except BaseException:
            self.close()
            raise
        self._base = 0  # offset of the current block
        self._left = 0  # frames left in it
        self._at = 0  # offset of the next frame

    @property
    def span(self) -> float:
        """Seconds that the ring holds at least if frames are few: each `BLOCK_AGE` may use up a block."""
        return self._blocks * BLOCK_AGE / 1000

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when frames wait, or the interface fails."""
        return self._socket.fileno()

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

    def error(self) -> int:
        """Return the errno of an error of the interface since the last call; 0 for none."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def losses(self) -> Losses:
        """Return the totals since the socket was opened, also after it was closed."""
        if self._socket.fileno() >= 0:
            # Reading resets the kernel's counts.
            statistics = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
            if len(statistics) == _STATISTICS.size:
                packets, drops, _ = _STATISTICS.unpack(statistics)
                self._received += packets - drops
                self._dropped += drops
        return Losses(self._received, self._dropped)

    def close(self) -> None:
        """Close the socket and free its memory. Idempotent."""
        if self._socket.fileno() >= 0:
            self.losses()
            self._socket.close()
        if hasattr(self, "_memory"):
            self._memory.close()

    def _attach(self, program: Sequence[Instruction]) -> None:
        code = array.array("B", pack(program))
        address, _ = code.buffer_info()
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), address))

    def _ignore_outgoing(self) -> None:
        """Leave out this machine's transmissions, which the radio reports once more, with a radiotap header."""
        with contextlib.suppress(OSError):  # kernels before 4.20 have no such option
            self._socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)

    def _map(self) -> mmap.mmap:
        self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
        frames = BLOCK // _FRAME_SIZE * self._blocks
        request = struct.pack("=7I", BLOCK, self._blocks, _FRAME_SIZE, frames, BLOCK_AGE, 0, 0)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_RX_RING, request)
        return mmap.mmap(self._socket.fileno(), BLOCK * self._blocks)

    def _next_block(self) -> bool:
        """Start reading the block at `_base` if the kernel has handed it over and it holds frames."""
        while True:
            status, count, first = _BLOCK_HEADER.unpack_from(self._memory, self._base + _STATUS)
            if not status & _USER:
                return False
            if count:
                self._left = count
                self._at = self._base + first
                return True
            self._release()

    def _release(self) -> None:
        """Return the block to the kernel and move to the next."""
        struct.pack_into("@I", self._memory, self._base + _STATUS, 0)
        self._base = (self._base + BLOCK) % len(self._memory)
