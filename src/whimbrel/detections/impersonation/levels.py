"""Two signal levels under one BSSID: its beacons come from two places alternately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, Verdict
from whimbrel.detections.impersonation.pairs import Usual
from whimbrel.detections.impersonation.suspects import LEVEL, SUSPECTS, TwoTransmitters, name
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.radios import one_radio

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_NEAR = 0.5
"""The most seconds between two compared beacons: in a longer time somebody may walk by."""
_SAME = 6
"""The most dB between two readings of the same level."""
_EACH_WAY = 3
_EVERY = 5
"""About every fifth beacon is compared with the previous one."""
_SHARE = 10
"""At least one of this many comparisons must be a leap: deep fades are rarer."""


class LevelSettings(RuleSettings):
    """The threshold for two levels."""

    gap: int = option(default=20, low=8, high=80, help="The least dB between the two levels.")
    leaps: int = option(
        default=8, low=4, high=1000, help="Leaps from one level to the other and back, minus other leaps."
    )
    within: Duration = option(default=Duration(60.0), low=5, high=3600, help="The most time between two leaps.")


class _Leaps:
    """The leaps between two levels of one BSSID."""

    __slots__ = ("at", "beacons", "down", "freq", "high", "low", "score", "up")

    def __init__(self) -> None:
        self.at = float("-inf")
        self.freq = self.beacons = 0
        self.settle(0, 0)

    def settle(self, low: int, high: int) -> None:
        """Begin with these two levels, dBm."""
        self.low, self.high = low, high
        self.up = self.down = self.score = 0

    def add(self, low: int, high: int, *, upwards: bool) -> None:
        """Process a leap between two levels, dBm."""
        if self.score == 0:
            self.settle(low, high)
        elif abs(low - self.low) > _SAME or abs(high - self.high) > _SAME:
            self.score -= 1
            return
        self.score += 1
        if upwards:
            self.up += 1
        else:
            self.down += 1


class TwoLevels(TwoTransmitters[LevelSettings]):
    """The level of a BSSID's beacons leaps between the same two values from one beacon to the next.

    Every fifth beacon is compared with the one before it, if one radio heard both on the same frequency at the same
    rate, at most 0.5 s apart. A difference of `gap` (default 20 dB) or more is a leap. Leaps whose lower and upper
    levels each stay within 6 dB count; each other leap cancels one of them. The alert is raised at `leaps` leaps
    (default 8), at least three in each direction, with at most `within` (default 60 s) from one to the next, if at
    least one comparison in ten was a leap. Without other signs it is a notice.
    """

    rule = "two-levels"
    sign = LEVEL
    by_scan = False  # it compares beacons within half a second
    title = "Two levels, one BSSID"
    severity = Severity.NOTICE
    meaning = (
        "The beacons of this address are either strong or weak, with nothing in between, as if they came from two"
        " places."
    )
    advice = "Alone it means little. Check for alerts about the same access point's clock or counter."
    fooled_by = (
        "Access points that alternate between two very different antennas, one of them perhaps broken; a receiver that"
        " switches its antenna or its gain. Walking and fading change the level gradually, or to a different value each"
        " time. Two senders with similar levels are missed."
    )
    reference = "Sheng et al., Detecting 802.11 MAC layer spoofing using received signal strength, INFOCOM 2008"
    nzyme = ("MONITOR_SIGNAL_TRACK",)
    Settings = LevelSettings

    def __init__(self, settings: LevelSettings, air: Air) -> None:
        self._gap = settings.gap
        super().__init__(settings, air)
        self._leaps: Recent[bytes, _Leaps] = Recent(2 * SUSPECTS, _Leaps)

    def usual(self) -> Usual:
        """Return the difference below a leap."""
        return Usual(gap=self._gap)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Compare the level of a beacon with the previous one's."""
        rssi, earlier = frame.rssi, before.rssi
        if rssi is None or earlier is None or -self._gap < rssi - earlier < self._gap:
            return None
        if frame.freq != before.freq or frame.rate != before.rate or not 0 <= frame.time - before.time <= _NEAR:
            return None
        if not one_radio(frame, before):
            return None
        return self._leap(ap, rssi, earlier, frame.freq, before)

    def _leap(self, ap: AccessPoint, rssi: int, earlier: int, freq: int, before: Frame) -> Verdict:
        if ap.announced.adhoc:
            return None
        now = self.air.now
        leaps = self._leaps.use(ap.address)
        if leaps.freq != freq or not 0 <= now - leaps.at <= self.settings.within or leaps.score == 0:
            leaps.score, leaps.freq, leaps.beacons = 0, freq, ap.beacons
        leaps.at = now
        leaps.add(min(rssi, earlier), max(rssi, earlier), upwards=rssi > earlier)
        compared = max(0, ap.beacons - leaps.beacons) // _EVERY
        counted = leaps.up + leaps.down
        if leaps.score < self.settings.leaps or min(leaps.up, leaps.down) < _EACH_WAY or counted * _SHARE < compared:
            return None
        return self.accuse(
            ap,
            f"Beacons of {name(ap)} leap between about {leaps.low} and {leaps.high} dBm: {counted} times in"
            f" {max(compared, counted)} comparisons of successive beacons.",
            seen=counted,
            threshold=f"{self.settings.leaps} leaps of {self._gap} dB",
            severity=Severity.NOTICE,
            confidence=LOW,
            frames=(before,),
        )


DETECTIONS = (TwoLevels,)
