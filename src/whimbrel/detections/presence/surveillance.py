"""Devices that watch people, by signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.presence.signature_data import SIGNATURES
from whimbrel.detections.presence.signatures import Matcher, Signature
from whimbrel.events.air import NetworkProbed
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, printable, ssid
from whimbrel.wifi.fcs import holds

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_VENDOR = 221


class SurveillanceSettings(RuleSettings):
    """The user's own signatures."""

    own: tuple[Signature, ...] = option(
        default=(), help="Your own signatures, in addition to those in the folder signatures of the source."
    )
    shipped: bool = option(default=True, help="Whether the signatures that come with Whimbrel count.")


class SurveillanceDevice(Detection[SurveillanceSettings]):
    """An access point, or the name that a station probes for, matches a signature of a device that watches people
    (folder `signatures` of the source, and the setting `own`): a name, octets of a vendor element, or an address with
    more than a maker's prefix; everything that a signature gives. The alert says where the signature comes from and
    when it was last checked.
    """

    rule = "surveillance-device"
    family = "presence"
    title = "Watching device near"
    severity = Severity.NOTICE
    meaning = "A device near looks like a camera or a recorder in a public place: it may see you, or your car."
    advice = "Look around. If it is another device, tell where the signature is wrong."
    fooled_by = (
        "Anybody can give a network such a name. Most such devices use mobile networks or Bluetooth, and are not heard."
    )
    reference = "The source of each signature is in the alert, and in signatures/*.yaml"
    Settings = SurveillanceSettings
    findings = (NetworkProbed,)
    once = True

    def __init__(self, settings: SurveillanceSettings, air: Air) -> None:
        super().__init__(settings, air)
        shipped = [Signature(**each) for each in SIGNATURES] if settings.shipped else []
        self._matcher = Matcher([*settings.own, *shipped])

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Compare an announcement."""
        said = ap.announced
        if said.cut:
            return None
        found = self._matcher.find(
            ap.address,
            ap.ssid,
            lambda: [said.raw[start:end] for number, start, end in said.spans if number == _VENDOR],
        )
        return None if found is None else self._claim(found, ap.address, ap.ssid, bssid=ap.address)

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Compare a name that a station asks for."""
        if not isinstance(finding, NetworkProbed) or holds(frame) is False:
            return None
        found = self._matcher.find(finding.station, finding.ssid, None)
        if found is None or not found.ssids:
            return None
        return self._claim(found, finding.station, finding.ssid, bssid=None)

    def _claim(self, found: Signature, address: bytes, name: bytes, *, bssid: bytes | None) -> Claim:
        what = f' "{ssid(name)}"' if name else ""
        how = "is called" if bssid else "asks for"
        return Claim(
            (found.name, address),
            f"{mac(address)} looks like a {printable(found.name)}: it {how}{what or ' nothing'} (signature of "
            f"{printable(found.date)}, {printable(found.source)})",
            bssid=bssid,
            ssid=name,
            receiver=None if bssid else address,
            confidence=found.confidence,
        )


DETECTIONS = (SurveillanceDevice,)
