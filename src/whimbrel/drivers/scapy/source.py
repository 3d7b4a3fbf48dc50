"""The `FrameSource` with scapy's capture socket."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from whimbrel.drivers.linux.access import OwnAccess
from whimbrel.drivers.ports import Deliver, Losses, RadioGone, next_turn
from whimbrel.drivers.scapy import capture
from whimbrel.drivers.scapy.settings import ScapySettings
from whimbrel.drivers.scapy.thread import ReadingThread
from whimbrel.events.base import Body
from whimbrel.module import NotReady, ignore

if TYPE_CHECKING:
    from whimbrel.drivers.nl80211.tuner import RadioTuner
    from whimbrel.wifi.capture_record import CaptureRecord

BATCH = 64
"""Frames taken in one iteration of the loop; the rest waits for the next."""
_UNNAMED = "set scapy.interface to an interface in monitor mode, or use source: linux, which makes one"


class ScapySource:
    """Captures on the interface of `tuner` if that is set before `open`, else on that of the settings."""

    live = True

    def __init__(self, settings: ScapySettings) -> None:
        self.settings = settings
        self.description = f"{settings.interface or 'no interface'} (scapy)"
        self.on_event: Callable[[Body], object] = ignore
        self.turn: Callable[[], Awaitable[None]] = next_turn
        self.tuner: RadioTuner | None = None
        self.access = OwnAccess()
        self._name = ""
        self._socket: Any = None
        self._link_type = 0
        self._thread: ReadingThread | None = None
        self._end: asyncio.Future[None] | None = None
        self._deliver: Deliver
        self._trouble = ""
        self._received = self._dropped = self._overrun = 0
        self._resting = False  # from a delivery to the loop's next iteration
        self._again = False  # whether more frames may be waiting then

    @staticmethod
    def check(settings: ScapySettings) -> Iterator[tuple[str, str]]:
        """Yield the things that this machine lacks, without importing scapy or checking the interface."""
        if not settings.interface:
            yield "interface", _UNNAMED
        if importlib.util.find_spec("scapy") is None:
            yield "interface", "this source needs scapy: apt install python3-scapy"

    @property
    def wanted(self) -> str:
        """The interface in the settings, for the tuner of its radio."""
        return self.settings.interface or ""

    async def open(self) -> None:
        """Begin to capture; frames wait in the kernel until `run`. Raises `NotReady`."""
        await self.close()
        self._name = self.tuner.interface if self.tuner is not None else self.wanted
        if not self._name:
            raise NotReady(_UNNAMED)
        await asyncio.to_thread(capture.load)
        self._socket = capture.open_socket(self._name, self.settings)
        try:
            self._link_type = capture.link_type_of(self._socket, self._name)
        except BaseException:
            await self.close()
            raise
        self.description = f"{self._name} (scapy's {type(self._socket).__name__})"
        self._trouble = capture.trouble(self._socket)
        self._received = self._dropped = self._overrun = 0

    async def run(self, deliver: Deliver) -> None:
        """Deliver frames until cancelled or closed. Raises `RadioGone` and the errors of `deliver`."""
        if self._socket is None:
            raise RuntimeError(f"{self.description}: run() before open()")
        loop = asyncio.get_running_loop()
        self._deliver = deliver
        self._resting = False
        self._end = loop.create_future()
        if capture.make_nonblocking(self._socket):
            loop.add_reader(self._socket.fileno(), self._wake)
        else:
            self._thread = ReadingThread(self._socket, self._wake)
        try:
            await self._end
        except RadioGone:
            await self.close()
            raise
        finally:
            await self._stop_reading()

    def losses(self) -> Losses:
        """Return the totals since `open`."""
        if self._socket is not None:
            self._dropped = capture.dropped(self._socket, self._dropped)
        lost = self._dropped + self._overrun + (self._thread.lost if self._thread is not None else 0)
        return Losses(self._received + lost, lost)

    async def close(self) -> None:
        """Stop capturing. Idempotent; never raises."""
        await self._stop_reading()
        self.losses()
        found, self._socket = self._socket, None
        if found is not None:
            found.close()
        if self._end is not None and not self._end.done():
            self._end.set_result(None)
        self._end = None

    async def _stop_reading(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.stop()
            self._overrun += thread.lost
        elif self._socket is not None and self._end is not None:
            self._end.get_loop().remove_reader(self._socket.fileno())

    def _take(self) -> CaptureRecord | None:
        return self._thread.take() if self._thread is not None else capture.take(self._socket)

    def _wake(self) -> None:
        end = self._end
        if end is None or end.done():
            return
        if self._resting:
            self._again = True
            return
        try:
            self._take_in(end)
        except Exception as error:  # noqa: BLE001  # whoever awaits run() is to have it, not the loop's handler
            end.set_exception(error)

    def _take_in(self, end: asyncio.Future[None]) -> None:
        """Deliver the waiting frames, up to a batch. Raises `RadioGone` and the errors of `deliver`."""
        records: list[CaptureRecord] = []
        gone = ""
        try:
            while len(records) < BATCH and (record := self._take()) is not None:
                records.append(record)
        except OSError as error:
            gone = error.strerror or str(error)
        if records:
            self._received += len(records)
            self._deliver(self._link_type, records)
            self._resting = True
            # Frames already buffered in a libpcap socket do not make its descriptor readable.
            self._again = len(records) == BATCH
            end.get_loop().call_soon(self._go_on)
        elif not gone and (trouble := capture.trouble(self._socket)) != self._trouble:
            gone = trouble
        if gone:
            raise RadioGone(f"{self.description} is gone: {gone}")

    def _go_on(self) -> None:
        self._resting = False
        if self._again:
            self._wake()
