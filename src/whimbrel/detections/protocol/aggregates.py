"""Attacks by A-MSDUs, frames that hold several packets: FragAttacks, as far as they are visible without the keys."""

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
    """`frames` QoS data frames in clear within `window`, of one sender to one receiver, are marked as A-MSDU, but begin
    as a plain packet does: their first subframe would be for aa:aa:03:00:00:00.

    Only in a network that encrypts (WPA or later), where it is how EAPOL or data in clear gets past a receiver.
    Critical where such a frame can be split exactly into two subframes or more, as somebody has made it; a warning
    where it is proven otherwise (its check sequence fits, or the same octets were heard twice); a notice where not. A
    whole EAPOL packet that fills its frame, and fits into no subframes, has lost a bit on the way and does not count.
    """

    rule = "amsdu-injection"
    family = "protocol"
    title = "Packet posing as A-MSDU"
    severity = Severity.CRITICAL
    meaning = (
        "A frame says that it is a bundle of packets, but holds one. A receiver without the fixes unpacks it "
        "wrongly and takes in packets that an attacker chose."
    )
    advice = "Update the receiver named: devices with the fixes of 2021 drop such frames."
    fooled_by = (
        "Receivers that take bundles apart themselves and leave the mark, as they do in open networks. The "
        "attack on encrypted frames cannot be seen from outside."
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
            frames=[before for before in burst.frames if before is not frame],
        )


def _is_eapol(frame: Frame) -> bool:
    """Return whether a frame holds one EAPOL packet, as long as it says itself."""
    raw, body, end = frame.raw, frame.body, frame.end
    if parse_eapol(raw, body, end) is None or body + 12 > end:
        return False
    return body + 12 + (raw[body + 10] << 8 | raw[body + 11]) == end


DETECTIONS = (AmsduInjection,)
