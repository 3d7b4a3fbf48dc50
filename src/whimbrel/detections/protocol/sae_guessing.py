"""WPA3 logins that fail at the proof of the password, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import auth_fixed
from whimbrel.wifi.kinds import ASSOC_REQ, AUTH, REASSOC_REQ, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_ACCESS_POINTS, _STATIONS = 32, 256
_SAE, _CONFIRM = 3, 2
_FEWEST = 4
"""Failed logins, even at the rate of a guesser, that a device with an old password makes."""
_PATIENCE = 1.0
"""Seconds within which a repeated confirm belongs to the same login."""


class SaeGuessingSettings(RuleSettings):
    """The thresholds."""

    failures: int = option(default=8, low=3, high=1000, help="Failed logins at one access point.")
    window: Duration = option(default=Duration(60.0), low=1, high=3600, help="Within this much listening.")
    many: int = option(default=24, low=3, high=1000, help="With so many of them, the notice becomes a warning.")


class SaeGuessing(Detection[SaeGuessingSettings]):
    """Within `window` of listening, at least `failures` WPA3 logins (SAE) at one access point fail at the proof of the
    password: the access point refuses the confirm, or the station begins anew after a confirm without a successful one
    of the access point. Retransmissions do not count. A notice; a warning with `many` of them, with a quarter of `many`
    (at least 4) within a quarter of `window`, or if they come from three addresses or more.
    """

    rule = "sae-guessing"
    family = "protocol"
    title = "Guessing a WPA3 password"
    severity = Severity.WARNING
    meaning = "Somebody tries one password after the other at the access point itself. Only weak ones are found so."
    advice = "Use a long random password. If it is a device of yours with an old password, correct it there."
    fooled_by = "A device with an old password that tries again and again, several times a minute."
    reference = "IEEE 802.11-2020, 12.4.5.6 (SAE confirm); wacker"
    Settings = SaeGuessingSettings
    kinds = frozenset({AUTH, ASSOC_REQ, REASSOC_REQ})

    def __init__(self, settings: SaeGuessingSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._failures: Recent[bytes, Burst] = Recent(
            _ACCESS_POINTS, lambda: Burst(max(settings.failures, settings.many), settings.window)
        )
        self._fast: Recent[bytes, Burst] = Recent(
            _ACCESS_POINTS, lambda: Burst(max(_FEWEST, settings.many // 4), settings.window / 4)
        )
        self._confirmed: Recent[bytes, list[float]] = Recent(_STATIONS, list)

    def observe(self, frame: Frame) -> Verdict:
        """Follow a login."""
        bssid, ta, ra = frame.bssid, frame.ta, frame.ra
        if bssid is None or ta is None or ra is None or frame.flags & RETRY:
            return None
        down = ta == bssid
        pair = bssid + (ra if down else ta)
        if frame.kind != AUTH:
            self._confirmed.drop(pair)
            return None
        fixed = auth_fixed(frame.raw, frame.body, frame.end)
        if fixed is None or fixed[0] != _SAE:
            return None
        _, number, status = fixed
        waiting = self._confirmed.get(pair)
        if down:
            if number == _CONFIRM:
                self._confirmed.drop(pair)
                return self._failed(frame, bssid) if status and holds(frame) is not False else None
            return None
        if waiting and self.air.now - waiting[0] > _PATIENCE:
            self._confirmed.drop(pair)
            return self._failed(frame, bssid)
        if number == _CONFIRM and not waiting:
            self._confirmed.use(pair)[:] = [self.air.now]
        return None

    def _failed(self, frame: Frame, bssid: bytes) -> Verdict:
        settings = self.settings
        burst = self._failures.use(bssid)
        many = self._fast.use(bssid).hit(self.air, frame)
        many = burst.hit(self.air, frame) or many
        if burst.total < settings.failures and not many:
            return None
        burst.count_on()
        stations = {kept.ra if kept.ta == bssid else kept.ta for kept in burst.frames}
        loud = many or len(stations) > 2
        name = self.air.name_of(bssid)
        whose = mac(next(iter(stations))) if len(stations) == 1 else f"{len(stations)} addresses or more"
        return Claim(
            bssid,
            f"{SEEN} WPA3 logins at {ssid(name) or 'the access point'} ({mac(bssid)}) failed at the proof of the "
            f"password, of {whose}.",
            bssid=bssid,
            ssid=name,
            sender=None if frame.ta == bssid else frame.ta,
            seen=burst.total,
            threshold=f"{settings.failures} in {settings.window:g} s",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=burst.before(frame),
        )


DETECTIONS = (SaeGuessing,)
