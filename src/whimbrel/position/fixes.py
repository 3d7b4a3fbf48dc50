"""The valid position: that of the newest sufficiently accurate fix, for as long as its age allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from whimbrel.events.position import PositionChanged, PositionLost
from whimbrel.geo import Position, Zone
from whimbrel.position.gpsd import Fix, NoFix, Receivers, Report, Sky

_SKIES = 8
"""Limit of receivers whose sky is kept."""
_ANOTHER_CLOCK = 3600.0
"""Seconds beyond which a delay is none: the satellites' time was set, or comes from another receiver."""


_PACE = 0.5
"""Seconds between two positions at least: a receiver may have ten fixes a second, and each is put to all that was heard
meanwhile."""


class FixLimits(NamedTuple):
    """The requirements for a fix."""

    oldest: float
    """Seconds after which nothing is put at it."""
    error: float
    """Metres; less accurate fixes are not used."""


class Fixes:
    """Turns gpsd's reports into events. `now` is a clock that never jumps, `time` is since the epoch; both in s."""

    def __init__(self, limits: FixLimits, zones: Sequence[Zone] = ()) -> None:
        self.position: Position | None = None
        """The one that holds."""
        self.missing = "gpsd was not asked yet"
        """The reason for having none, with advice."""
        self._limits = limits
        self._zones = zones
        self._expires = 0.0  # on the clock `now`
        self._told = float("-inf")  # the time of the last published position, on the same clock
        self._device = ""
        self._time: float | None = None  # of the last fix, by the satellites
        self._delay: float | None = None  # the least difference of `now` and their time
        self._skies: dict[str, Sky] = {}

    @property
    def expires(self) -> float | None:
        """The end of the position's validity, on the clock `now`; None if there is none."""
        return None if self.position is None else self._expires

    def take(self, report: Report, now: float, time: float) -> PositionChanged | None:
        """Process a report; return the position that holds from now on, where it is a new one."""
        if isinstance(report, Sky):
            if report.device in self._skies or len(self._skies) < _SKIES:
                self._skies[report.device] = report
        elif isinstance(report, Receivers):
            self.missing = (
                "the receiver is searching for satellites; it needs a view of the sky, and some minutes at first"
                if report.paths
                else "gpsd has no receiver: plug one in, or name its device in /etc/default/gpsd"
            )
        elif isinstance(report, NoFix):
            self.missing = "the receiver sees too few satellites: it needs a view of the sky"
        elif isinstance(report, Fix):
            return self._fix(report, now, time)
        return None

    def turn(self, now: float) -> PositionLost | None:
        """Return that the position holds no longer, once that is so."""
        return self.drop(self.missing) if self.position is not None and now >= self._expires else None

    def drop(self, reason: str) -> PositionLost | None:
        """End the validity of the position; return the event for that if there was one."""
        self.missing = reason
        last, self.position = self.position, None
        return None if last is None else PositionLost(reason=reason, position=last)

    def forget_receivers(self) -> None:
        """Begin another connection: the times of the previous one are no longer comparable."""
        self._delay = self._time = None
        self._told = float("-inf")
        self._device = ""
        self._skies.clear()

    def _fix(self, fix: Fix, now: float, time: float) -> PositionChanged | None:
        sky = self._skies.get(fix.device)
        error = fix.error if fix.error is not None else sky.error if sky is not None else None
        if error is None:
            self.missing = "the receiver does not report the accuracy of its fix"
            return None
        if error > self._limits.error:
            self.missing = f"the fix is only exact to {error:.0f} m"
            return None
        if fix.device != self._device:
            holds = self.position is not None and now < self._expires
            if self._device and holds and error >= self.position.error:  # type: ignore[union-attr]  # it holds
                return None  # a second receiver that is no better
            self._device, self._time, self._delay = fix.device, None, None
        age = self._age(fix.time, now)
        if age is None:
            return None
        if age > self._limits.oldest:
            self.missing = f"the fixes arrive {age:.0f} s late"
            return None
        regained = self.position is None
        if not regained and now - self._told < _PACE:
            return None
        self._told = now
        self._expires = now - age + self._limits.oldest
        self.position = position = Position(
            latitude=fix.latitude,
            longitude=fix.longitude,
            altitude=fix.altitude,
            error=error,
            speed=fix.speed,
            time=time - age,
        )
        self.missing = "the receiver has fallen silent"
        return PositionChanged(
            position=position,
            until=position.time + self._limits.oldest,
            zones=tuple(zone for zone in self._zones if zone.touches(position)),
            satellites=None if sky is None else sky.used,
            regained=regained,
        )

    def _age(self, told: float | None, now: float) -> float | None:
        """Return the age of the fix in seconds; None for a repeated one.

        The satellites' time is compared only with its own past, because this board may not know the time. The report
        with the least delay counts as new.
        """
        if told is None:
            return 0.0
        if told == self._time:
            return None
        self._time = told
        delay = now - told
        if self._delay is None or not 0 <= delay - self._delay < _ANOTHER_CLOCK:
            self._delay = delay
        return delay - self._delay
