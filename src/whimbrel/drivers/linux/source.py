"""The `FrameSource` of a monitor interface."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from whimbrel.drivers.linux.access import RadioAccess, radio_access
from whimbrel.drivers.linux.bpf import FilterError, FilterUnavailable
from whimbrel.drivers.linux.filter import RADIOTAP, FrameClass, compile_filter
from whimbrel.drivers.linux.interface import look_up, missing, no_radio
from whimbrel.drivers.linux.packet_socket import BATCH, HURRY
from whimbrel.drivers.linux.ring import CaptureRing
from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.ports import Deliver, Losses, RadioGone, next_turn
from whimbrel.events.base import Body
from whimbrel.events.radio import ClockStepped
from whimbrel.module import NotReady, ignore

if TYPE_CHECKING:
    from whimbrel.drivers.linux.bpf import Instruction
    from whimbrel.drivers.nl80211.tuner import RadioTuner
    from whimbrel.events.thinning import FramesCounted, FramesNeeded

NO_ROOM = 0.01
"""Seconds until the next look while the listeners have no room for frames."""
SHORTEST_PAUSE = 0.03
"""Seconds. A shorter pause between two reads would save less than its timer costs."""
CLOCK_STEP = 1.0
"""Seconds of change of the system clock between two wake-ups beyond which it was set, not adjusted gradually."""


class LinuxSource:
    """Captures on a monitor interface, a `PatientSource`.

    While frames arrive continuously, it reads them by a timer and not whenever the kernel hands over a block: reading
    the blocks of a fifth of a second costs little more than reading one. A frame after silence is read at once.

    The interface is that of `tuner` if it is set before `open`, else that of the settings; else a monitor interface is
    made on the radio of the settings and removed by `close`.
    """

    live = True

    def __init__(self, settings: LinuxSettings, access: RadioAccess | None = None) -> None:
        self.settings = settings
        self.access = access or radio_access()
        self.description = settings.interface or settings.radio or "the first radio"
        self.on_event: Callable[[Body], object] = ignore
        self.turn: Callable[[], Awaitable[None]] = next_turn
        self.tuner: RadioTuner | None = None
        self._maker: RadioTuner | None = None
        self._ring: CaptureRing | None = None
        self._end: asyncio.Future[None] | None = None
        self._losses = Losses(0, 0)
        self._link_type = 0
        self._clock_offset = 0.0
        self._patience = 0.0
        self.has_room: Callable[[], bool] = _always
        """As `PatientSource`."""
        self._deliver: Deliver
        self._listens = False  # whether the loop calls it for each block
        self._next_look: asyncio.Handle | None = None
        self._drained = 0  # frames since the last pause
        self._hurried_until = 0.0

    @staticmethod
    def check(settings: LinuxSettings) -> Iterator[tuple[str, str]]:
        """Yield each setting that cannot work on this machine, with the reason and advice.

        The mode of an interface is not checked, because a tuner changes it.
        """
        if settings.interface:
            if look_up(settings.interface) is None:
                yield "interface", missing(settings.interface)
        elif problem := no_radio(settings.radio):
            yield "radio", problem
        for key, frames, expression in (
            ("frames", settings.frames, ""),
            ("filter", (FrameClass.ALL,), settings.filter),
        ):
            try:
                compile_filter(RADIOTAP, frames, expression)
            except (FilterError, FilterUnavailable) as error:
                yield key, str(error)

    @property
    def patience(self) -> float:
        """Limit of the delay of frames in seconds, as `PatientSource`."""
        return self._patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        if seconds != self._patience:
            self._patience = seconds
            if self._ring is not None:
                self._ring.pace(seconds)

    @property
    def wanted(self) -> str:
        """The interface or the radio in the settings, for its tuner."""
        return self.settings.interface or self.settings.radio or ""

    async def open(self) -> None:
        """Begin to capture; frames wait in the kernel until `run`. Raises `NotReady`."""
        await self.close()
        try:
            name = await self._get_interface()
            self._link_type, description = await self.access.look(name)
            self._ring = await self.access.capture(name, self._program(), self.settings.buffer)
        except BaseException:
            await self.close()
            raise
        self.description = description
        self._ring.pace(self._patience)
        self._losses = Losses(0, 0)
        self._clock_offset = _clock_offset()

    async def run(self, deliver: Deliver) -> None:
        """Deliver frames until cancelled or closed. Raises `RadioGone` and the errors of `deliver`."""
        ring = self._ring
        if ring is None:
            raise RuntimeError(f"{self.description}: run() before open()")
        self._deliver = deliver
        self._end = end = asyncio.get_running_loop().create_future()
        self._listen(ring, on=True)
        try:
            await end
        except RadioGone:
            await self.close()
            raise
        finally:
            # It is closed already if another task called close().
            if ring is self._ring:
                self._stop_looking(ring)

    @property
    def thins(self) -> bool:
        """As `ThinningSource`."""
        return self.settings.thin

    async def thin(self, need: FramesNeeded | None) -> FramesCounted:
        """Have the kernel only count what is not needed, as `ThinningSource`. Raises `NotReady`."""
        from whimbrel.drivers.linux.thinning.counted import thin

        ring = self._ring
        if ring is not None and self._link_type != RADIOTAP:
            raise NotReady("only frames with a radiotap header can be thinned")
        return await thin(lambda: self._ring, need)

    def hurry(self) -> None:
        """Deliver waiting frames, and for a moment also new ones, without delay."""
        loop = asyncio.get_running_loop()
        self._hurried_until = loop.time() + HURRY
        if self._ring is not None and self._patience:
            self._ring.hurry()
        if self._next_look is not None and self._ring is not None:
            self._next_look.cancel()
            self._next_look = loop.call_soon(self._wake, self._ring)

    def losses(self) -> Losses:
        """Return the totals since `open`."""
        if self._ring is not None:
            self._losses = self._ring.losses()
        return self._losses

    async def close(self) -> None:
        """Stop capturing and remove the monitor interface if it was made. Idempotent; never raises."""
        ring, self._ring = self._ring, None
        if ring is not None:
            self._stop_looking(ring)
            ring.close()
            self._losses = ring.losses()
        if self._end is not None and not self._end.done():
            self._end.set_result(None)
        self._end = None
        maker, self._maker = self._maker, None
        if maker is not None:
            await maker.close()

    def _wake(self, ring: CaptureRing) -> None:
        """Deliver the waiting frames, up to a batch, and schedule the next call."""
        end = self._end
        self._next_look = None
        if end is None or end.done():
            return
        offset = _clock_offset()
        if abs(offset - self._clock_offset) > CLOCK_STEP:
            step, self._clock_offset = offset - self._clock_offset, offset
            self.on_event(ClockStepped(delta=step))
        if not self.has_room() and asyncio.get_running_loop().time() >= self._hurried_until:
            self._listen(ring, on=False)
            self._next_look = asyncio.get_running_loop().call_later(NO_ROOM, self._wake, ring)
            return
        try:
            records = ring.take(BATCH)
            if records:
                self._deliver(self._link_type, records)
            elif error := ring.error():
                end.set_exception(RadioGone(f"{self.description} is gone: {error}"))
        except Exception as error:  # noqa: BLE001  # whoever awaits run() is to have it, not the loop's handler
            end.set_exception(error)
        if not end.done():
            self._look_again(ring, len(records))

    def _look_again(self, ring: CaptureRing, taken: int) -> None:
        """Schedule `_wake`: in the next iteration if there may be more frames, after a pause, or by the descriptor."""
        loop = asyncio.get_running_loop()
        self._drained += taken
        if taken == BATCH:
            if ring.paced:
                # Its descriptor is readable for each block once, not while frames of it are left.
                self._listen(ring, on=False)
            if not self._listens:
                self._next_look = loop.call_soon(self._wake, ring)
            return
        drained, self._drained = self._drained, 0
        pause = 0.0
        if drained and self._patience and not ring.paced and loop.time() >= self._hurried_until:
            # With more than a batch waiting, a pause saves nothing and fills the ring.
            pause = min(self._patience, ring.span / 2) * min(1.0, BATCH / drained)
        self._listen(ring, on=pause < SHORTEST_PAUSE)
        if not self._listens:
            self._next_look = loop.call_later(pause, self._wake, ring)

    def _listen(self, ring: CaptureRing, *, on: bool) -> None:
        if on and not self._listens:
            asyncio.get_running_loop().add_reader(ring.fileno(), self._wake, ring)
        elif self._listens and not on:
            asyncio.get_running_loop().remove_reader(ring.fileno())
        self._listens = on

    def _stop_looking(self, ring: CaptureRing) -> None:
        """Cancel the calls of `_wake`."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        if self._end is not None:
            self._listen(ring, on=False)

    async def _get_interface(self) -> str:
        if self.tuner is not None:
            return self.tuner.interface
        if self.settings.interface:
            return self.settings.interface
        from whimbrel.drivers.nl80211.tuner import RadioTuner

        self._maker = RadioTuner(self.access.control(self.settings.radio or ""))
        await self._maker.open()
        return self._maker.interface

    def _program(self) -> list[Instruction]:
        settings = self.settings
        try:
            return compile_filter(self._link_type, settings.frames, settings.filter)
        except (FilterError, FilterUnavailable) as error:
            raise NotReady(f"frames cannot be filtered: {error}") from error


def _always() -> bool:
    return True


def _clock_offset() -> float:
    """Return the difference between the system clock and one that is never set and includes suspended time."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
