"""Two counters under one BSSID: the sequence numbers of its beacons jump back and forth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, Verdict
from whimbrel.detections.impersonation.pairs import Usual
from whimbrel.detections.impersonation.suspects import COUNTER, SUSPECTS, TwoTransmitters, name
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_MODULO = 0xFFF
_CALM = 64
"""Frames that any access point may send between two beacons."""
_SHUFFLED = 32
"""The most numbers by which frames overtake each other, in an access point's queues or in a capture."""
_NEAR = 0.5
"""The most seconds between two compared beacons: after longer, a counter may have any value."""
_BUSIEST = 3000
"""The most frames that one counter numbers in a second: small ones without QoS, at the highest rate of 802.11g."""
_BUNDLED = 0.1
"""The most seconds by which a driver delivers a frame late."""
_DRIFT = 300
"""The most numbers by which the distance between two counters changes in a second, in a busy network."""
_LOOSE, _LOOSEST = 32, 128
"""The largest difference between two jumps of equal size: without delay, and in any case."""
_EACH_WAY = 2
_SMOOTH = 50
"""With this many beacons before the first jump, jumping is new for this access point."""


class CounterSettings(RuleSettings):
    """The threshold for two counters."""

    jumps: int = option(
        default=8, low=4, high=1000, help="Jumps by the same distance, back and forth, minus other jumps."
    )
    within: Duration = option(default=Duration(120.0), low=5, high=3600, help="The most time between two jumps.")


class _Jumps:
    """The jumps between two counters of one BSSID."""

    __slots__ = ("at", "back", "distance", "forth", "score", "smooth")

    def __init__(self) -> None:
        self.begin(0, 0.0, 0)

    def begin(self, distance: int, at: float, beacons: int) -> None:
        self.distance = distance
        self.at = at
        self.forth, self.back, self.score = 1, 0, 1
        self.smooth = beacons >= _SMOOTH

    def add(self, jump: int, at: float) -> None:
        """Process a jump, 0 to 4095, that is neither a short step nor a step of a busy access point."""
        loose = min(_LOOSEST, _LOOSE + _DRIFT * max(0.0, at - self.at))
        self.at = at
        if _apart(jump, self.distance) <= loose:
            self.forth += 1
            self.distance = jump
        elif _apart(-jump, self.distance) <= loose:
            self.back += 1
            self.distance = -jump & _MODULO
        else:
            self.score -= 1
            if self.score <= 0:
                self.distance, self.score, self.forth, self.back = jump, 1, 1, 0
            return
        self.score += 1


class TwoCounters(TwoTransmitters[CounterSettings]):
    """The sequence numbers of a BSSID's beacons jump back and forth by the same distance.

    Every fifth beacon is compared with the one before it, if at most 0.5 s lie between them. Normal steps are 64 or
    less, as many frames as a busy access point sends in that time (3,000/s), and up to 32 back, because queues overtake
    each other. Any other step is a jump. Jumps of equal size (within 32, plus 300 for each second since the previous
    jump, at most 128) in both directions are jumps between two counters; each jump of another size cancels one of them.
    The alert is raised at `jumps` jumps (default 8), at least two in each direction, with at most `within` (default 120
    s) from one to the next. It is a notice if the numbers have jumped from the beginning, and a warning if they were
    smooth for 50 beacons before. Beacons are compared only with beacons: data frames, and with some chips other
    management frames, have separate numbers. Not judged: ad-hoc networks.
    """

    rule = "two-counters"
    sign = COUNTER
    by_scan = False  # it compares beacons within half a second
    title = "Two counters, one BSSID"
    severity = Severity.WARNING
    meaning = (
        "A device numbers its frames. The numbers in this address's beacons come from two alternating counters, as if a"
        " second device imitated the access point."
    )
    advice = (
        "Check for alerts about the same access point's clock, signal level or content; then somebody imitates it. If"
        " this is the only alert, and the jumps were there from the beginning, it may be a property of the device: mute"
        " it."
    )
    fooled_by = (
        "Access points that number some beacons in another queue; several access points that share a BSSID by design."
        " Chips with arbitrary numbers do not produce jumps of equal size. An imitator whose numbers stay close to the"
        " real ones is missed."
    )
    reference = (
        "IEEE 802.11-2020, 10.3.2.14; Guo and Chiueh, Sequence number-based MAC address spoof detection, RAID 2005"
    )
    Settings = CounterSettings

    def __init__(self, settings: CounterSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._jumps: Recent[bytes, _Jumps] = Recent(2 * SUSPECTS, _Jumps)

    def usual(self) -> Usual:
        """Return the normal step of an access point."""
        return Usual(step=_CALM)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Compare the number of a beacon with the previous one's."""
        if frame.seq is None or before.seq is None:
            return None
        jump = (frame.seq - before.seq) & _MODULO
        if jump <= _CALM:
            return None
        took = frame.time - before.time
        if not 0 <= took <= _NEAR or jump > _MODULO - _SHUFFLED or jump <= _CALM + _BUSIEST * (took + _BUNDLED):
            return None
        return self._jump(frame, ap, before, jump)

    def _jump(self, frame: Frame, ap: AccessPoint, before: Frame, jump: int) -> Verdict:
        if ap.announced.adhoc:
            return None
        now = self.air.now
        jumps = self._jumps.use(ap.address)
        if not 0 <= now - jumps.at <= self.settings.within:
            jumps.begin(jump, now, ap.beacons)
            return None
        jumps.add(jump, now)
        if jumps.score < self.settings.jumps or min(jumps.forth, jumps.back) < _EACH_WAY:
            return None
        distance = min(jumps.distance, -jumps.distance & _MODULO)
        return self.accuse(
            ap,
            f"The sequence numbers of {name(ap)} jump back and forth by about {distance} ({jumps.forth + jumps.back}"
            f" times, last from {before.seq} to {frame.seq}): two counters alternate.",
            seen=jumps.forth + jumps.back,
            threshold=f"{self.settings.jumps} jumps by the same distance",
            severity=Severity.WARNING if jumps.smooth else Severity.NOTICE,
            confidence=MEDIUM if jumps.smooth else LOW,
            frames=(before,),
        )


def _apart(one: int, other: int) -> int:
    return min((one - other) & _MODULO, (other - one) & _MODULO)


DETECTIONS = (TwoCounters,)
