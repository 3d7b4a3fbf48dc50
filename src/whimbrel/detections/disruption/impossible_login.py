"""Authentications that no station sends: FATA-jack and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import auth_fixed
from whimbrel.wifi.kinds import AUTH, PROTECTED, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_PAIRS = 48
_OPEN, _SHARED, _FT, _SAE = 0, 1, 2, 3
_KNOWN = frozenset({_OPEN, _SHARED, _FT, _SAE, 4, 5, 6, 7, 128})
"""Algorithms of the standard (IEEE 802.11-2020, 9.4.1.1), and Cisco's LEAP."""


class ImpossibleLoginSettings(RuleSettings):
    """The thresholds."""

    count: int = option(default=3, low=1, high=100, help="Such authentications in one station's name.")
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Within this much listening.")


class ImpossibleLogin(Detection[ImpossibleLoginSettings]):
    """Within `window` of listening, at least `count` authentications in one station's name cannot come from it: their
    algorithm does not exist; or it is not that of the network (shared key where RSN is announced, SAE or FT where no
    such key management is); or the first message of an algorithm other than SAE has a status other than 0.
    Retransmissions do not count. A notice; a warning if the station works with that access point.
    """

    rule = "impossible-login"
    family = "disruption"
    title = "Login that cannot be"
    severity = Severity.WARNING
    meaning = (
        "Somebody asks for a login in a device's name in a way that the access point must refuse. Some access points"
        " drop the device then (FATA-jack)."
    )
    advice = "Switch on PMF, with which access points keep the device. The sender is near; follow the signal."
    fooled_by = "A device with wrong settings: a notice, because it is not in the network."
    reference = "IEEE 802.11-2020, 9.3.3.11 (authentication frame), 9.4.1.1; FATA-jack, 2003"
    Settings = ImpossibleLoginSettings
    kinds = frozenset({AUTH})

    def __init__(self, settings: ImpossibleLoginSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._pairs: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.count, settings.window))

    def observe(self, frame: Frame) -> Verdict:
        """Judge an authentication of a station."""
        bssid, ta = frame.bssid, frame.ta
        if bssid is None or ta is None or ta == bssid or frame.flags & (RETRY | PROTECTED):
            return None
        fixed = auth_fixed(frame.raw, frame.body, frame.end)
        ap = self.air.access_point(bssid)
        if fixed is None or ap is None:
            return None
        why = _impossible(ap, *fixed)
        if not why or holds(frame) is False:
            return None
        burst = self._pairs.use(bssid + ta)
        if not burst.hit(self.air, frame):
            return None
        station = self.air.station(ta)
        works = station is not None and station.bssid == bssid and station.worked
        return Claim(
            (bssid, ta),
            f"{SEEN} authentications at {mac(bssid)} in the name of {mac(ta)}"
            f"{', which is in that network,' if works else ''} cannot come from it: {why}.",
            bssid=bssid,
            ssid=ap.ssid,
            receiver=ta,
            seen=burst.total,
            threshold=f"{self.settings.count} in {self.settings.window:g} s",
            confidence=MEDIUM if works else LOW,
            severity=Severity.WARNING if works else Severity.NOTICE,
            frames=burst.before(frame),
        )


def _impossible(ap: AccessPoint, algorithm: int, number: int, status: int) -> str:
    """Return the reason why no station sends this to an access point; empty if one may."""
    if algorithm not in _KNOWN:
        return f"the algorithm {algorithm} does not exist"
    if number == 1 and status and algorithm != _SAE:
        return f"a first message with the status {status}"
    said = ap.announced
    akms = said.security.akms
    if not akms or said.cut:
        return ""
    if algorithm == _SHARED:
        return "a shared key in a network with RSN"
    if algorithm == _SAE and not any("SAE" in akm for akm in akms):
        return "WPA3 (SAE) in a network without it"
    if algorithm == _FT and not any(akm.startswith("FT") for akm in akms):
        return "fast roaming (FT) in a network without it"
    return ""


DETECTIONS = (ImpossibleLogin,)
