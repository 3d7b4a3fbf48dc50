"""Derives the visited channels from the settings, without forbidden ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from whimbrel.tuning.settings import TunerSettings
from whimbrel.wifi.channels import Channel


class Stop(NamedTuple):
    """One channel of a plan."""

    channel: Channel
    dwell: float
    """Seconds of one visit."""
    weight: float = 1.0


class Dropped(NamedTuple):
    """A channel that the settings name and that cannot be used here."""

    channel: Channel
    reason: str


class ChannelPlan(NamedTuple):
    """The visited channels by frequency, and the dropped ones with the reason. No stops if none is allowed."""

    stops: tuple[Stop, ...]
    dropped: tuple[Dropped, ...] = ()
    adaptive: bool = True
    camp_max: float = 30.0
    """Seconds."""

    @property
    def cycle(self) -> float:
        """Seconds for one visit to each channel."""
        return sum(stop.dwell for stop in self.stops)


def make_plan(settings: TunerSettings, allowed: Sequence[Channel]) -> ChannelPlan:
    """Return the plan for a radio that may listen on `allowed` (20 MHz channels)."""
    named, weights = settings.wanted()
    free = {channel.freq for channel in allowed}
    dropped: list[Dropped] = []
    if named:
        wanted = []
        for channel in named:
            reason = obstacle(channel, free)
            if reason:
                dropped.append(Dropped(channel, reason))
            else:
                wanted.append(channel)
    else:
        wanted = [Channel(freq) for freq in free if Channel(freq).band in settings.bands]
    return ChannelPlan(
        tuple(_stop(channel, weights, settings) for channel in sorted(wanted)),
        tuple(dropped),
        settings.adaptive,
        settings.camp_max,
    )


def covers(channel: Channel) -> tuple[int, ...]:
    """Return the centres in MHz of the 20 MHz channels within `channel`, in order."""
    if channel.width <= 20 or not channel.center:
        return (channel.freq,)
    first = channel.center - channel.width // 2 + 10
    return tuple(range(first, first + channel.width, 20))


def obstacle(channel: Channel, free: Collection[int]) -> str:
    """Return why `channel` cannot be used if the centres `free`, in MHz, are allowed; empty if it can."""
    missing = [freq for freq in covers(channel) if freq not in free]
    if not missing:
        return ""
    if channel.width == 20:
        return "the radio or the regulatory domain does not allow it"
    names = ", ".join(f"{Channel(freq)} ({freq} MHz)" for freq in missing)
    return f"of its {channel.width} MHz the radio or the regulatory domain does not allow {names}"


def _stop(channel: Channel, weights: Mapping[int, float], settings: TunerSettings) -> Stop:
    weight = weights.get(channel.freq, 1.0)
    return Stop(channel, min(max(settings.dwell * weight, settings.dwell_min), settings.dwell_max), weight)
