"""Floods of requests at an access point: by stations that are made up, or by one that will not stop."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar

from whimbrel.detections.base import HIGH, MEDIUM, SEEN, Claim, Detection, Repeated, Verdict
from whimbrel.detections.disruption.pace import Crowd, Pace, Sieve
from whimbrel.detections.moment import STRETCH
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent, Retold
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_SURE = 5
"""This many times the threshold is no accident."""


class CrowdSettings(RuleSettings):
    """The number of stations, or of requests of one station."""

    count: int = option(default=30, low=5, high=128, help="Stations that begin at one access point and do not go on.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time this must lie within.")
    single: int = option(default=40, low=5, high=500, help="Requests of one station at one access point.")


class Crowding(Detection[CrowdSettings]):
    """The base class of floods at access points: at least `count` stations that begin and do not go on, or at least
    `single` beginnings of one station, within `window` of listening.

    A station goes on if it sends anything else; where the network is protected (WPA or later), if it answers a login
    (message 2 or 4, EAP), or if its access point sends it message 3 or data.
    """

    family = "disruption"
    severity = Severity.WARNING
    Settings = CrowdSettings
    packets: ClassVar[frozenset[str]] = frozenset({"eap", "M2", "M4"})
    what: ClassVar[str]
    """The action of the stations, as in: ``30 stations …``."""
    forged: ClassVar[bool] = False
    """Whether the frames carry the addresses of their victims, which may be trusted devices."""
    ends: ClassVar[bool] = False
    """Whether the stations end a connection, after which they send whatever they like."""

    def __init__(self, settings: CrowdSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._crowds: Recent[bytes, Crowd] = Recent(12, lambda: Crowd(settings.count, settings.window))
        self._single: Sieve[tuple[bytes, bytes], Pace] = Sieve(lambda: Pace(settings.single), watched=24, once=128)
        self._last: deque[Frame] = deque(maxlen=16)
        self._told = Retold()
        self._threshold = f"{settings.count} stations or {settings.single} times one in {settings.window:g} s"

    def begins(self, frame: Frame, bssid: bytes, station: bytes) -> Claim | Repeated | None:
        """Note that `station` begins at `bssid`."""
        air, settings = self.air, self.settings
        while self._last and abs(frame.time - self._last[0].time) > settings.window * STRETCH:
            self._last.popleft()
        self._last.append(frame)
        moment = air.moment
        one = self._single.use((bssid, station), frame, moment)
        if one is not None and one.hear(frame, moment) and one.within(moment, settings.single, settings.window):
            key = bssid, station, one.hits >= settings.single * _SURE
            told = self._told.again(key, air.now, one.hits)
            if told is not None:
                return told
            claim = self._claim(frame, bssid, f"{mac(station)} {self.what} {SEEN} times", one.hits, settings.single)
            return self._told.keep(key, air.now, claim)
        return self._crowd(frame, bssid, station)

    def answered(self, frame: Frame, bssid: bytes, station: bytes) -> Claim | Repeated | None:
        """Note that an access point answers a `station` that begins, whether that was heard or not."""
        self._last.append(frame)
        return self._crowd(frame, bssid, station)

    def goes_on(self, bssid: bytes, station: bytes) -> None:
        """Note that an access point goes on with a station that began."""
        crowd = self._crowds.get(bssid)
        if crowd is not None:
            crowd.goes_on(station)

    def _crowd(self, frame: Frame, bssid: bytes, station: bytes) -> Claim | Repeated | None:
        air, settings = self.air, self.settings
        crowd = self._crowds.use(bssid)
        crowd.begins(air, station)
        # Which of the stations have gone on is looked up for each of them, so it is done for a new claim only.
        key = bssid, crowd.seen >= settings.count * _SURE
        told = self._told.again(key, air.now, crowd.seen)
        if told is not None:
            return told
        ap = air.access_points.get(bssid)
        if not crowd.full(air, protected=not self.ends and ap is not None and bool(ap.announced.security.akms)):
            return None
        text = f"{SEEN} stations {self.what}, and {len(crowd)} of the last ones did not go on"
        return self._told.keep(key, air.now, self._claim(frame, bssid, text, crowd.seen, settings.count))

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Note that a station goes on."""
        if frame.ta == station:
            self.goes_on(bssid, station)
        return None

    def remark(self, bssid: bytes) -> str:
        """Return another sentence for the evidence, empty for none."""
        return ""

    def _claim(self, frame: Frame, bssid: bytes, text: str, seen: int, least: int) -> Claim:
        name = self.air.name_of(bssid)
        sure = seen >= least * _SURE
        return Claim(
            key=bssid,
            text=f"{text}, at {ssid(name) or 'the access point'} ({mac(bssid)}).{self.remark(bssid)}",
            bssid=bssid,
            ssid=name,
            sender=None if self.forged else frame.ta,
            receiver=bssid,
            seen=seen,
            threshold=self._threshold,
            confidence=HIGH if sure else MEDIUM,
            severity=Severity.CRITICAL if sure else None,
            frames=(before for before in self._last if before.bssid == bssid and before is not frame),
        )
