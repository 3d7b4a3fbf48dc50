"""Attacks by A-MSDUs, frames with several packets: those FragAttacks that are visible without the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import EXPOSED, HIGH, LOW, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.parties import is_protected
from whimbrel.detections.protocol.proof import Copies
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.eapol import parse_eapol
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import QOS_DATA, QOS_NULL
from whimbrel.wifi.payloads import fills_as_amsdu, poses_as_amsdu
from whimbrel.wording.quantities import count

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_PAIRS = 32


class AmsduInjectionSettings(RuleSettings):
    """The thresholds."""

    frames: int = option(default=1, low=1, high=8, help="Such frames of one sender to one receiver.")
    window: Duration = option(default=Duration(60.0), low=1, help="Within this much listening.")


class AmsduInjection(Detection[AmsduInjectionSettings]):
    """Within `window`, one sender sends one receiver `frames` QoS data frames in clear that are marked as A-MSDU but
    begin like a plain packet: their first subframe would be addressed to aa:aa:03:00:00:00.

    Only networks with encryption (WPA or later) are checked; there such frames smuggle EAPOL or data in clear past a
    receiver. Critical if such a frame can be split exactly into two or more subframes, because it was built for that;
    otherwise a warning if the frame is certain (its check sequence is correct, or the same octets were heard twice),
    else a notice. A whole EAPOL packet that fills its frame and does not divide into subframes was damaged in
    transmission, and does not count.
    """

    rule = "amsdu-injection"
    family = "protocol"
    title = "Packet posing as A-MSDU"
    severity = Severity.CRITICAL
    meaning = (
        "A frame is marked as a bundle of packets, but contains only one. A receiver without the fixes unpacks it "
        "wrongly, and accepts packets chosen by an attacker."
    )
    advice = "Update the named receiver: devices with the fixes of 2021 drop such frames."
    fooled_by = (
        "Receivers that unpack bundles themselves and leave the mark, as in open networks. The attack on encrypted "
        "frames is invisible from outside."
    )
    reference = "CVE-2020-24588, CVE-2020-26144; Vanhoef: Fragment and Forge, USENIX Security 2021"
    Settings = AmsduInjectionSettings
    kinds = frozenset(kind + EXPOSED for kind in range(QOS_DATA, QOS_NULL))

    def __init__(self, settings: AmsduInjectionSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._bursts: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.frames, settings.window))
        self._copies = Copies()

    def observe(self, frame: Frame) -> Claim | None:
        """Examine the beginning of a frame marked as an A-MSDU."""
        if not poses_as_amsdu(frame):
            return None
        ta, ra = frame.ta, frame.ra
        if ta is None or ra is None or frame.fragment or holds(frame) is False:
            return None
        ap = self.air.access_point(frame.bssid)
        if not is_protected(ap):
            return None
        fits = fills_as_amsdu(frame)
        proven = self._copies.proven(frame)
        if not fits and not proven and _is_eapol(frame):
            return None
        burst = self._bursts.use(ta + ra)
        again = bool(burst.frames) and burst.frames[-1].seq == frame.seq
        if (not again and not burst.hit(self.air, frame)) or burst.total < self.settings.frames:
            return None
        return Claim(
            (ta, ra),
            f"{mac(ta)} sent {count(burst.total, 'frame')} in clear to {mac(ra)}, marked as A-MSDU, with the beginning "
            "of a plain packet.",
            bssid=frame.bssid,
            ssid=b"" if ap is None else ap.ssid,
            sender=ta,
            receiver=ra,
            seen=burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s",
            confidence=HIGH if proven and fits else MEDIUM if proven or fits else LOW,
            severity=Severity.CRITICAL if fits else Severity.WARNING if proven else Severity.NOTICE,
            frames=burst.before(frame),
        )


def _is_eapol(frame: Frame) -> bool:
    """Return whether a frame contains one EAPOL packet of its announced length."""
    raw, body, end = frame.raw, frame.body, frame.end
    if parse_eapol(raw, body, end) is None or body + 12 > end:
        return False
    return body + 12 + (raw[body + 10] << 8 | raw[body + 11]) == end


DETECTIONS = (AmsduInjection,)
