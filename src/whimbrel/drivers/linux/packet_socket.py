"""A capture socket with a ring of blocks that the kernel fills.

The ring is TPACKET_V3 (Linux, ``Documentation/networking/packet_mmap.rst``): the kernel fills blocks and hands each
over when it is full or old.
"""

from __future__ import annotations

import array
import contextlib
import errno
import mmap
import socket
import struct

BLOCK = 64 * 1024
"""Octets of a block, and thus the limit of a frame: the longest of 802.11, an A-MSDU, has less than 12 KiB."""
BLOCK_AGE = 20
"""Milliseconds after which the kernel hands over a partly filled block: the maximum delay of a frame."""
BATCH = 64
"""Frames taken at one wake-up of the loop; the rest waits for the next iteration."""
HURRY = 0.06
"""Seconds after a change of channel in which frames do not wait; the earlier ones have arrived by then."""
INSTRUCTION = 8
"""Octets of one ``struct sock_filter``."""
BLOCK_HEADER = struct.Struct("=8x4I")
"""Of tpacket_block_desc: status, frames, offset of the first, octets in use."""
USER = 1
"""TP_STATUS_USER: the block is the reader's."""

_SOL_PACKET = 263
_PACKET_RX_RING, _PACKET_STATISTICS, _PACKET_VERSION, _PACKET_IGNORE_OUTGOING = 5, 6, 10, 23
_TPACKET_V3 = 2
_SO_ATTACH_FILTER = 26
_SO_ATTACH_BPF = 50
_ETH_P_ALL = 3
_FRAME_SIZE = 2048  # only has to divide the block; frames of a V3 ring have any size
_STATUS = 8  # offset in a block
_STATISTICS = struct.Struct("=3I")  # packets, drops, freezes


class PacketSocket:
    """An open capture on one interface. The constructor raises the kernel's OSError, EPERM without CAP_NET_RAW.

    `program` is the filter as the kernel's array of ``struct sock_filter``; empty for none. `size` is the memory for
    waiting frames in octets, rounded up to whole blocks.
    """

    def __init__(self, interface: str, program: bytes, size: int) -> None:
        # Protocol 0: nothing is queued before the filter is in place and the socket is bound.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0)
        self.received = 0
        """Frames that passed the filter, until the last call of `count`."""
        self.dropped = 0
        """Frames that found the ring full."""
        self.blocks = max(2, -(-size // BLOCK))
        self.filtered = bool(program)
        """Whether it began with a filter."""
        try:
            if program:
                self._attach(program)
            self._ignore_outgoing()
            self.memory = self._map()
            self._socket.bind((interface, _ETH_P_ALL))
        except BaseException:
            self.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when frames wait, or the interface fails."""
        return self._socket.fileno()

    def error(self) -> int:
        """Return the errno of an error of the interface since the last call; 0 for none."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def count(self) -> None:
        """Bring `received` and `dropped` up to date. Does nothing once it is closed."""
        if self._socket.fileno() >= 0:
            # Reading resets the kernel's counts.
            statistics = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
            if len(statistics) == _STATISTICS.size:
                packets, drops, _ = _STATISTICS.unpack(statistics)
                self.received += packets - drops
                self.dropped += drops

    def release(self, base: int) -> int:
        """Return the block at offset `base` to the kernel; return the offset of the next."""
        struct.pack_into("@I", self.memory, base + _STATUS, 0)
        return (base + BLOCK) % len(self.memory)

    def attach(self, program: int) -> None:
        """Put a loaded eBPF filter, by its descriptor, in the place of the one before. Raises OSError."""
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_BPF, program)

    def close(self) -> None:
        """Close the socket and free its memory. Idempotent."""
        self.count()
        self._socket.close()
        if hasattr(self, "memory"):
            self.memory.close()

    def _attach(self, program: bytes) -> None:
        code = array.array("B", program)
        address, _ = code.buffer_info()
        self._socket.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program) // INSTRUCTION, address)
        )

    def _ignore_outgoing(self) -> None:
        """Leave out this machine's transmissions, which the radio reports once more, with a radiotap header."""
        with contextlib.suppress(OSError):  # kernels before 4.20 have no such option
            self._socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)

    def _map(self) -> mmap.mmap:
        self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
        frames = BLOCK // _FRAME_SIZE * self.blocks
        request = struct.pack("=7I", BLOCK, self.blocks, _FRAME_SIZE, frames, BLOCK_AGE, 0, 0)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_RX_RING, request)
        return mmap.mmap(self._socket.fileno(), BLOCK * self.blocks)


def no_capture(interface: str, error: OSError, size: int) -> str:
    """Return the reason why a capture cannot begin, with advice."""
    advice = {
        errno.EPERM: "capturing needs the capability CAP_NET_RAW: run it as the service or as root, or use setcap",
        errno.EAFNOSUPPORT: "the sandbox of the service must allow AF_PACKET",
        errno.ENOMEM: f"no memory in the kernel for a buffer of {size} octets and this filter: make them smaller",
        errno.ENODEV: "it has just gone",
    }.get(error.errno or 0, "")
    return f"cannot capture on {interface}: {error.strerror}{advice and ': '}{advice}"
