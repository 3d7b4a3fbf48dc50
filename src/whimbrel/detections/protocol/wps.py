"""Guessing the PIN of Wi-Fi Protected Setup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.eap import parse_eap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_BSSIDS = 64

_REGISTRARS = 8
_BOTH_SIDES = 1.0
"""The most seconds between the two NACKs that end one exchange."""
_TIMEOUT = 15.0
"""Seconds after which an exchange without a further message is over (Wi-Fi Simple Configuration 2.0, 7.7.6)."""
_ELSEWHERE = 0.05
"""The most seconds by which the listening time on a channel lags behind; with more, the radio was away."""
_STOPS = 2
"""Exchanges without M4 after M3 that are no mistake: a PIN, right or wrong, is always tried with M4."""
_GOES_ON = frozenset({"M5", "M6", "M7", "M8"})


class _Exchange:
    """An exchange that has come to M3."""

    __slots__ = ("asked", "at", "frame", "freq", "heard_at", "station", "tried")

    def __init__(self, air: Air, frame: Frame, station: bytes, *, asked: bool) -> None:
        self.at = air.now
        self.heard_at = air.moment
        self.freq = air.freq
        self.frame = frame
        self.station = station
        self.asked = asked
        """Whether the station's M2 was heard, so that its M4 would be too."""
        self.tried = False
        """Whether a PIN was tried: the station sent M4."""

    def stayed(self, air: Air) -> bool:
        """Return whether the radio has listened on the channel since M3."""
        return air.freq == self.freq and air.now - self.at - self.heard_at.until(air.moment) <= _ELSEWHERE


class _Guesses:
    """The guesses at one access point."""

    __slots__ = ("asked", "burst", "ended", "exchange", "going", "registrars", "stations", "stops")

    def __init__(self, burst: Burst, stops: Burst) -> None:
        self.burst = burst
        self.stops = stops
        """Exchanges that stopped after M3, without M4."""
        self.exchange: _Exchange | None = None
        self.asked = b""
        """The station whose M2 was heard last."""
        self.going = b""
        """The station whose exchange was already counted."""
        self.ended = float("-inf")
        """When an exchange last ended with a NACK."""
        self.registrars: dict[bytes, None] = {}
        """Stations that were heard in the role of a registrar."""
        self.stations: dict[bytes, None] = {}


class WpsBruteforceSettings(RuleSettings):
    """The thresholds."""

    pins: int = option(default=5, low=2, high=50, help="PINs tried at one access point.")
    window: Duration = option(default=Duration(600.0), low=10, help="Within this much listening.")
    certain: int = option(default=15, low=2, help="With this many PINs it is certainly an attack.")


class WpsBruteforce(Detection[WpsBruteforceSettings]):
    """Within `window`, stations in the role of a WPS registrar try `pins` PINs at one BSSID; critical from `certain`
    on. One exchange that ends with a NACK after M3, or has no further message for 15 s, is a notice; two of them
    without the station's M4, which tries the PIN, are a warning: Pixie Dust needs no more than M3. The station's M2
    must be heard for both, and the radio must stay on the channel.

    A WPS message M3 from the access point, as enrollee, or M4 from the station counts as one PIN, once for each
    exchange; so does the NACK at its end, if the two were not heard and the station has the role of a registrar by an
    earlier message (M1 of the access point, M2 of the station). A new exchange begins with the access point's M1, an
    EAPOL-Start, a NACK, or another station. The addresses of the stations do not matter. A station that joins by button
    or PIN is itself the enrollee and never counts.
    """

    rule = "wps-bruteforce"
    family = "protocol"
    title = "Guessing the WPS PIN"
    severity = Severity.WARNING
    meaning = (
        "Somebody tries one WPS PIN after another at this access point. There are only 11,000 to try, and the "
        "right one gives away the password of the network."
    )
    advice = "Switch WPS off in the access point, at least its PIN, and change the password of the network."
    fooled_by = (
        "Somebody who mistypes the PIN on the label while setting up the access point: once is a notice, several times "
        "a warning. An attack with only one exchange (Pixie Dust), or with one PIN every few minutes, stays a notice."
    )
    reference = (
        "CVE-2011-5053; Viehböck: Brute forcing Wi-Fi Protected Setup, 2011; VU#723755; Bongard: Offline bruteforce "
        "attack on WiFi Protected Setup, 2014"
    )
    kismet = ("WPSBRUTE",)
    Settings = WpsBruteforceSettings
    packets = frozenset({"eap", "start"})
    quiet = 300.0

    def __init__(self, settings: WpsBruteforceSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._guesses: Recent[bytes, _Guesses] = Recent(
            _BSSIDS, lambda: _Guesses(Burst(settings.pins, settings.window), Burst(_STOPS, settings.window))
        )

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Follow the exchanges."""
        guesses = self._guesses.get(bssid)
        if packet.type == "start":
            if guesses is not None and guesses.going == station:
                guesses.going = b""
            return None
        eap = parse_eap(frame.raw, packet.start, packet.end)
        if eap is None or not eap.wps:
            return None
        guesses = self._guesses.get(bssid)
        if eap.wps == "nack":
            return None if guesses is None else self._refused(frame, guesses, bssid, station)
        return self._message(frame, eap.message, bssid, station)

    def _message(self, frame: Frame, message: str, bssid: bytes, station: bytes) -> Claim | None:
        """Follow the messages M1 to M8."""
        down = frame.ta == bssid
        if message in _GOES_ON:
            guesses = self._guesses.get(bssid)
            if guesses is not None:
                guesses.exchange = None
            return None
        if message == ("M1" if down else "M2"):
            guesses = self._guesses.use(bssid)
            if len(guesses.registrars) < _REGISTRARS:
                guesses.registrars[station] = None
            if not down:
                guesses.asked = station
            elif guesses.going == station:
                guesses.going = b""
            return None
        if message != ("M3" if down else "M4"):
            return None
        guesses = self._guesses.use(bssid)
        anew = guesses.going != station
        if anew:
            guesses.exchange = _Exchange(self.air, frame, station, asked=guesses.asked == station)
        if guesses.exchange is not None and not down:
            guesses.exchange.tried = True
        guesses.going = station
        return self._count(frame, guesses, bssid, station) if anew else None

    def turn(self) -> Sequence[Claim]:
        """End exchanges without a further message."""
        claims = []
        for bssid, guesses in self._guesses.entries.items():
            exchange = guesses.exchange
            if exchange is not None and self.air.now - exchange.at > _TIMEOUT:
                claims.append(self._over(exchange.frame, guesses, bssid))
        return [claim for claim in claims if claim is not None]

    def _over(self, frame: Frame, guesses: _Guesses, bssid: bytes) -> Claim | None:
        """Judge an exchange that ended after M3."""
        exchange, guesses.exchange = guesses.exchange, None
        if exchange is None or not exchange.asked or not exchange.stayed(self.air):
            return None
        stopped = not exchange.tried and guesses.stops.hit(self.air, exchange.frame)
        if guesses.burst.total >= self.settings.pins:
            return None
        return Claim(
            bssid,
            f"{mac(exchange.station)} began WPS as a registrar at {mac(bssid)}, and the exchange ended "
            f"{'after M4: the PIN was wrong' if exchange.tried else 'after M3, before a PIN was tried (Pixie Dust)'}",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=exchange.station,
            receiver=bssid,
            seen=guesses.burst.total,
            threshold=f"{_STOPS} without M4 in {self.settings.window:g} s",
            confidence=MEDIUM if stopped else LOW,
            severity=Severity.WARNING if stopped else Severity.NOTICE,
            frames=() if exchange.frame is frame else (exchange.frame,),
        )

    def _refused(self, frame: Frame, guesses: _Guesses, bssid: bytes, station: bytes) -> Claim | None:
        """Process a NACK: of the two sides, and repeated."""
        now, ended = self.air.now, guesses.ended
        guesses.ended = now
        counted = guesses.going == station or now - ended <= _BOTH_SIDES
        if guesses.going == station:
            guesses.going = b""
        if guesses.exchange is not None and guesses.exchange.station == station:
            return self._over(frame, guesses, bssid)
        if counted or station not in guesses.registrars:
            return None
        return self._count(frame, guesses, bssid, station)

    def _count(self, frame: Frame, guesses: _Guesses, bssid: bytes, station: bytes) -> Claim | None:
        if len(guesses.stations) < 8:
            guesses.stations[station] = None
        burst = guesses.burst
        if not burst.hit(self.air, frame):
            return None
        many = len(guesses.stations)
        who = mac(station) if many == 1 else f"{many} stations, now {mac(station)},"
        certain = burst.total >= self.settings.certain
        return Claim(
            bssid,
            f"{who} tried {burst.total} WPS PINs at {mac(bssid)}",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=station,
            receiver=bssid,
            seen=burst.total,
            threshold=f"{self.settings.pins} in {self.settings.window:g} s",
            confidence=HIGH if certain else MEDIUM,
            severity=Severity.CRITICAL if certain else Severity.WARNING,
            frames=tuple(burst.frames),
        )


DETECTIONS = (WpsBruteforce,)
