"""Networks that offer a strong way in beside a weaker one."""

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

_NAMES = 128
_WPA = Protection.WPA_PERSONAL | Protection.WPA_ENTERPRISE
_RSN = Protection.WPA2 | Protection.WPA3


def weaker_way(ap: AccessPoint) -> str:
    """Describe the weaker way into a network that offers a stronger one beside it; empty if there is none."""
    security = ap.announced.security
    ways = security.protection
    if ways & Protection.OWE_TRANSITION:
        return "is the open half of a network that offers encryption without a password (OWE)"
    if ways & _WPA and ways & _RSN:
        return "takes WPA of 2003 beside WPA2 or WPA3"
    if ways & Protection.WPA3_PERSONAL and ways & Protection.WPA2_PERSONAL:
        return "takes WPA2 beside WPA3, with the same password"
    if ways & Protection.WPA3 and security.pmf is Pmf.OPTIONAL:
        return "offers WPA3 without requiring protected management frames (PMF)"
    return ""


class TransitionMode(NetworkWeakness):
    """An access point announces one of these: WPA beside WPA2 or WPA3; WPA2-Personal beside WPA3-Personal; WPA3 with
    PMF that is optional; the open half of an OWE transition network."""

    rule = "transition-mode"
    title = "Strong beside weak"
    says = ""
    meaning = (
        "The network takes old devices by a weaker way beside the strong one. An imitator offers only the weaker one,"
        " and devices take it; with the same password, what is guessed of the weaker opens the stronger."
    )
    advice = "If it is yours and all devices can do WPA3, leave only that. Give old devices a network of their own."
    fooled_by = "It is no attack: most networks of today are set up so, on purpose."
    reference = (
        "Vanhoef and Ronen, Dragonblood, IEEE S&P 2020, section 4.1; Wi-Fi Alliance: WPA3 Specification 3.3, 2.3"
    )

    def weak(self, frame: Frame, ap: AccessPoint) -> bool:
        """Return whether it has a weaker way."""
        return bool(weaker_way(ap))

    def _claim(self, ap: AccessPoint) -> Claim:
        claim = super()._claim(ap)
        return claim._replace(text=f"{self._named(ap)} {weaker_way(ap)}")


class SplitProtection(Detection[RuleSettings]):
    """Access points of one name differ: some take only WPA3-Personal, others only WPA2-Personal. Told once for each
    name; of the user's own network as a notice. Announcements that were cut short do not count, nor do frames whose
    check sequence does not fit."""

    rule = "split-protection"
    family = "weakness"
    title = "One name, two protections"
    severity = Severity.WEAKNESS
    meaning = (
        "Under one name some access points take only WPA3 and others only WPA2. A device that knows the name joins"
        " either, so the stronger ones protect nobody from an imitator that offers WPA2."
    )
    advice = "If it is yours, set all access points alike. If one of them is unknown to you, it may be an imitator."
    fooled_by = "A network that is being changed over, an old repeater, and two neighbours with one factory name."
    reference = "CVE-2023-52424 (SSID confusion); Wi-Fi Alliance: WPA3 Specification 3.3, 2.3"
    once = True

    def __init__(self, settings: RuleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._heard: Recent[bytes, dict[Protection, bytes]] = Recent(_NAMES, dict)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Compare an announcement with those of the same name."""
        said = ap.announced
        ways = said.security.protection
        if not ap.ssid or said.cut or said.adhoc or holds(frame) is False:
            return None
        if ways not in (Protection.WPA2_PERSONAL, Protection.WPA3_PERSONAL):
            return None
        heard = self._heard.use(ap.ssid)
        heard[ways] = ap.address
        if len(heard) < 2:
            return None
        guarded = self.air.guard.network(ap.ssid, ap.address) is not None
        strong, weak = heard[Protection.WPA3_PERSONAL], heard[Protection.WPA2_PERSONAL]
        return Claim(
            ap.ssid,
            f'"{ssid(ap.ssid)}" takes only WPA3 at {mac(strong)} and only WPA2 at {mac(weak)}',
            bssid=weak,
            ssid=ap.ssid,
            confidence=HIGH if holds(frame) else MEDIUM,
            severity=Severity.NOTICE if guarded else None,
        )


DETECTIONS = (TransitionMode, SplitProtection)
