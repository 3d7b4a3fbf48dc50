"""Makes a tuner visit the channels of a plan, and executes the commands to lock and to camp."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple

from whimbrel.bus import Lagged
from whimbrel.drivers.ports import TuneError, Tuner
from whimbrel.events.air import AccessPointFound, NetworkProbed, StationFound
from whimbrel.events.alerts import Alert, AlertUpdated, Severity
from whimbrel.events.base import Event
from whimbrel.events.radio import CampOn, HoppingChanged, LockChannel, Tuned, TuneFailed, UnlockChannel
from whimbrel.events.system import CommandRefused
from whimbrel.module import Context, ignore
from whimbrel.tuning.hopper import Hop, Hopper
from whimbrel.tuning.plan import ChannelPlan, obstacle
from whimbrel.tuning.verify import Mismatch, Verifier
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.frames import Frame

_WEIGHTS = {Severity.NOTICE: 8, Severity.WARNING: 32, Severity.CRITICAL: 32}
"""The findings as which an alert counts in the choice of channels to return to."""
Command = LockChannel | UnlockChannel | CampOn

TUNER_PATIENCE = 15.0
"""Limit in seconds of one request to the tuner: longer than the timeout of the nl80211 driver itself."""
_LONG_STAY = 5.0
"""Seconds between two checks of the evidence while the radio stays on a channel."""
_PAUSE_MIN = 0.05
"""Seconds of pause after a channel could not be set; doubled at each consecutive failure."""
_PAUSE_MAX = 5.0
_FAILURES_TOLD = 5
"""Consecutive failures to set a channel after which the module reports that it is degraded."""


class RadioMode(NamedTuple):
    """The mode in which channels are visited."""

    mode: str
    """hopping, locked or camping."""
    channel: Channel | None = None
    """The channel on which the radio stays, unless it is hopping."""
    until: float = 0.0
    """Monotonic seconds at which the camp ends."""


class Conductor:
    """The hopping of one radio. `clock` returns monotonic seconds; `moves` is called before and after each change of
    channel, `arrives` after it with the frequency in MHz."""

    def __init__(
        self,
        ctx: Context[Any],
        tuner: Tuner,
        plan: ChannelPlan,
        clock: Callable[[], float],
        moves: Callable[[], None] = ignore,
        arrives: Callable[[int], None] = ignore,
    ) -> None:
        self.tuner = tuner
        self.takes: Callable[[Channel], bool] = lambda _channel: True
        """Whether a command to stay on a channel is for this radio; set where there are several."""
        self.on_drop: Callable[[], None] = ignore
        """Called when a channel was taken out of the plan."""
        self.freq = 0
        """The frequency in MHz that was last requested; 0 before the first request."""
        self.busy = asyncio.Lock()
        """Held during a request to the radio: only one at a time."""
        self._ctx = ctx
        self._clock = clock
        self._plan = plan
        self._moves = moves
        self._arrives = arrives
        self._hopper = Hopper(plan)
        self._verifier = Verifier()
        self._poke = asyncio.Event()
        self._told: tuple[str, Channel | None] | None = None
        self._reason = ""
        self._wanted: Channel | None = None
        self._asked: Event | None = None  # the last command to stay, until the radio has arrived
        self._failures = 0
        # Two subscriptions, so that a flood of findings cannot displace a command.
        self._commands = ctx.subscribe(LockChannel, UnlockChannel, CampOn)
        self._findings = ctx.subscribe(AccessPointFound, StationFound, NetworkProbed, Alert, AlertUpdated)

    @property
    def cycle(self) -> float:
        """Seconds in which every channel is visited, including the camp if there is one."""
        camp = self._plan.camp_max if self.posture.mode == "camping" else 0.0
        return self._hopper.bound + camp

    @property
    def freqs(self) -> tuple[int, ...]:
        """Centre frequencies in MHz of the channels of the plan, without forbidden ones."""
        return tuple(channel.freq for channel in self._hopper.planned)

    @property
    def visited(self) -> frozenset[int]:
        """Those that are visited: the share."""
        return frozenset(channel.freq for channel in self._hopper.channels)

    def share(self, freqs: Collection[int]) -> None:
        """Visit only the channels of the plan at `freqs`, in MHz, from the next visit on."""
        stays = len(self._hopper.channels) > 1 and self.freq in freqs
        if self._hopper.share(freqs) and self.posture.mode == "hopping" and not stays:
            self._poke.set()

    @property
    def posture(self) -> RadioMode:
        """The current posture."""
        if self._hopper.locked is not None:
            return RadioMode("locked", self._hopper.locked)
        camp = self._hopper.camping(self._clock())
        return RadioMode("camping", *camp) if camp else RadioMode("hopping")

    @property
    def remaining(self) -> float | None:
        """Seconds until the camp ends; None without a camp."""
        until = self.posture.until
        return until - self._clock() if until else None

    def heard(self, frames: Sequence[Frame]) -> None:
        """Use the frequencies of `frames` as evidence of the radio's true channel."""
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
        """Execute commands until the subscription ends."""
        async for event in self._commands:
            if isinstance(event, Lagged):
                continue
            if not isinstance(event.body, UnlockChannel) and not self.takes(event.body.channel):
                continue
            self._asked = event if isinstance(event.body, LockChannel | CampOn) else None
            try:
                self.obey(event.body)
            except TuneError as error:
                self._asked = None
                # A refusal because of a current camp passes with that.
                self._refuse(event, str(error), passing=not error.forbidden)

    def _refuse(self, command: Event, why: str, *, passing: bool = False) -> None:
        body = CommandRefused(command=command.body.kind, text=why, answers=command.seq, passing=passing)
        self._ctx.publish(body)

    async def take_findings(self) -> None:
        """Note the channels of new findings, and of alerts, until the subscription ends: an attack is heard better
        where the radio is more often."""
        async for event in self._findings:
            if isinstance(event, Lagged) or not self.freq:
                continue
            body = event.body
            weight = _WEIGHTS.get(body.severity, 0) if isinstance(body, Alert | AlertUpdated) else 1
            self._hopper.heard(getattr(body, "freq", 0) or self.freq, weight, self._clock())

    def obey(self, command: Command) -> bool:
        """Lock, unlock or camp; return whether the radio has to move for it.

        Raises `TuneError`: with `forbidden` for a channel that this radio may not use; otherwise for a camp that has to
        wait until the current one has ended and every channel was visited.
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
        """Make a request to the tuner when the previous one has ended. Raises `TuneError`, also after a timeout."""
        async with self.busy:
            try:
                async with asyncio.timeout(TUNER_PATIENCE):
                    await action()
            except TimeoutError:
                raise TuneError(f"no answer for {TUNER_PATIENCE:g} s: the radio is stalled") from None

    async def restore(self, rung: str) -> None:
        """Execute a step of the recovery (retune, cycle, recreate). Raises `TuneError`."""
        if rung == "retune":
            await self.request(self._retune)
            return
        try:
            await self.request(self.tuner.cycle if rung == "cycle" else self.tuner.recreate)
        finally:
            self.go_again()

    def go_again(self) -> None:
        """Set the channel and tell the posture again now: an interface that was down or recreated has lost its channel,
        and what was told before it was opened counts no more."""
        self._told = None
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
            else "a camp has just ended: every channel is visited once before the next"
        )

    async def _retune(self) -> None:
        if self._wanted is None:
            raise TuneError("there is no channel to go to")
        await self.tuner.tune(self._wanted)

    async def _go(self, hop: Hop) -> None:
        """Set the next channel. Raises `TuneError`."""

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
        self._arrives(self.freq)
        self._note(self._verifier.tuned(hop.channel, self._clock()))
        self._ctx.publish(Tuned(channel=hop.channel, dwell=hop.dwell))

    async def _bear(self, channel: Channel, error: TuneError) -> None:
        """Drop a forbidden channel from the plan; after any other refusal wait, longer with each consecutive one."""
        if self._asked is not None and self._asked.body.channel == channel:
            self._refuse(self._asked, str(error) if error.forbidden else f"{error}; it goes on trying")
            self._asked = None
        dropped = error.forbidden and self._hopper.drop(channel)
        self._ctx.publish(TuneFailed(channel=channel, reason=str(error), dropped=dropped))
        if error.forbidden:
            self._reason = f"channel {channel} is forbidden"
            if dropped:
                self.on_drop()
            return
        pause = min(_PAUSE_MIN * 2.0 ** min(self._failures, 16), _PAUSE_MAX)
        self._failures += 1
        if self._failures == _FAILURES_TOLD:
            self._ctx.warn("tuner", f"no channel can be set: {error}")
        await self._until_poked(pause)

    async def _stay(self, hop: Hop) -> None:
        """Wait until a visit, a camp or a lock ends, a command arrives, or the radio is proved to be elsewhere."""
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
        """Publish the proof that the radio is elsewhere, if there is one; return whether there is."""
        if mismatch is None:
            return False
        reason = f"{mismatch.frames} frames show that the radio is at {mismatch.heard} MHz, contrary to its driver"
        self._ctx.publish(TuneFailed(channel=mismatch.wanted, reason=reason))
        return True

    def _tell_posture(self) -> None:
        """Publish the posture if it has changed."""
        posture = self.posture
        reason, self._reason = self._reason, ""
        if posture[:2] == self._told:
            return
        self._told = posture[:2]
        until = self._ctx.bus.clock() + posture.until - self._clock() if posture.until else None
        self._ctx.publish(HoppingChanged(mode=posture.mode, channel=posture.channel, until=until, reason=reason))
