"""Floods of access points that do not exist."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.disruption.newcomers import Newcomer, marks, newcomer
from whimbrel.detections.made_up import MadeUp
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent, Retold
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wifi.kinds import BEACON

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_COMPARED = 24
"""Newcomers that the next one is compared with."""
_ALIVE = 3
"""Fakes that must go on for the alert to."""
_BLATANT = 3
"""Marks from which on there is no other explanation."""


class BeaconSettings(RuleSettings):
    """How many, and how obvious."""

    count: int = option(default=10, low=3, high=500, help="New access points that bear marks of being made up.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time they must lie within.")
    marks: int = option(default=2, low=1, high=5, help="Marks that each of them must bear at least.")


class BeaconFlood(Detection[BeaconSettings]):
    """At least `count` access points are heard for the first time within `window` of listening on one channel, each of
    which bears at least `marks` marks of being made up.

    Marks of one first beacon: a group address (two), an address of no maker, no TIM, no rates, a clock below 10 s.
    Marks beside another newcomer, of the last 24, whose address is not related (same maker, or four octets in common):
    the same elements; the same clock, running or standing still; a sequence counter that goes on within a second.
    Further beacons of those access points keep the alert open.
    """

    rule = "beacon-flood"
    family = "disruption"
    title = "Flood of fake networks"
    severity = Severity.WARNING
    meaning = (
        "Many networks turn up that no access point stands behind: one transmitter invents them. It fills the lists of"
        " phones, hides real networks, and may crash devices."
    )
    advice = "Join none of the new names. The sender is near; follow the signal that they share."
    fooled_by = (
        "Access points that are switched on in the same seconds, as after a power cut, bear one mark, not two."
        " Fakes that copy a real beacon whole, with a maker's addresses, clocks and counters, are missed."
    )
    reference = "IEEE 802.11-2020, 9.3.3.2 (what a beacon contains), 11.1.3 (the clock)"
    Settings = BeaconSettings
    quiet = 30.0

    def __init__(self, settings: BeaconSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._last: deque[Newcomer] = deque(maxlen=_COMPARED)
        self._made_up = air.shared(MadeUp)
        self._bursts: Recent[int, Burst] = Recent(4, lambda: Burst(settings.count, settings.window))
        self._blatant = 0
        self._told = Retold(4)
        self._going: dict[int, Claim] = {}
        self._alive: Recent[bytes, list[float]] = Recent(_ALIVE, lambda: [0.0])

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Look at the first beacon of an access point."""
        if before is not None or frame.kind != BEACON or ap.address != frame.bssid:
            return None
        air = self.air
        new = newcomer(frame, ap.address, ap.announced, air.now)
        found = marks(frame, new, ap.announced, self._last)
        self._last.append(new)
        if len(found) < self.settings.marks:
            return None
        self._made_up.add(ap.address)
        if len(found) >= _BLATANT:
            self._blatant += 1
        freq = air.freq
        burst = self._bursts.use(freq)
        if not burst.hit(air, frame):
            return None
        told = self._told.again(freq, air.now, burst.total)
        return told or self._told.keep(freq, air.now, self._claim(frame, ap, burst, found, freq))

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Take in that a fake goes on."""
        if not self._going or ap.address not in self._made_up:
            return None
        now = self.air.now
        self._alive.use(ap.address)[0] = now
        alive = self._alive.entries.values()
        if len(alive) < _ALIVE or any(now - heard[0] > self.quiet for heard in alive):
            return None
        return self._going.get(self.air.freq)

    def _claim(self, frame: Frame, ap: AccessPoint, burst: Burst, found: list[str], freq: int) -> Claim:
        settings = self.settings
        where = channel_label(self.air.channel_of(ap.address) or freq)
        sure = self._blatant >= settings.count
        claim = Claim(
            key=freq,
            text=f"{SEEN} access points that are none appeared on channel {where or '?'}, "
            f"the last {settings.count} within {burst.span:.1f} s; "
            f"of {ssid(ap.ssid) or 'the last one'} ({mac(ap.address)}): "
            f"{', '.join(found)}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            seen=burst.total,
            threshold=f"{settings.count} in {settings.window:g} s",
            confidence=HIGH if sure else MEDIUM,
            severity=Severity.CRITICAL if sure else None,
            frames=tuple(burst.frames),
        )
        if len(self._going) >= 4 and freq not in self._going:
            del self._going[next(iter(self._going))]
        self._going[freq] = claim._replace(frames=())
        return claim


DETECTIONS = (BeaconFlood,)
