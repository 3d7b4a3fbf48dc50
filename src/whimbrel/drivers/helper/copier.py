"""Copies blocks with frames from the kernel's ring into memory that the daemon reads. It reads no frame."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import select
import threading
import time
from typing import TYPE_CHECKING

from whimbrel.drivers.helper.slots import (
    COUNTS,
    EMPTY,
    ERROR,
    HURRY,
    MEMORY,
    NUMBER,
    PAGE,
    PATIENCE,
    SLOTS,
    SPAN,
    behind,
)
from whimbrel.drivers.linux.packet_socket import BATCH, BLOCK, BLOCK_AGE, BLOCK_HEADER, USER, PacketSocket

if TYPE_CHECKING:
    from whimbrel.drivers.linux.thinning.attached import SocketThinning
    from whimbrel.drivers.linux.thinning.order import ThinningCounts, ThinningOrder

_PATIENCE_MAX = 500  # ms
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
_HURRY = (BLOCK_AGE + 5) / 1000
"""Seconds after a call to hurry in which the kernel has handed over every frame from before it."""


class Copier:
    """Serves one capture on a thread, from `start` to `close`. It owns `packet`."""

    def __init__(self, packet: PacketSocket) -> None:
        self._packet = packet
        self._thinning: SocketThinning | None = None
        self._memory_file = os.memfd_create("whimbrel-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self._memory_file, MEMORY)
        fcntl.fcntl(self._memory_file, fcntl.F_ADD_SEALS, _SEALS)
        self._memory = mmap.mmap(self._memory_file, MEMORY)
        self._filled = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self._freed = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._stop = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._stopped = False
        self._room = SLOTS
        self._from = 0  # offset of the next block in the kernel's ring
        self._to = PAGE  # offset of the next slot
        self._failed = False
        self._hurried_until = 0.0
        """Monotonic seconds at which frames are brought once more for a call to hurry."""
        self._brought = 0.0  # monotonic seconds at which blocks were copied last
        self._resume = 0.0  # monotonic seconds before which no block is copied
        NUMBER.pack_into(self._memory, SPAN, packet.blocks)
        self._thread = threading.Thread(target=self._run, name="copier", daemon=True)

    @property
    def descriptors(self) -> tuple[int, int, int]:
        """The descriptors for the daemon: memory, filled slots, read slots."""
        return self._memory_file, self._filled, self._freed

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def thin(self, order: ThinningOrder) -> ThinningCounts:
        """Thin the capture by `order` from now on; return what was counted. Raises OSError and `BadObject`."""
        if self._thinning is None:
            from whimbrel.drivers.linux.thinning.attached import SocketThinning

            self._thinning = SocketThinning(self._packet)
        return self._thinning.follow(order)

    def close(self) -> None:
        """End the capture. Raises RuntimeError if the thread does not end: then the process has to."""
        self._stopped = True
        os.eventfd_write(self._stop, 1)
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
            if self._thread.is_alive():
                # The other side of its counters can make it wait; while it does, nothing can be freed.
                raise RuntimeError("the copying thread does not end")
        self._packet.close()
        if self._thinning is not None:
            self._thinning.close()
        self._memory.close()
        for descriptor in (*self.descriptors, self._stop):
            os.close(descriptor)

    def _run(self) -> None:
        poller = select.poll()
        poller.register(self._stop, select.POLLIN)
        poller.register(self._freed, select.POLLIN)
        listens = False
        while not self._stopped:
            pause = self._resume - time.monotonic()
            listen = self._room > 0 and pause <= 0 and not self._failed
            if listen and not listens:
                poller.register(self._packet, select.POLLIN)
            elif listens and not listen:
                poller.unregister(self._packet)
            listens = listen
            ready = poller.poll(pause * 1000 if pause > 0 else None)
            if any(descriptor == self._freed for descriptor, _ in ready):
                self._take_back()
            now = time.monotonic()
            if now >= self._resume and self._room and not self._failed and not self._stopped:
                self._bring(now)

    def _take_back(self) -> None:
        """Take back the slots that were read, and calls to hurry. Any value of the counter is harmless."""
        try:
            value = os.eventfd_read(self._freed)
        except BlockingIOError:
            return
        self._room = min(SLOTS, self._room + (value & (HURRY - 1)))
        if value >= HURRY:
            now = time.monotonic()
            # What waits is brought at once. Before and behind a change of channel there is a call each, so what follows
            # one is brought together with what follows the next, but never much later.
            waits = now < self._hurried_until
            self._resume = min(now, self._brought + _HURRY) + _HURRY if waits else 0.0
            self._hurried_until = now + _HURRY

    def _bring(self, now: float) -> None:
        """Copy the waiting blocks, and find out if the interface has failed."""
        self._brought = now
        # First, so that the daemon never has more frames than were counted.
        self._packet.count()
        COUNTS.pack_into(self._memory, 0, self._packet.received & 0xFFFFFFFF, self._packet.dropped & 0xFFFFFFFF)
        if frames := self._copy():
            self._pause(now, frames)
        elif code := self._packet.error():
            self._failed = True
            NUMBER.pack_into(self._memory, ERROR, code)
            self._memory[self._to : self._to + len(EMPTY)] = EMPTY
            self._fill()

    def _copy(self) -> int:
        """Copy blocks while there are any, and room for them; return the number of their frames."""
        frames = 0
        at = self._to
        with memoryview(self._packet.memory) as source, memoryview(self._memory) as target:
            while self._room:
                status, count, _, used = BLOCK_HEADER.unpack_from(source, self._from)
                if not status & USER:
                    break
                if count:
                    length = min(used, BLOCK)
                    if at + length > self._to + BLOCK:
                        self._close(target, at)
                        at = self._to
                        continue
                    target[at : at + length] = source[self._from : self._from + length]
                    at = behind(at, length)
                    frames += count
                self._from = self._packet.release(self._from)
            if at > self._to:
                self._close(target, at)
        return frames

    def _close(self, target: memoryview, at: int) -> None:
        """Hand the present slot over, whose blocks end at `at`."""
        if at + len(EMPTY) <= self._to + BLOCK:
            target[at : at + len(EMPTY)] = EMPTY
        self._fill()

    def _fill(self) -> None:
        self._room -= 1
        self._to = self._to + BLOCK if self._to + BLOCK < MEMORY else PAGE
        with contextlib.suppress(BlockingIOError):  # the daemon itself has filled its counter up
            os.eventfd_write(self._filled, 1)

    def _pause(self, now: float, frames: int) -> None:
        """Let further frames wait if the daemon wants that, but not more than the kernel's ring holds."""
        (wanted,) = NUMBER.unpack_from(self._memory, PATIENCE)
        if now < self._hurried_until:
            self._resume = self._hurried_until if wanted else 0.0
        elif wanted:
            longest = self._packet.blocks * BLOCK_AGE / 2
            self._resume = now + min(wanted, _PATIENCE_MAX, longest) / 1000 * min(1.0, BATCH / frames)
