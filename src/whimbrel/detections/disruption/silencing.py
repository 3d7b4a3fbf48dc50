"""Quiet elements that forbid a network to send for most of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import TIME_UNIT

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_ACCESS_POINTS = 32
_QUIET, _SIZE = 40, 6


class QuietSettings(RuleSettings):
    """The thresholds."""

    share: int = option(default=50, low=10, high=100, help="Per cent of the time that must be left quiet.")
    longest: Duration = option(
        default=Duration(1.0), low=0.1, high=60, help="Or the least length of a single quiet interval."
    )
    count: int = option(default=3, low=1, high=100, help="Announcements of it that are a warning.")
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Listening time they must lie within.")


class QuietAbuse(Detection[QuietSettings]):
    """A beacon or a probe response that differs from the last one orders the network to be quiet (Quiet element) for at
    least `share` per cent of the time, or for `longest` at once. A notice; a warning after `count` of them within
    `window` of listening: an imitator's beacons alternate with those of the access point."""

    rule = "quiet-abuse"
    family = "disruption"
    title = "Network ordered to be quiet"
    severity = Severity.WARNING
    meaning = (
        "Frames in the name of the access point forbid its devices to send for most of the time. A real access point"
        " asks for silence of some milliseconds now and then, to look for radar."
    )
    advice = "Check whether devices lose the network. Beacon protection (Wi-Fi 7) prevents it. The sender is near."
    fooled_by = (
        "A frame damaged in transmission, if the receiver does not mark it: a notice. An access point that measures its"
        " channel at length while it has no devices."
    )
    reference = "IEEE 802.11-2020, 9.4.2.22 (Quiet element), 11.8.3"
    Settings = QuietSettings

    def __init__(self, settings: QuietSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._bursts: Recent[bytes, Burst] = Recent(_ACCESS_POINTS, lambda: Burst(settings.count, settings.window))

    def heeds(self, said: Announcement) -> bool:
        """Return whether there is a Quiet element."""
        return _QUIET in said.numbers

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Judge the Quiet element of an announcement."""
        said = ap.announced
        if holds(frame) is False:
            return None
        span = next(((start, end) for number, start, end in said.spans if number == _QUIET), None)
        if span is None or span[1] - span[0] != _SIZE:
            return None
        period, length = said.raw[span[0] + 1], int.from_bytes(said.raw[span[0] + 2 : span[0] + 4], "little")
        between = period * (said.interval or 100)
        share = min(100, 100 * length // between) if between else 0
        seconds = length * TIME_UNIT
        if share < self.settings.share and seconds < self.settings.longest:
            return None
        burst = self._bursts.use(ap.address)
        loud = burst.hit(self.air, frame)
        burst.count_on()
        how = f"{share} % of the time" if share >= self.settings.share else f"{seconds:.1f} s at once"
        return Claim(
            ap.address,
            f"{SEEN} times {ssid(ap.ssid) or 'the network'} ({mac(ap.address)}) was ordered to be quiet, the last time "
            f"for {how}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            seen=burst.total,
            threshold=f"{self.settings.count} in {self.settings.window:g} s",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=burst.before(frame),
        )


DETECTIONS = (QuietAbuse,)
