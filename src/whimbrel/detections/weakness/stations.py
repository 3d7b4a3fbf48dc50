"""Stations with less protection than their network offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.kinds import ASSOC_REQ, REASSOC_REQ
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame


class ClientWithoutPmf(Detection[RuleSettings]):
    """An association request to an access point that offers PMF has an RSN element without it (MFPC is 0)."""

    rule = "client-without-pmf"
    family = "weakness"
    title = "Device without PMF"
    severity = Severity.WEAKNESS
    meaning = (
        "The network offers protection of management frames (PMF), but this device does not use it: forged frames can"
        " disconnect it."
    )
    advice = "If it is yours, update it. Otherwise expect disconnection attacks to hit it."
    fooled_by = "Old devices do not support PMF."
    reference = "IEEE 802.11-2020, 9.4.2.24.4 and 12.2.8; Kismet's NOCLIENTMFP reports it for every network"
    kismet = ("NOCLIENTMFP",)
    kinds = frozenset({ASSOC_REQ, REASSOC_REQ})
    once = True

    def observe(self, frame: Frame) -> Verdict:
        """Examine an association request."""
        ap = self.air.access_point(frame.bssid)
        if ap is None or ap.announced.security.pmf is not Pmf.OPTIONAL or frame.cut or frame.ta is None:
            return None
        rsn = parse_elements(frame.raw, frame.body + ELEMENTS_AT[frame.kind], frame.end).rsn
        if rsn is None or rsn.cut or rsn.pmf_capable:
            return None
        guarded = self.air.guard.network(ap.ssid, ap.address) is not None
        return Claim(
            (frame.ta, ap.ssid or ap.address),
            f'{mac(frame.ta)} joins "{ssid(ap.ssid)}" without PMF, which {mac(ap.address)} offers',
            bssid=ap.address,
            ssid=ap.ssid,
            receiver=frame.ta,
            confidence=HIGH,
            severity=Severity.NOTICE if guarded else None,
        )


DETECTIONS = (ClientWithoutPmf,)
