"""Limit of the journal's octets an hour for events other than alerts and troubles. Pure.

The journal of a device has some tens of megabytes. A flood of made-up access points, or of forged disconnections, would
fill it, and push out the entries about an attack. So the rest has an allowance, and further lines are counted.
"""

from __future__ import annotations

from whimbrel.events.alerts import AlertAcknowledged
from whimbrel.events.base import Body, Level
from whimbrel.events.incidents import COURSE
from whimbrel.events.interest import level_of_body
from whimbrel.journal.fields import JournalLine

ENTRY = 700
"""Octets of a journald entry besides its contents: its index, and the fields that journald adds."""
_HOUR = 3600.0
_AT_ONCE = 0.5
"""Share of an hour's octets that may come at once, for example at a start in a crowd."""
_NOTICES = 1 / 8
"""Share of an hour's octets for notices that are not of the air, such as a start: a flood does not hide them."""
_ALWAYS = (*COURSE, AlertAcknowledged)
"""Bounded where they are raised, whatever their level."""


class Allowance:
    """Of `hourly` octets. Times are monotonic seconds."""

    def __init__(self, hourly: float, now: float) -> None:
        self.left_out = 0
        """The number of unwritten lines since the last `report`."""
        self._rate = hourly / _HOUR
        self._most = hourly * _AT_ONCE
        self._octets = self._most
        self._since = now

    def take(self, octets: int, now: float) -> bool:
        """Return whether so many octets may be written; if not, the line is counted."""
        self._octets = min(self._most, self._octets + (now - self._since) * self._rate)
        self._since = now
        if self._octets < octets:
            self.left_out += 1
            return False
        self._octets -= octets
        return True

    def report(self) -> int:
        """Return the number of unwritten lines since the last report."""
        left_out, self.left_out = self.left_out, 0
        return left_out


class Shares:
    """The allowances of the kinds: one for what is of the air or of little importance, one for other notices, none for
    alerts, incidents and troubles. An event's own level counts here, not that which the settings give it."""

    def __init__(self, hourly: float, now: float) -> None:
        self._notices = Allowance(hourly * _NOTICES, now)
        self._rest = Allowance(hourly * (1 - _NOTICES), now)

    @property
    def left_out(self) -> int:
        """The number of unwritten lines since the last `report`."""
        return self._notices.left_out + self._rest.left_out

    def take(self, body: object, octets: int, now: float) -> bool:
        """Return whether so many octets of an event may be written; if not, the line is counted."""
        if isinstance(body, _ALWAYS):
            return True
        level = level_of_body(body)
        if level >= Level.INFO or (isinstance(body, Body) and body.of_air):
            return self._rest.take(octets, now)
        return level < Level.NOTICE or self._notices.take(octets, now)

    def report(self) -> int:
        """Return the number of unwritten lines since the last report."""
        return self._notices.report() + self._rest.report()


def octets_of(line: JournalLine) -> int:
    """Return the approximate octets of a line in the journal."""
    return ENTRY + len(line.message) + sum(len(name) + len(value) + 1 for name, value in line.fields.items())
