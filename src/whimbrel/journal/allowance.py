"""Limit of the journal's octets an hour for events other than alerts and problems. Pure.

The journal of a device has some tens of megabytes. A flood of made-up access points would fill it, and push out the
entries about an attack. So the inventory has an allowance, and further lines are counted.
"""

from __future__ import annotations

from whimbrel.journal.fields import JournalLine

ENTRY = 700
"""Octets of a journald entry besides its contents: its index, and the fields that journald adds."""
_HOUR = 3600.0
_AT_ONCE = 0.5
"""Share of an hour's octets that may come at once, for example at a start in a crowd."""


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


def octets_of(line: JournalLine) -> int:
    """Return the approximate octets of a line in the journal."""
    return ENTRY + len(line.message) + sum(len(name) + len(value) + 1 for name, value in line.fields.items())
