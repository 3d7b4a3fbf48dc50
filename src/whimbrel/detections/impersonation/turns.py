"""A property in an access point's announcement that changes for good, or alternates with another value."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from whimbrel.detections.base import LOW, MEDIUM, Claim, Clear, Verdict
from whimbrel.detections.impersonation.suspects import CONTENT, SUSPECTS, TwoTransmitters, name
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.kinds import BEACON

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

P = TypeVar("P", bound=Hashable)

_HEARD = 20
"""Equal beacons needed before and after a change for it to count as lasting."""


class TurnSettings(RuleSettings):
    """The thresholds for alternating values and for lasting changes."""

    returns: int = option(default=3, low=2, high=1000, help="Least number of changes back to the same other value.")
    within: Duration = option(default=Duration(60.0), low=5, high=3600, help="The most time between two changes.")
    settled: Duration = option(
        default=Duration(120.0), low=10, high=86400, help="How long a new value must last before it is reported."
    )


class Turns(Generic[P]):
    """One property of one BSSID."""

    __slots__ = ("at", "beacons", "first", "returns", "second", "young")

    def __init__(self) -> None:
        self.first: P | None = None  # the value that lasted
        self.second: P | None = None  # the value after the change
        self.at = float("-inf")  # of the last change
        self.returns = 0
        self.beacons = 0
        self.young = True  # whether the first value was heard too rarely to count as lasting

    def change(self, old: P, new: P, now: float, within: float) -> None:
        """Note a change from `old` to `new`."""
        soon = 0 <= now - self.at <= within
        if self.second is None:
            self.first, self.second = old, new
        elif new == self.second and soon:
            self.returns += 1
        elif new not in {self.first, self.second}:
            self.second, self.returns = new, 0
        if not soon:
            self.returns = 0
        self.at = now


class ToldInTurn(TwoTransmitters[TurnSettings], Generic[P]):
    """A property of one BSSID's beacons that rarely changes.

    A subclass defines the property and describes differences. If the beacons change `returns` times from the lasting
    value back to the same other one, with at most `within` between two changes, two senders alternate. If another value
    lasts for `settled` and 20 beacons, the property has changed. Truncated frames are not judged, and values that are
    seen only once (damaged frames) do not count.
    """

    family = "impersonation"
    sign = CONTENT
    severity = Severity.WARNING
    Settings = TurnSettings
    only_changes = True

    def __init__(self, settings: TurnSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._turns: Recent[bytes, Turns[P]] = Recent(SUSPECTS, Turns)
        self._changed: dict[bytes, None] = {}

    def value(self, said: Announcement) -> P | None:
        """Return the property; None if unknown."""
        raise NotImplementedError

    def difference(self, one: P, other: P) -> str:
        """Return the difference of two values in words."""
        raise NotImplementedError

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Compare the beacons' announcement with the previous one."""
        if before is None or frame.kind != BEACON or ap.beacons < 2 or before.cut or ap.announced.cut:
            return None
        old, new = self.value(before), self.value(ap.announced)
        if old is None or new is None or old == new or ap.announced.adhoc:
            return None
        address = ap.address
        turns = self._turns.use(address)
        now = self.air.now
        if turns.second is None:
            turns.young = ap.beacons <= _HEARD
        turns.change(old, new, now, self.settings.within)
        turns.beacons = ap.beacons
        self._changed[address] = None
        if len(self._changed) > SUSPECTS:
            del self._changed[next(iter(self._changed))]
        if turns.returns < self.settings.returns:
            return None
        return self.accuse(
            ap,
            f"The beacons of {name(ap)} alternate between different values: {self.difference(old, new)}"
            f" ({turns.returns} times back and forth).",
            seen=turns.returns,
            threshold=f"{self.settings.returns} returns, {float(self.settings.within):.0f} s apart at most",
            severity=Severity.WARNING,
            confidence=MEDIUM,
        )

    def turn(self) -> Sequence[Claim | Clear]:
        """Claim lasting changes."""
        return [claim for address in list(self._changed) if (claim := self._settle(address))] if self._changed else ()

    def _settle(self, address: bytes) -> Claim | None:
        turns, ap = self._turns.get(address), self.air.access_point(address)
        if turns is None or ap is None:
            del self._changed[address]
            self._turns.drop(address)
            return None
        if 0 <= self.air.now - turns.at < self.settings.settled or ap.beacons - turns.beacons < _HEARD:
            return None
        del self._changed[address]
        self._turns.drop(address)
        old, new = turns.first, self.value(ap.announced)
        if turns.young or old is None or new is None or old == new or turns.returns >= self.settings.returns:
            return None
        return Claim(
            (address, new),
            f"The beacons of {name(ap)} have changed for good: {self.difference(old, new)}.",
            bssid=address,
            ssid=ap.ssid,
            threshold=f"lasting for {float(self.settings.settled):.0f} s",
            severity=Severity.NOTICE,
            confidence=LOW,
            frames=() if ap.beacon is None else (ap.beacon,),
        )
