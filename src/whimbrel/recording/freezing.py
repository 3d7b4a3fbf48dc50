"""Decides when the recent frames are frozen into a separate file, and for how long recording continues."""

from __future__ import annotations

import enum
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.events.alerts import Severity

_HOUR = 3600.0
_KNOWN = 256
"""Incidents of which is known that they were recorded, and others of which that they were not."""


class Step(enum.Enum):
    """The effect of an alert."""

    BEGIN = "begin"
    """A file begins, with the preceding frames."""
    JOIN = "join"
    """It extends the file that is being written."""
    REFUSE = "refuse"
    """Refused: alerts have reached the limit of this hour."""


class Occasions:
    """The choice of recorded incidents: each of sufficient severity once, and again if it becomes worse."""

    def __init__(self, least: Severity | None) -> None:
        """`least`: the least severity; None for none."""
        self._least = least
        self._known: OrderedDict[str, int] = OrderedDict()  # ranks of those that were recorded, by id
        self._forgotten: deque[str] = deque(maxlen=_KNOWN)

    def wants(self, number: str, severity: Severity, active: bool) -> bool:
        """Return whether the state of an incident begins a file, or extends the one being written."""
        if self._least is None or severity.rank < self._least.rank:
            return False
        if self._known.get(number, -1) >= severity.rank:
            return active
        self._known[number] = severity.rank
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return True

    def forget(self, number: str) -> bool:
        """Note that an incident was not recorded after all: its next state may begin a file. Return whether this is the
        first time."""
        self._known.pop(number, None)
        if number in self._forgotten:
            return False
        self._forgotten.append(number)
        return True


class Freezing:
    """One file at a time: an alert during another one's file extends that. Times are those of the frames."""

    def __init__(self, after: float, an_hour: int) -> None:
        """`after`: seconds for which a file continues; `an_hour`: limit of octets of files begun in an hour."""
        self._after = after
        self._an_hour = an_hour
        self._until: float | None = None
        self._begun: deque[tuple[float, int]] = deque()
        self._by_hand = False

    @property
    def active(self) -> bool:
        """Whether a file is being written."""
        return self._until is not None

    def wanted(self, now: float, octets: int, *, by_hand: bool = False) -> Step:
        """Request a freeze of `octets`; a request by a person is never refused."""
        if self._until is not None:
            self._until = now + self._after
            return Step.JOIN
        while self._begun and not 0 <= now - self._begun[0][0] < _HOUR:
            self._begun.popleft()
        self._by_hand = by_hand
        if not by_hand:
            if self._begun and sum(size for _, size in self._begun) + octets > self._an_hour:
                return Step.REFUSE
            self._begun.append((now, octets))
        self._until = now + self._after
        return Step.BEGIN

    def heard(self, now: float, octets: int) -> bool:
        """Note that frames up to `now` were heard; return whether the file ends behind them."""
        if self._until is None:
            return False
        if self._begun:
            begun, size = self._begun[-1]
            self._begun[-1] = (begun, size + octets)
        return now > self._until

    def shift(self, delta: float) -> None:
        """Note that the clock of the frames was set, by `delta` seconds."""
        if self._until is not None:
            self._until += delta
        self._begun = deque((begun + delta, size) for begun, size in self._begun)

    def end(self) -> None:
        """Note that the file has ended, or was ended."""
        self._until = None

    def cancel(self) -> None:
        """Note that the file has not begun, so that nothing of it counts."""
        self.end()
        if not self._by_hand:
            self._begun.pop()
