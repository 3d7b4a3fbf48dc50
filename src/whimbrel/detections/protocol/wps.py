"""Guessing the PIN of Wi-Fi Protected Setup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.eap import parse_eap

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_BSSIDS = 64

_REGISTRARS = 8
_BOTH_SIDES = 1.0
"""The most seconds between the two NACKs that end one exchange."""


class _Guesses:
    """The guesses at one access point."""

    __slots__ = ("burst", "ended", "going", "registrars", "stations")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
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
    on.

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
        "Somebody who mistypes the PIN on the label several times while setting up the access point. An attack with "
        "only one exchange (Pixie Dust), or with one PIN every few minutes, stays below the threshold."
    )
    reference = "CVE-2011-5053; Viehböck: Brute forcing Wi-Fi Protected Setup, 2011; VU#723755"
    kismet = ("WPSBRUTE",)
    Settings = WpsBruteforceSettings
    quiet = 300.0

    def __init__(self, settings: WpsBruteforceSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._guesses: Recent[bytes, _Guesses] = Recent(
            _BSSIDS, lambda: _Guesses(Burst(settings.pins, settings.window))
        )

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Follow the exchanges."""
        if packet.type not in {"eap", "start"}:
            return None
        guesses = self._guesses.get(bssid)
        if packet.type == "start":
            if guesses is not None and guesses.going == station:
                guesses.going = b""
            return None
        eap = parse_eap(frame.raw, packet.start, packet.end)
        if eap is None or not eap.wps:
            return None
        if eap.wps == "nack":
            return None if guesses is None else self._refused(frame, guesses, bssid, station)
        down = frame.ta == bssid
        if eap.message == ("M1" if down else "M2"):
            guesses = self._guesses.use(bssid)
            if len(guesses.registrars) < _REGISTRARS:
                guesses.registrars[station] = None
            if down and guesses.going == station:
                guesses.going = b""
            return None
        if eap.message != ("M3" if down else "M4"):
            return None
        guesses = self._guesses.use(bssid)
        if guesses.going == station:
            return None
        guesses.going = station
        return self._count(frame, guesses, bssid, station)

    def _refused(self, frame: Frame, guesses: _Guesses, bssid: bytes, station: bytes) -> Claim | None:
        """Process a NACK: of the two sides, and repeated."""
        now, ended = self.air.now, guesses.ended
        guesses.ended = now
        counted = guesses.going == station or now - ended <= _BOTH_SIDES
        if guesses.going == station:
            guesses.going = b""
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
