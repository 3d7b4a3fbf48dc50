"""The memory in which the helper gives frames to the daemon.

The daemon gets no socket: a packet socket could send as well as receive, and the kernel has no way to forbid that to
one socket (docs/architecture.md). It gets the descriptors of a memory and of two counters (eventfd(2)):

- the memory is a page of numbers, followed by `SLOTS` slots. The helper copies the blocks of the packet socket's ring
  into the slots, in turn: as many as fit, one behind the other, each at a multiple of `ALIGNMENT`, and behind the last
  one the header of an empty block where there is room for that. The memory's size is sealed (memfd_create(2)), so the
  daemon cannot cut it under the helper;
- the helper counts filled slots in the first counter; reading it takes one;
- the daemon adds the slots that it has read to the second, `GIVEN_BACK` at a time, since that wakes the helper.

Each counter also orders the accesses to the memory on both sides. Apart from its counter and `PATIENCE`, the helper
reads nothing that the daemon can write.
"""

from __future__ import annotations

import struct

from whimbrel.drivers.linux.packet_socket import BLOCK, BLOCK_HEADER

SLOTS = 8
"""More frames wait in the kernel, which counts those that it drops."""
GIVEN_BACK = SLOTS // 2
"""Read slots that the daemon gives back at once."""
ALIGNMENT = 8
"""Of the blocks in a slot, as in the kernel's ring."""
PAGE = 4096
MEMORY = PAGE + SLOTS * BLOCK

COUNTS = struct.Struct("=II")
"""At the start: frames received and dropped by the kernel, modulo 2**32."""
ERROR = 8
"""Offset of the errno of the interface; 0 for none. It comes with an empty slot."""
SPAN = 12
"""Offset of the number of blocks in the kernel's ring."""
PATIENCE = 16
"""Offset of the milliseconds for which the daemon lets frames wait."""
NUMBER = struct.Struct("=I")

EMPTY = bytes(BLOCK_HEADER.size)
"""The header of a block without frames."""

HURRY = 1 << 32
"""Added to the second counter: frames are to be brought at once."""


def behind(at: int, used: int) -> int:
    """Return the offset of the next block, behind the one at `at` of which so many octets are in use."""
    return at + (used + ALIGNMENT - 1 & -ALIGNMENT)
