"""Has a tuner visit the channels of a plan, and answers the events that ask to stay."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from whimbrel.bus import Lagged
from whimbrel.drivers.ports import TuneError, Tuner
from whimbrel.events.air import AccessPointFound, NetworkProbed, StationFound
from whimbrel.events.base import Event
from whimbrel.events.radio import CampOn, HoppingChanged, LockChannel, Tuned, TuneFailed, UnlockChannel
from whimbrel.events.system import CommandRefused
from whimbrel.module import Context
from whimbrel.tuning.hopper import Hop, Hopper
from whimbrel.tuning.plan import Plan, obstacle
from whimbrel.tuning.verify import Mismatch, Verifier
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.frames import Frame

Command = LockChannel | UnlockChannel | CampOn

TUNER_PATIENCE = 15.0
"""Seconds that a tuner may take for one request: longer than the nl80211 driver takes to give up by itself."""
_LONG_STAY = 5.0
"""Seconds between two looks at the evidence while the radio stays where it is."""
_PAUSE_MIN = 0.05
"""Seconds: the pause after a channel could not be set; doubles with each in a row."""
_PAUSE_MAX = 5.0
_FAILURES_TOLD = 5
"""Channels in a row that could not be set after which the module says that it is degraded."""


def _nothing() -> None:
    pass


class Posture(NamedTuple):
    """How channels are visited."""

    mode: str
    """hopping, locked or camping."""
    channel: Channel | None = None
    """The channel it stays on, unless it is hopping."""
    until: float = 0.0
    """Monotonic seconds at which camping ends."""


class Conductor:
    """The hopping of one radio. `clock` gives monotonic seconds; `moves` is called before and after each change of
    channel."""

    def __init__(
        self,
        ctx: Context[Any],
        tuner: Tuner,
        plan: Plan,
        clock: Callable[[], float],
        moves: Callable[[], None] = _nothing,
    ) -> None:
        self.tuner = tuner
        self.freq = 0
        """MHz that the radio was last sent to; 0 before the first time."""
        self.busy = asyncio.Lock()
        """Held while the radio is being told something: one at a time."""
        self._ctx = ctx
        self._clock = clock
        self._plan = plan
        self._moves = moves
        self._hopper = Hopper(plan)
        self._verifier = Verifier()
        self._poke = asyncio.Event()
        self._told: tuple[str, Channel | None] | None = None
        self._reason = ""
        self._wanted: Channel | None = None
        self._asked: Event | None = None  # the last command to stay, until the radio is there
        self._failures = 0
        # Two, so that a flood of findings cannot push a command out.
        self._commands = ctx.subscribe(LockChannel, UnlockChannel, CampOn)
        self._findings = ctx.subscribe(AccessPointFound, StationFound, NetworkProbed)

    @property
    def cycle(self) -> float:
        """Seconds within which every channel is visited, one camp included while there is one."""
        camp = self._plan.camp_max if self.posture.mode == "camping" else 0.0
        return self._hopper.bound + camp

    @property
    def freqs(self) -> tuple[int, ...]:
        """Centre frequencies in MHz of the channels that are visited, in order."""
        return tuple(channel.freq for channel in self._hopper.channels)

    @property
    def posture(self) -> Posture:
        """How channels are visited at this moment."""
        if self._hopper.locked is not None:
            return Posture("locked", self._hopper.locked)
        camp = self._hopper.camping(self._clock())
        return Posture("camping", *camp) if camp else Posture("hopping")

    @property
    def remaining(self) -> float | None:
        """Seconds for which it goes on camping; None while it does not camp."""
        until = self.posture.until
        return until - self._clock() if until else None

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
            self._tell_posture()
            if hop is None:
                self._ctx.warn(
                    "plan", "no channel is left to listen on: see hop.bands and hop.channels, and 'iw reg get'"
                )
                await self._poke.wait()
                continue
            self._ctx.clear("plan")
            try:
                await self._go(hop)
            except TuneError as error:
                await self._bear(hop.channel, error)
            else:
                await self._stay(hop)

    async def take_commands(self) -> None:
        """Do what events say, until the subscription ends."""
        async for event in self._commands:
            if isinstance(event, Lagged):
                continue
            self._asked = event if isinstance(event.body, LockChannel | CampOn) else None
            try:
                self.obey(event.body)
            except TuneError as error:
                self._asked = None
                # Whoever watches the air asks for camps over and over: that one is under way is not worth a warning.
                if error.forbidden:
                    self._refuse(event, str(error))

    def _refuse(self, command: Event, why: str) -> None:
        self._ctx.publish(CommandRefused(command=command.body.kind, text=why, answers=command.seq))

    async def take_findings(self) -> None:
        """Note where new things appear, until the subscription ends."""
        async for event in self._findings:
            if not isinstance(event, Lagged) and self.freq:
                self._hopper.heard(getattr(event.body, "freq", 0) or self.freq, 1, self._clock())

    def obey(self, command: Command) -> bool:
        """Lock, unlock or camp; tell whether that makes the radio move.

        Raises `TuneError`: `forbidden` for a channel that this radio may not listen on, otherwise for a camp that has
        to wait until another has ended and every channel has had a visit.
        """
        before = self.posture
        if isinstance(command, UnlockChannel):
            self._hopper.unlock()
        elif reason := obstacle(command.channel, {channel.freq for channel in self.tuner.channels()}):
            raise TuneError(f"channel {command.channel}: {reason}", forbidden=True)
        elif isinstance(command, LockChannel):
            self._hopper.lock(command.channel)
        else:
            self._camp(command)
        if self.posture[:2] == before[:2]:
            return False
        self._reason = command.reason
        self._poke.set()
        return True

    async def request(self, action: Callable[[], Awaitable[None]]) -> None:
        """Have the tuner do one thing after another. Raises `TuneError`, also for one that takes too long."""
        async with self.busy:
            try:
                async with asyncio.timeout(TUNER_PATIENCE):
                    await action()
            except TimeoutError:
                raise TuneError(f"no answer for {TUNER_PATIENCE:g} s: the radio is stalled") from None

    async def restore(self, rung: str) -> None:
        """Do what a step of the recovery (retune, cycle, recreate) says. Raises `TuneError`."""
        if rung == "retune":
            await self.request(self._retune)
            return
        try:
            await self.request(self.tuner.cycle if rung == "cycle" else self.tuner.recreate)
        finally:
            self.go_again()

    def go_again(self) -> None:
        """Have the radio sent to a channel now: an interface that was down or made anew has lost the one it was on."""
        self._poke.set()

    def _camp(self, command: CampOn) -> None:
        now = self._clock()
        if not command.seconds > 0:
            raise TuneError(f"a camp takes more than 0 s, not {command.seconds:g}")
        if self._hopper.camp(command.channel, now + command.seconds, now):
            return
        camp = self._hopper.camping(now)
        raise TuneError(
            f"the radio camps on {camp[0]} for another {camp[1] - now:.0f} s"
            if camp
            else "there has just been a camp: every channel is visited once before the next"
        )

    async def _retune(self) -> None:
        if self._wanted is None:
            raise TuneError("there is no channel to go to")
        await self.tuner.tune(self._wanted)

    async def _go(self, hop: Hop) -> None:
        """Send the radio to its next channel. Raises `TuneError`."""

        async def tune() -> None:
            self._wanted = hop.channel
            await self.tuner.tune(hop.channel)

        self._moves()
        await self.request(tune)
        self._moves()
        self._failures = 0
        if self._asked is not None and self._asked.body.channel == hop.channel:
            self._asked = None
        self._ctx.clear("tuner")
        self.freq = hop.channel.freq
        self._note(self._verifier.tuned(hop.channel, self._clock()))
        self._ctx.publish(Tuned(channel=hop.channel, dwell=hop.dwell))

    async def _bear(self, channel: Channel, error: TuneError) -> None:
        """Leave a forbidden channel out from now on; after any other refusal wait, longer with each in a row."""
        if self._asked is not None and self._asked.body.channel == channel:
            self._refuse(self._asked, str(error) if error.forbidden else f"{error}; it goes on trying")
            self._asked = None
        dropped = error.forbidden and self._hopper.drop(channel)
        self._ctx.publish(TuneFailed(channel=channel, reason=str(error), dropped=dropped))
        if error.forbidden:
            self._reason = f"channel {channel} is forbidden"
            return
        pause = min(_PAUSE_MIN * 2.0 ** min(self._failures, 16), _PAUSE_MAX)
        self._failures += 1
        if self._failures == _FAILURES_TOLD:
            self._ctx.warn("tuner", f"no channel can be set: {error}")
        await self._until_poked(pause)

    async def _stay(self, hop: Hop) -> None:
        """Wait out a visit, a camp or a lock; what is said meanwhile ends it, and so does proof of being elsewhere."""
        end = self._clock() + hop.dwell if hop.dwell else float("inf")
        while (left := end - self._clock()) > 0:
            if await self._until_poked(min(left, _LONG_STAY)):
                return
            if self._note(self._verifier.check(self._clock())):
                return

    async def _until_poked(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._poke.wait()
        except TimeoutError:
            return False
        return True

    def _note(self, mismatch: Mismatch | None) -> bool:
        """Publish what proves that the radio is elsewhere; tell whether there was anything."""
        if mismatch is None:
            return False
        reason = f"{mismatch.frames} frames say that the radio is at {mismatch.heard} MHz, whatever its driver says"
        self._ctx.publish(TuneFailed(channel=mismatch.wanted, reason=reason))
        return True

    def _tell_posture(self) -> None:
        """Publish how channels are visited, when that has changed."""
        posture = self.posture
        reason, self._reason = self._reason, ""
        if posture[:2] == self._told:
            return
        self._told = posture[:2]
        until = self._ctx.bus.clock() + posture.until - self._clock() if posture.until else None
        self._ctx.publish(HoppingChanged(mode=posture.mode, channel=posture.channel, until=until, reason=reason))
