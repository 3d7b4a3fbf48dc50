"""The memory in which the helper gives frames to the daemon.

The daemon gets no socket: a packet socket could send as well as receive, and the kernel has no way to forbid that to
one socket (docs/architecture.md). It gets the descriptors of a memory and of two counters (eventfd(2)):

- the memory is a page of numbers, followed by `SLOTS` slots. The helper copies whole blocks of the packet socket's
  ring into the slots, in turn. Its size is sealed (memfd_create(2)), so the daemon cannot cut it under the helper;
- the helper counts filled slots in the first counter; reading it takes one;
- the daemon adds the slots that it has read to the second, and wakes the helper with it.

Each counter also orders the accesses to the memory on both sides. Apart from its counter and `PATIENCE`, the helper
reads nothing that the daemon can write.
"""

from __future__ import annotations

import struct

from whimbrel.drivers.linux.packet_socket import BLOCK

SLOTS = 8
"""More frames wait in the kernel, which counts those that it drops."""
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

HURRY = 1 << 32
"""Added to the second counter: frames are to be brought at once."""
