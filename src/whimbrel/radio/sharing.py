"""The other receivers of this process, as their events tell, and the share of one of them in the channels."""

from __future__ import annotations

from typing import Any

from whimbrel.bus import Bus, Lagged
from whimbrel.events.base import Event
from whimbrel.events.radio import (
    ChannelsShared,
    ClockStepped,
    HoppingChanged,
    ListeningChanged,
    RadioBlind,
    RadioClosed,
    RadioOpened,
    RadioRecovered,
)
from whimbrel.module import Context
from whimbrel.radio.conductor import Conductor
from whimbrel.tuning.plan import covers
from whimbrel.tuning.sharing import share_out
from whimbrel.wifi.channels import Channel

_ONE_STEP = 1.0
"""The most seconds between the steps that two receivers measure when the system clock is set once."""
_SOON = 60.0
"""Seconds within which every receiver notices it."""
_CHANGES = (RadioOpened, RadioClosed, RadioBlind, RadioRecovered, ChannelsShared, HoppingChanged)


class Sharing:
    """What the receivers of one bus visit. `conductor` is that of this one; None if it cannot be tuned."""

    def __init__(self, ctx: Context[Any], conductor: Conductor | None) -> None:
        self._ctx = ctx
        self._conductor = conductor
        self._told: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self._around = False
        self._changes = ctx.subscribe(*_CHANGES)

    async def run(self) -> None:
        """Take the share that is left whenever another receiver changes, until the subscription ends."""
        async for event in self._changes:
            if isinstance(event, Lagged) or event.source != self._ctx.name:
                self.share()

    def look_around(self, on: bool) -> None:
        """Visit the whole plan for now, or the share again."""
        self._around = on
        self.share()

    def opened(self) -> None:
        """Take the share, and tell it even if it is that of before: the radio has just been opened."""
        self._told = None
        self.share()

    def share(self) -> None:
        """Take the share that the other receivers leave, and tell it if it has changed."""
        if self._conductor is None:
            return
        planned = self._conductor.freqs
        own = self._ctx.name
        others = {name: plan for name, plan in self.plans().items() if name != own}
        # A receiver for which nothing is left visits its whole plan: two hear more than one.
        mine = (not self._around and share_out({**others, own: planned})[own]) or frozenset(planned)
        self._conductor.share(mine)
        visited = tuple(freq for freq in planned if freq in mine)
        # One receiver alone has nothing to tell: `RadioOpened` has its plan.
        before = self._told or (planned, planned)
        self._told = (planned, visited)
        if self._told != before:
            self._ctx.publish(ChannelsShared(planned=planned, visited=visited))

    def owner(self, channel: Channel) -> str:
        """Return the name of the receiver that goes to `channel` when it is asked to stay there: the one that visits
        it, else the first that can be tuned; this one if there is no other."""
        plans = self.plans()
        if self._conductor is not None:
            plans.setdefault(self._ctx.name, self._conductor.freqs)
        if len(plans) < 2:
            return next(iter(plans), self._ctx.name)
        visitor = next((name for name, share in share_out(plans).items() if channel.freq in share), None)
        return visitor or min(plans)

    def others(self) -> list[str]:
        """Return the names of the other receivers that can be tuned."""
        return [name for name in self.plans() if name != self._ctx.name]

    def plans(self) -> dict[str, tuple[int, ...]]:
        """Return the channels in MHz that each open, tunable receiver may visit: of a locked one, those that it is
        locked on, of a blind one none."""
        bus = self._ctx.bus
        shared, hopping, blind = (_since_opened(bus, kind) for kind in (ChannelsShared, HoppingChanged, RadioBlind))
        seeing = _newest(bus, RadioRecovered)
        plans: dict[str, tuple[int, ...]] = {}
        for name, opened in open_receivers(bus).items():
            plan: tuple[int, ...] = opened.body.channels
            if not plan:
                continue
            if name in shared:
                plan = shared[name].body.planned
            if name in hopping and hopping[name].body.mode == "locked":
                plan = covers(hopping[name].body.channel)
            if name in blind and not (name in seeing and seeing[name].seq > blind[name].seq):
                plan = ()
            plans[name] = plan
        return plans


def open_receivers(bus: Bus, *, apart_from: str = "") -> dict[str, Event]:
    """Return the receivers that are open, by name, each with its `RadioOpened`; without the one called `apart_from`."""
    closed = _newest(bus, RadioClosed)
    return {
        name: opened
        for name, opened in _newest(bus, RadioOpened).items()
        if name != apart_from and not (name in closed and closed[name].seq > opened.seq)
    }


def is_told_already(bus: Bus, step: ClockStepped, own: str) -> bool:
    """Return whether another receiver than `own` has just reported this step of the system clock."""
    return any(
        name != own and abs(event.body.delta - step.delta) < _ONE_STEP and abs(bus.clock() - event.time) < _SOON
        for name, event in _newest(bus, ClockStepped).items()
    )


def another_hears(bus: Bus, own: str) -> bool:
    """Return whether another receiver than `own` is open, and not blind."""
    blind, seeing = _since_opened(bus, RadioBlind), _newest(bus, RadioRecovered)
    return any(
        name not in blind or (name in seeing and seeing[name].seq > blind[name].seq)
        for name in open_receivers(bus, apart_from=own)
    )


def others_are_paused(bus: Bus, own: str) -> bool:
    """Return whether there are other receivers than `own`, and all of them are paused."""
    paused, others = _since_opened(bus, ListeningChanged), open_receivers(bus, apart_from=own)
    return bool(others) and all(name in paused and paused[name].body.paused for name in others)


def _since_opened(bus: Bus, kind: type) -> dict[str, Event]:
    opened, newest = open_receivers(bus), _newest(bus, kind)
    return {name: newest[name] for name in opened if name in newest and newest[name].seq > opened[name].seq}


def _newest(bus: Bus, kind: type) -> dict[str, Event]:
    return {event.source: event for event in bus.latest_of_each(kind)}
