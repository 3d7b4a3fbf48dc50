"""Chooses the next channel and its dwell time: pure, deterministic, and fair to every channel.

The channels of the plan are visited in laps, each at least once a lap. Between two of these visits, the hopper may
return to a channel on which new findings have appeared, the most promising first. That lengthens a lap by a bounded
time, and a flood of new names on one channel costs the others no more than that.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from whimbrel.tuning.order import interleave
from whimbrel.tuning.plan import ChannelPlan, Stop, covers
from whimbrel.wifi.channels import Channel

_HALF_LIFE = 60.0  # s in which interest in a channel without new findings halves
_INTEREST_MAX = 64.0  # limit of the interest that a flood can gain
_INTEREST_MIN = 0.5  # no return to a channel below this interest
_NEAR = 25  # MHz: a return to a neighbour of the last channel would show little
_ALONE = 5.0
"""Seconds of a visit to the only channel: there is no other to go to, and each request to the radio costs."""


class Hop(NamedTuple):
    """A channel and the time to stay on it."""

    channel: Channel
    dwell: float
    """Seconds; 0 for a lock, which has no end."""


class _ChannelInterest:
    """The recent interest in one channel."""

    __slots__ = ("amount", "at", "visited")

    def __init__(self) -> None:
        self.amount = 0.0
        self.at = 0.0  # time of `amount`
        self.visited = 0.0  # time of the last visit

    def now(self, now: float) -> float:
        age = max(now - self.at, 0.0)
        return float(self.amount * 0.5 ** (age / _HALF_LIFE))

    def add(self, discoveries: int, now: float) -> None:
        self.amount = min(self.now(now) + discoveries, _INTEREST_MAX)
        self.at = max(self.at, now)


class Hopper:
    """The schedule over one plan. `now` is seconds of a monotonic clock everywhere."""

    def __init__(self, plan: ChannelPlan) -> None:
        self._plan = plan
        self._all = {stop.channel: stop for stop in plan.stops}  # that are not forbidden
        self._stops = dict(self._all)  # of the share
        self._order = interleave(self._stops)
        self._place = 0  # index in `_order` of the next regular visit
        self._returned = True  # a lap begins with a regular visit
        self._interest: dict[Channel, _ChannelInterest] = {channel: _ChannelInterest() for channel in self._order}
        self._by_freq = self._cover()
        self._current: Channel | None = None
        self._locked: Channel | None = None
        self._camp: tuple[Channel, float, float] | None = None  # channel, end, latest end
        self._visits_until_camp = 0

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The visited channels, in order."""
        return tuple(self._order)

    @property
    def planned(self) -> tuple[Channel, ...]:
        """The channels of the plan, by frequency, without forbidden ones; `share` may leave some of them out."""
        return tuple(self._all)

    def share(self, freqs: Collection[int]) -> bool:
        """Visit only the channels of the plan at `freqs`, in MHz; return whether that changes anything.

        A lock or a camp elsewhere goes on.
        """
        stops = {channel: stop for channel, stop in self._all.items() if channel.freq in freqs}
        if stops == self._stops:
            return False
        upcoming = self._order[self._place] if self._order else None
        self._stops = stops
        self._order = interleave(stops)
        self._place = self._order.index(upcoming) if upcoming in self._order else 0
        self._visits_until_camp = min(self._visits_until_camp, len(self._order))
        self._interest = {channel: self._interest.get(channel) or _ChannelInterest() for channel in self._order}
        self._by_freq = self._cover()
        return True

    @property
    def bound(self) -> float:
        """Seconds in which every channel is visited while hopping, without the time for tuning.

        One camp may add `ChannelPlan.camp_max`: there is none after it until every channel has been visited.
        """
        lap = sum(stop.dwell for stop in self._stops.values())
        longest = max((stop.dwell for stop in self._stops.values()), default=0.0)
        return lap + len(self._order) * longest if self._plan.adaptive else lap

    @property
    def locked(self) -> Channel | None:
        """The locked channel."""
        return self._locked

    def camping(self, now: float) -> tuple[Channel, float] | None:
        """Return the channel of the camp and the time of its end; None without a camp or while locked."""
        if self._locked is not None or self._camp is None or now >= self._camp[1]:
            return None
        return self._camp[0], self._camp[1]

    def next(self, now: float) -> Hop | None:
        """Return the next hop; None if no channel is left."""
        if self._locked is not None:
            return self._go(Hop(self._locked, 0.0), now)
        if (camp := self.camping(now)) is not None:
            return self._go(Hop(camp[0], camp[1] - now), now)
        self._end_camp()
        if not self._order:
            return None
        if not self._returned and (stop := self._worth_returning(now)) is not None:
            self._returned = True
            return self._go(Hop(stop.channel, stop.dwell), now)
        self._returned = False
        stop = self._stops[self._order[self._place]]
        self._place = (self._place + 1) % len(self._order)
        self._visits_until_camp = max(self._visits_until_camp - 1, 0)
        dwell = stop.dwell if len(self._order) > 1 else max(stop.dwell, _ALONE)
        return self._go(Hop(stop.channel, dwell), now)

    def heard(self, freq: int, discoveries: int, now: float) -> None:
        """Count `discoveries` new findings on the channel at `freq` MHz; channels outside the plan are ignored."""
        channel = self._by_freq.get(freq)
        if channel is not None and discoveries > 0:
            self._interest[channel].add(discoveries, now)

    def lock(self, channel: Channel) -> None:
        """Stay on `channel`, of the plan or not, until unlocked."""
        self._locked = channel

    def unlock(self) -> None:
        """Undo a lock; a camp that has not ended goes on."""
        self._locked = None

    def camp(self, channel: Channel, until: float, now: float) -> bool:
        """Stay on `channel` until the time `until`, at most `ChannelPlan.camp_max` s; return whether it is accepted.

        It is refused while there is a camp elsewhere, and until every channel was visited after the previous camp: a
        transmitter that can cause camps must not be able to blind us for the other channels. A lock takes precedence;
        the time of the camp runs meanwhile.
        """
        if self._camp is not None and now < self._camp[1]:
            there, end, latest = self._camp
            if there != channel:
                return False
            self._camp = (there, max(end, min(until, latest)), latest)
            return True
        self._end_camp()
        if self._visits_until_camp or until <= now:
            return False
        latest = now + self._plan.camp_max
        self._camp = (channel, min(until, latest), latest)
        return True

    def drop(self, channel: Channel) -> bool:
        """Never tune to `channel` again, also not for a lock or a camp; return whether it was in the plan."""
        if self._locked == channel:
            self._locked = None
        if self._camp is not None and self._camp[0] == channel:
            self._end_camp()
        if self._all.pop(channel, None) is None:
            return False
        if channel not in self._stops:
            return True
        place = self._order.index(channel)
        del self._order[place], self._stops[channel], self._interest[channel]
        # The next channel stays the same.
        self._place -= place < self._place
        self._place %= max(len(self._order), 1)
        self._by_freq = self._cover()
        return True

    def _go(self, hop: Hop, now: float) -> Hop:
        self._current = hop.channel
        if hop.channel in self._interest:
            self._interest[hop.channel].visited = now
        return hop

    def _end_camp(self) -> None:
        if self._camp is not None:
            self._camp = None
            self._visits_until_camp = len(self._order)

    def _worth_returning(self, now: float) -> Stop | None:
        """Return the most promising channel, by interest times weight times time since the last visit."""
        if not self._plan.adaptive:
            return None
        best: Stop | None = None
        best_worth = 0.0
        upcoming = self._order[self._place]
        for channel, stop in self._stops.items():
            interest = self._interest[channel]
            amount = interest.now(now)
            if amount < _INTEREST_MIN or _near(channel, self._current) or _near(channel, upcoming):
                continue
            worth = amount * stop.weight * (now - interest.visited)
            if worth > best_worth:
                best, best_worth = stop, worth
        return best

    def _cover(self) -> dict[int, Channel]:
        """Return the channel to credit for each frequency: the one with this primary, or a wide one around it."""
        around = {freq: channel for channel in reversed(self._order) for freq in covers(channel)}
        return around | {channel.freq: channel for channel in self._order}


def _near(one: Channel, other: Channel | None) -> bool:
    return other is not None and abs((one.center or one.freq) - (other.center or other.freq)) < _NEAR
