"""Two counters behind one BSSID: the sequence numbers of its beacons jump forth and back."""

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
"""Frames that any access point may have sent between two beacons."""
_SHUFFLED = 32
"""Numbers by which frames overtake each other, in an access point's queues or in a capture."""
_NEAR = 0.5
"""Seconds between two beacons that are compared: longer ago, a counter may be anywhere."""
_BUSIEST = 3000
"""Frames a second that one counter may number: small ones without QoS, at the best rate of 802.11g."""
_BUNDLED = 0.1
"""Seconds by which a driver may hand a frame over late."""
_DRIFT = 300
"""Numbers a second by which the distance between two counters may change: that of a busy network."""
_LOOSE, _LOOSEST = 32, 128
"""Numbers by which two jumps of the same size may differ, at once and at most."""
_EACH_WAY = 2
_SMOOTH = 50
"""Beacons heard before the first jump that make it something new of this access point."""


class CounterSettings(RuleSettings):
    """When two counters are told."""

    jumps: int = option(
        default=8, low=4, high=1000, help="Jumps by the same distance, forth and back, less those that do not fit."
    )
    within: Duration = option(default=Duration(120.0), low=5, high=3600, help="Time between two jumps at most.")


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
        """Process a jump, 0 to 4095, that is neither a short step nor one that a busy access point makes."""
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
    """The sequence numbers of a BSSID's beacons jump by the same distance forth and back.

    Of every fifth beacon and the one before it, if at most 0.5 s lie between: a step of 64 or less is usual; so is one
    of as many frames as a busy access point sends in that time (3,000/s), and one of up to 32 back, since queues
    overtake each other. Any other is a jump. Jumps of equal size (within 32, and 300 for each second since the one
    before, at most 128) in both directions are those between two counters; one that fits neither takes one of them
    back. Raised at `jumps` (default 8), two each way at least, with at most `within` (default 120 s) from one to the
    next. A notice where the numbers jumped from the beginning, a warning where they were smooth for 50 beacons before.
    Beacons are compared with beacons only: data, and with some chips other management frames, are numbered apart. Not
    judged: ad-hoc networks.
    """

    rule = "two-counters"
    sign = COUNTER
    title = "Two counters, one BSSID"
    severity = Severity.WARNING
    meaning = (
        "A device numbers what it sends. The beacons under this address are numbered by two counters that take turns,"
        " as when a second device imitates the access point."
    )
    advice = (
        "Look whether the same access point is also accused by its clock, level or content; then somebody imitates it."
        " Alone and from the first moment on, it may be a property of the device: mute it."
    )
    fooled_by = (
        "Access points that number some beacons in another queue; several that share a BSSID by design. Chips whose"
        " numbers are arbitrary do not make jumps of equal size. An imitator whose numbers stay close to the real ones"
        " is not seen."
    )
    reference = (
        "IEEE 802.11-2020, 10.3.2.14; Guo and Chiueh, Sequence number-based MAC address spoof detection, RAID 2005"
    )
    Settings = CounterSettings

    def __init__(self, settings: CounterSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._jumps: Recent[bytes, _Jumps] = Recent(2 * SUSPECTS, _Jumps)

    def usual(self) -> Usual:
        """Return what any access point may do."""
        return Usual(step=_CALM)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Compare the number of a beacon with that of the one before."""
        jump = (frame.seq - before.seq) & _MODULO  # type: ignore[operator]  # management frames have one
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
            f"The sequence numbers of {name(ap)} jump by about {distance} forth and back"
            f" ({jumps.forth + jumps.back} times, last from {before.seq} to {frame.seq}): two counters take turns.",
            seen=jumps.forth + jumps.back,
            threshold=f"{self.settings.jumps} jumps by the same distance",
            severity=Severity.WARNING if jumps.smooth else Severity.NOTICE,
            confidence=MEDIUM if jumps.smooth else LOW,
            frames=(before,),
        )


def _apart(one: int, other: int) -> int:
    return min((one - other) & _MODULO, (other - one) & _MODULO)


DETECTIONS = (TwoCounters,)
