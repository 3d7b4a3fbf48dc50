"""Has a tuner visit the channels of a plan, and answers the events that ask to stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from whimbrel.bus import Lagged
from whimbrel.drivers.ports import TuneError, Tuner
from whimbrel.events.air import AccessPointFound, NetworkProbed, StationFound
from whimbrel.events.radio import CampOn, HoppingChanged, LockChannel, Tuned, TuneFailed, UnlockChannel
from whimbrel.module import Context
from whimbrel.tuning.hopper import Hop, Hopper
from whimbrel.tuning.plan import Plan
from whimbrel.tuning.verify import Mismatch, Verifier
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.frames import Frame

_LONG_STAY = 5.0
"""Seconds between two looks at the evidence while the radio stays where it is."""
_PAUSE_MAX = 5.0
"""Seconds: the longest pause after a channel could not be set; doubles from the shortest with each in a row."""
_PAUSE_MIN = 0.05


class Conductor:
    """The hopping of one radio. `clock` gives monotonic seconds."""

    def __init__(self, ctx: Context[Any], tuner: Tuner, plan: Plan, clock: Callable[[], float]) -> None:
        self.tuner = tuner
        self.freq = 0
        """MHz that the radio was last sent to; 0 before the first time."""
        self.busy = asyncio.Lock()
        """Held while the radio is being told something: one at a time."""
        self._ctx = ctx
        self._clock = clock
        self._plan = plan
        self._hopper = Hopper(plan)
        self._verifier = Verifier()
        self._poke = asyncio.Event()
        self._mode = ""
        self._reason = ""
        self._channel: Channel | None = None
        self._failures = 0

    @property
    def cycle(self) -> float:
        """Seconds within which every channel is visited."""
        return self._hopper.bound

    @property
    def freqs(self) -> tuple[int, ...]:
        """Centre frequencies in MHz of the channels that are visited, in order."""
        return tuple(channel.freq for channel in self._hopper.channels)

    def heard(self, frames: Sequence[Frame]) -> None:
        """Take the frequencies of `frames` as evidence of where the radio really is."""
        if not self._verifier.confirmed:
            self._verifier.heard([frame.freq for frame in frames], self._clock())

    async def run(self) -> None:
        """Visit channels until cancelled."""
        for channel, reason in self._plan.dropped:
            self._ctx.publish(TuneFailed(channel=channel, reason=reason, dropped=True))
        while True:
            self._poke.clear()
            hop = self._hopper.next(self._clock())
            self._tell_mode()
            if hop is None:
                self._ctx.warn(
                    "plan", "no channel is left to listen on: see hop.bands and hop.channels, and 'iw reg get'"
                )
                await self._poke.wait()
                continue
            self._ctx.clear("plan")
            if await self._go(hop):
                await self._stay(hop)
            else:
                pause = min(_PAUSE_MIN * 2.0 ** min(self._failures, 16), _PAUSE_MAX)
                await self._until_poked(pause)

    async def listen(self) -> None:
        """Take commands, and note where new things appear, until the subscription ends."""
        heard = self._ctx.subscribe(LockChannel, UnlockChannel, CampOn, AccessPointFound, StationFound, NetworkProbed)
        async for event in heard:
            if isinstance(event, Lagged):
                continue
            body = event.body
            if isinstance(body, LockChannel | UnlockChannel | CampOn):
                self._obey(body)
            elif self.freq:
                self._hopper.heard(getattr(body, "freq", 0) or self.freq, 1, self._clock())

    async def retune(self) -> None:
        """Send the radio to where it should be, once more. Raises `TuneError`."""
        if self._channel is not None:
            await self.tuner.tune(self._channel)

    def _obey(self, body: LockChannel | UnlockChannel | CampOn) -> None:
        now = self._clock()
        if isinstance(body, LockChannel):
            self._hopper.lock(body.channel)
        elif isinstance(body, UnlockChannel):
            self._hopper.unlock()
        elif not self._hopper.camp(body.channel, now + body.seconds, now):
            return
        self._reason = body.reason
        self._poke.set()

    async def _go(self, hop: Hop) -> bool:
        """Tune; tell whether the radio did not refuse."""
        try:
            async with self.busy:
                await self.tuner.tune(hop.channel)
        except TuneError as error:
            self._failures += 1
            if error.forbidden:
                self._hopper.drop(hop.channel)
            self._ctx.publish(TuneFailed(channel=hop.channel, reason=str(error), dropped=error.forbidden))
            return False
        self._failures = 0
        self._channel = hop.channel
        self.freq = hop.channel.freq
        self._note(self._verifier.tuned(hop.channel, self._clock()))
        self._ctx.publish(Tuned(channel=hop.channel, dwell=hop.dwell))
        return True

    async def _stay(self, hop: Hop) -> None:
        """Wait out a visit, a camp or a lock; what is said meanwhile ends it."""
        end = self._clock() + hop.dwell if hop.dwell else float("inf")
        while (left := end - self._clock()) > 0:
            if await self._until_poked(min(left, _LONG_STAY)):
                return
            self._note(self._verifier.check(self._clock()))

    async def _until_poked(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._poke.wait()
        except TimeoutError:
            return False
        return True

    def _note(self, mismatch: Mismatch | None) -> None:
        if mismatch is not None:
            reason = f"{mismatch.frames} frames say that the radio is at {mismatch.heard} MHz, whatever its driver says"
            self._ctx.publish(TuneFailed(channel=mismatch.wanted, reason=reason))

    def _tell_mode(self) -> None:
        """Publish how channels are visited, when that has changed."""
        now = self._clock()
        camp = self._hopper.camping(now)
        locked = self._hopper.locked
        channel = locked or (camp[0] if camp else None)
        mode = "locked" if locked else "camping" if camp else "hopping"
        if (said := f"{mode} {channel or ''}") == self._mode:
            return
        self._mode = said
        until = self._ctx.bus.clock() + camp[1] - now if camp and not locked else None
        self._ctx.publish(HoppingChanged(mode=mode, channel=channel, until=until, reason=self._reason))
        self._reason = ""
