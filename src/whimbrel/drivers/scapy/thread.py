"""A thread that reads a socket that can only block."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from whimbrel.drivers.scapy import capture
from whimbrel.wifi.capture_record import CaptureRecord

ROOM = 4096
"""Limit of frames waiting for the loop; frames beyond it are lost and counted."""
_GLANCE = 0.2
"""Seconds between two checks whether to end."""


class ReadingThread:
    """Reads `socket` and calls `wake` on the loop, once for many frames."""

    def __init__(self, socket: Any, wake: Callable[[], None]) -> None:
        self.lost = 0
        self.error: Exception | None = None
        """The error that ended the reading."""
        self._socket = socket
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[CaptureRecord] = deque()
        self._called = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._read, name="scapy", daemon=True)
        self._thread.start()

    def take(self) -> CaptureRecord | None:
        """Return the next frame; None if none is waiting. Raises the error that ended the reading."""
        self._called = False  # first, so that a frame from now on wakes the loop again
        if self._waiting:
            return self._waiting.popleft()
        if self.error is not None:
            raise self.error
        return None

    async def stop(self) -> None:
        """Return once the thread has ended."""
        self._end.set()
        await asyncio.to_thread(self._thread.join)

    def _read(self) -> None:
        try:
            while not self._end.is_set():
                if not self._socket.select([self._socket], _GLANCE):
                    continue
                record = capture.take(self._socket)
                if record is not None:
                    self._put(record)
        except Exception as error:  # noqa: BLE001  # whoever awaits the source is to have it
            self.error = error
            self._call()

    def _put(self, record: CaptureRecord) -> None:
        if len(self._waiting) >= ROOM:
            self.lost += 1
        else:
            self._waiting.append(record)
        self._call()

    def _call(self) -> None:
        if not self._called and not self._end.is_set():
            self._called = True
            self._loop.call_soon_threadsafe(self._wake)
