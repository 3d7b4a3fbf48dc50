"""WPA3 logins that fail at the proof of the password, one after the other."""

from __future__ import annotations

from collections import deque
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
    from whimbrel.detections.moment import Moment
    from whimbrel.wifi.frames import Frame

_ACCESS_POINTS, _STATIONS = 32, 256
_SAE, _CONFIRM = 3, 2
_ADDRESSES = 64
"""Limit of remembered addresses of one access point."""
_RETURNS = 20.0
"""Seconds of listening after which most devices with an old password have tried again."""
_FEWEST = 4
"""Failed logins, even at the rate of a guesser, that a device with an old password makes."""
_PATIENCE = 1.0
"""Seconds within which a repeated confirm belongs to the same login."""


class SaeGuessingSettings(RuleSettings):
    """The thresholds."""

    failures: int = option(default=8, low=3, high=1000, help="Failed logins at one access point.")
    window: Duration = option(default=Duration(60.0), low=1, high=3600, help="Within this much listening.")
    many: int = option(default=24, low=3, high=1000, help="With so many of them, the notice becomes a warning.")


class _Guesses:
    """The failed logins at one access point."""

    __slots__ = ("addresses", "burst")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.addresses: dict[bytes, deque[Moment]] = {}
        """The last moments of each address, the one that failed last at the end."""

    def fail(self, station: bytes, moment: Moment, most: int, window: float) -> deque[Moment]:
        """Note a failure of `station`, forget older ones than `window`, and return the moments of the station."""
        addresses = self.addresses
        at = addresses.pop(station, None)
        if at is None:
            at = deque(maxlen=most)
        at.append(moment)
        addresses[station] = at
        oldest = next(iter(addresses))
        while len(addresses) > _ADDRESSES or not addresses[oldest][-1].is_within(window, moment):
            del addresses[oldest]
            oldest = next(iter(addresses))
        return at

    def given_up(self, moment: Moment) -> int:
        """Return the number of addresses that failed once and have not come back."""
        return sum(len(at) == 1 and at[0].until(moment) >= _RETURNS for at in self.addresses.values())


class SaeGuessing(Detection[SaeGuessingSettings]):
    """Within `window` of listening, at least `failures` WPA3 logins (SAE) at one access point fail at the proof of the
    password: the access point refuses the confirm, or the station begins anew after a confirm without a successful one
    of the access point. Retransmissions do not count. A notice; a warning with `many` of them by one address, with a
    quarter of `many` (at least 4) by one address within a quarter of `window`, or if `failures` addresses failed once
    each and did not come back for 20 s: devices with an old password do.
    """

    rule = "sae-guessing"
    family = "protocol"
    title = "Guessing a WPA3 password"
    severity = Severity.WARNING
    meaning = "Somebody tries one password after the other at the access point itself. Only weak ones are found so."
    advice = "Use a long random password. If it is a device of yours with an old password, correct it there."
    fooled_by = (
        "A device with an old password that tries again and again, many times a minute, or many people with an"
        " old password who give up after one attempt. A guesser with a few addresses at a slow pace is a notice only."
    )
    reference = "IEEE 802.11-2020, 12.4.5.6 (SAE confirm); wacker"
    Settings = SaeGuessingSettings
    kinds = frozenset({AUTH, ASSOC_REQ, REASSOC_REQ})

    def __init__(self, settings: SaeGuessingSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._failures: Recent[bytes, _Guesses] = Recent(
            _ACCESS_POINTS, lambda: _Guesses(Burst(max(settings.failures, settings.many), settings.window))
        )
        self._fast = max(_FEWEST, settings.many // 4)
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
                return self._failed(frame, bssid, pair[6:]) if status and holds(frame) is not False else None
            return None
        if waiting and self.air.now - waiting[0] > _PATIENCE:
            self._confirmed.drop(pair)
            return self._failed(frame, bssid, pair[6:])
        if number == _CONFIRM and not waiting:
            self._confirmed.use(pair)[:] = [self.air.now]
        return None

    def _failed(self, frame: Frame, bssid: bytes, station: bytes) -> Verdict:
        settings, moment = self.settings, self.air.moment
        many, window = settings.many, float(settings.window)
        guesses = self._failures.use(bssid)
        burst = guesses.burst
        burst.hit(self.air, frame)
        at = guesses.fail(station, moment, max(many, self._fast), window)
        loud = (
            (len(at) >= many and at[-many].is_within(window, moment))
            or (len(at) >= self._fast and at[-self._fast].is_within(window / 4, moment))
            or guesses.given_up(moment) >= settings.failures
        )
        if burst.total < settings.failures and not loud:
            return None
        burst.count_on()
        stations = {kept.ra if kept.ta == bssid else kept.ta for kept in burst.frames}
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
