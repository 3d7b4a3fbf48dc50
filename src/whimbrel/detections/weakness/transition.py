"""Networks that offer strong protection together with weaker one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.tables import Recent
from whimbrel.detections.weakness.networks import NetworkWeakness
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.security import Pmf, Protection

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame
    from whimbrel.wifi.security import Security

_NAMES = 128
# As integers: an operation on a flag costs a hundred times as much, and every new access point asks for these.
_OWE_HALF: int = Protection.OWE_TRANSITION.value
_WPA: int = (Protection.WPA_PERSONAL | Protection.WPA_ENTERPRISE).value
_WPA3: int = Protection.WPA3.value
_RSN: int = Protection.WPA2.value | _WPA3
_WPA2_PERSONAL: int = Protection.WPA2_PERSONAL.value
_WPA3_PERSONAL: int = Protection.WPA3_PERSONAL.value


def weaker_way(security: Security) -> str:
    """Return the weaker protection of a network that also offers a stronger one, in words; empty if there is none."""
    ways: int = security.protection._value_
    if ways & _OWE_HALF:
        return "is the open half of a network that offers encryption without a password (OWE)"
    if ways & _WPA and ways & _RSN:
        return "accepts WPA from 2003 in addition to WPA2 or WPA3"
    if ways & _WPA3_PERSONAL and ways & _WPA2_PERSONAL:
        return "accepts WPA2 in addition to WPA3, with the same password"
    if ways & _WPA3 and security.pmf is Pmf.OPTIONAL:
        return "offers WPA3 without requiring protected management frames (PMF)"
    return ""


class TransitionMode(NetworkWeakness):
    """An access point announces one of these: WPA in addition to WPA2 or WPA3; WPA2-Personal in addition to
    WPA3-Personal; WPA3 with optional PMF; the open half of an OWE transition network."""

    rule = "transition-mode"
    title = "Strong beside weak"
    says = ""
    meaning = (
        "The network offers weaker protection for old devices in addition to the strong one. An imitator offers only"
        " the weaker one, and devices accept it; with the same password, a guess for the weaker one opens the stronger"
        " one."
    )
    advice = "If it is yours and all devices support WPA3, allow only that. Give old devices a separate network."
    fooled_by = "It is not an attack: most of today's networks are set up like this on purpose."
    reference = (
        "Vanhoef and Ronen, Dragonblood, IEEE S&P 2020, section 4.1; Wi-Fi Alliance: WPA3 Specification 3.3, 2.3"
    )

    def heeds(self, said: Announcement) -> bool:
        """Return whether it has weaker protection too."""
        return bool(weaker_way(said.security))

    def _claim(self, ap: AccessPoint) -> Claim:
        claim = super()._claim(ap)
        return claim._replace(text=f"{self._named(ap)} {weaker_way(ap.announced.security)}")


class SplitProtection(Detection[RuleSettings]):
    """Access points of one name differ: some accept only WPA3-Personal, others only WPA2-Personal. Reported once for
    each name; a notice for a guarded network. Truncated announcements and frames with a wrong check sequence do not
    count."""

    rule = "split-protection"
    family = "weakness"
    title = "One name, two protections"
    severity = Severity.WEAKNESS
    meaning = (
        "Under one name some access points accept only WPA3 and others only WPA2. A device that knows the name joins"
        " either kind, so the stronger ones are no protection from an imitator that offers WPA2."
    )
    advice = (
        "If it is yours, set all access points to the same protection. If one of them is unknown to you, it may be an"
        " imitator."
    )
    fooled_by = (
        "A network during a change of its settings, an old repeater, or two neighbours with the same factory name."
    )
    reference = "CVE-2023-52424 (SSID confusion); Wi-Fi Alliance: WPA3 Specification 3.3, 2.3"
    once = True

    def __init__(self, settings: RuleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._heard: Recent[bytes, dict[int, bytes]] = Recent(_NAMES, dict)

    def heeds(self, said: Announcement) -> bool:
        """Return whether it accepts one of the two alone."""
        return said.security.protection._value_ in (_WPA2_PERSONAL, _WPA3_PERSONAL)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Compare an announcement with those of the same name."""
        said = ap.announced
        if not ap.ssid or said.cut or said.adhoc:
            return None
        heard = self._heard.use(ap.ssid)
        heard[said.security.protection._value_] = ap.address
        if len(heard) < 2:
            return None
        guarded = self.air.guard.network(ap.ssid, ap.address) is not None
        strong, weak = heard[_WPA3_PERSONAL], heard[_WPA2_PERSONAL]
        return Claim(
            ap.ssid,
            f'"{ssid(ap.ssid)}" accepts only WPA3 at {mac(strong)} and only WPA2 at {mac(weak)}',
            bssid=weak,
            ssid=ap.ssid,
            confidence=HIGH if holds(frame) else MEDIUM,
            severity=Severity.NOTICE if guarded else None,
        )


DETECTIONS = (TransitionMode, SplitProtection)
