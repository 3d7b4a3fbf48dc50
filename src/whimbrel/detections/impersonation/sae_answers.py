"""Contradictory answers to a WPA3 login: somebody else answers in the access point's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.impersonation.apart import apart
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import EpisodeTally, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import auth_fixed
from whimbrel.wifi.kinds import AUTH, PROTECTED, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_SAE, _COMMIT = 3, 1
_REFUSED = 77
"""Status: the finite cyclic group is not supported (IEEE 802.11-2020, table 9-50)."""
_FAILED = frozenset({1, 13, 15, 37, 123})
"""Other final refusals: unspecified, algorithm, challenge, declined, unknown password identifier. A full or steering
access point refuses otherwise, and may change its mind."""
_AT_ONCE = 0.5
"""The most seconds between such a refusal and the acceptance of the same commit."""
_ACCEPTED = frozenset({0, 126})
"""Status of a commit, by hunting and pecking or by hash to element."""
_GROUP_AT = 6
_PAIRS, _ACCESS_POINTS = 48, 24


class _Exchange:
    """The answers of one access point to one station."""

    __slots__ = ("accepted", "asked", "asked_at", "failed", "refused")

    def __init__(self) -> None:
        self.asked = -1
        """Group of the station's last commit."""
        self.asked_at = float("-inf")
        self.failed: tuple[Frame, int, float] | None = None
        """The refusal of that commit for another reason than its group."""
        self.refused: tuple[Frame, int, float] | None = None
        self.accepted: tuple[Frame, int, float] | None = None


class SaeAnswersSettings(RuleSettings):
    """The thresholds."""

    within: Duration = option(
        default=Duration(10.0), low=0.1, high=60, help="The most time between the two answers to one station."
    )
    sure: int = option(
        default=2,
        low=1,
        high=32,
        help="With this many contradictions of one access point, the notice becomes a warning.",
    )


class SaeAnswersContradict(Detection[SaeAnswersSettings]):
    """One access point refuses an SAE group to a station (status 77), and accepts a commit with the same group from it
    (status 0 or 126), in either order, within `within`. Or it refuses a commit for another final reason (status 1, 13,
    15, 37, 123) and accepts the same one, in either order, within 0.5 s, without another commit of the station.

    The group of a refusal is the one in it, or without one that of the station's last commit. A notice; a warning if
    the two answers come within a second and differ by over 64 in the sequence number, or by 12 dB or more in the level;
    or after `sure` contradictions, each at most 120 s after the previous one.
    """

    rule = "sae-answers-contradict"
    family = "impersonation"
    title = "Contradictory WPA3 answers"
    severity = Severity.WARNING
    meaning = (
        "An access point refused a calculation method and used it at once. Somebody answers in its name, to make"
        " devices use a weaker method, or to keep them out."
    )
    advice = "Look for the second sender by its signal. Allow only group 19 or stronger ones in the access point."
    fooled_by = (
        "An access point whose settings are changed at that moment. Forged answers without a contradiction, because the"
        " real access point is not heard, are missed."
    )
    reference = "IEEE 802.11-2020, 12.4.7.4 and 12.4.8.6.4; Vanhoef and Ronen, Dragonblood, IEEE S&P 2020 (downgrade)"
    Settings = SaeAnswersSettings
    kinds = frozenset({AUTH})

    def __init__(self, settings: SaeAnswersSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._exchanges: Recent[bytes, _Exchange] = Recent(_PAIRS, _Exchange)
        self._tallies: Recent[bytes, EpisodeTally] = Recent(_ACCESS_POINTS, EpisodeTally)

    def observe(self, frame: Frame) -> Verdict:
        """Judge a commit, and its answers."""
        bssid, ta, ra = frame.bssid, frame.ta, frame.ra
        fixed = auth_fixed(frame.raw, frame.body, frame.end)
        if bssid is None or ta is None or ra is None or fixed is None or frame.flags & PROTECTED:
            return None
        if fixed[:2] != (_SAE, _COMMIT):
            return None
        if ta != bssid:
            asked = self._exchanges.use(bssid + ta)
            asked.asked = _group(frame)
            if not frame.flags & RETRY:
                asked.failed, asked.asked_at = None, self.air.now
            return None
        exchange = self._exchanges.use(bssid + ra)
        now, group = self.air.now, _group(frame)
        if fixed[2] == _REFUSED:
            answer = exchange.refused = (frame, exchange.asked if group < 0 else group, now)
            other = exchange.accepted
        elif fixed[2] in _ACCEPTED and group >= 0:
            answer = exchange.accepted = (frame, group, now)
            other = exchange.refused
            if exchange.failed is not None and 0 <= now - exchange.failed[2] <= _AT_ONCE and exchange.asked >= 0:
                other = exchange.failed
        elif fixed[2] in _FAILED:
            exchange.failed = answer = (frame, exchange.asked, now)
            other = exchange.accepted
            if other is None or not exchange.asked_at <= other[2] <= now <= other[2] + _AT_ONCE:
                return None
        else:
            return None
        if other is None or other[1] != answer[1] or not 0 <= now - other[2] <= self.settings.within:
            return None
        exchange.refused = exchange.accepted = exchange.failed = None
        return None if holds(frame) is False else self._claim(frame, other[0], bssid, group=answer[1])

    def _claim(self, frame: Frame, other: Frame, bssid: bytes, *, group: int) -> Claim:
        tally = self._tallies.use(bssid)
        tally.hit(self.air.now)
        marks = apart(frame, other)
        loud = bool(marks) or tally.total >= self.settings.sure
        return Claim(
            bssid,
            f"{SEEN} times {mac(bssid)} refused a WPA3 login with SAE group {group} to a station "
            f"and accepted it, the last time to {mac(frame.ra)}" + (f": {marks}." if marks else "."),
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=bssid,
            receiver=frame.ra,
            seen=tally.total,
            threshold=f"one with another mark, or {self.settings.sure}",
            confidence=HIGH if marks else MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=(other,),
        )


def _group(frame: Frame) -> int:
    """Return the finite cyclic group of a commit; -1 if it has none."""
    at = frame.body + _GROUP_AT
    return frame.raw[at] | frame.raw[at + 1] << 8 if at + 2 <= frame.end else -1


DETECTIONS = (SaeAnswersContradict,)
