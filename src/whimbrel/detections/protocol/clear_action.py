"""Action frames in clear that a network with PMF encrypts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.keyed import JOINING, Joins
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ACTION, PROTECTED, RETRY
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_PAIRS = 48
_ROBUST = {
    0: "spectrum management", 1: "QoS", 3: "block acknowledgement", 5: "radio measurement", 8: "SA query",
    10: "network management (WNM)", 19: "robust streaming",
}  # fmt: skip
"""Categories whose individually addressed frames are protected (IEEE 802.11-2020, table 9-51), of those in use."""
_CARELESS = frozenset({3})
"""Categories that some drivers forget to encrypt."""


class ClearActionSettings(RuleSettings):
    """The thresholds."""

    frames: int = option(default=3, low=1, high=100, help="Such frames of one station and its access point.")
    window: Duration = option(default=Duration(60.0), low=1, high=3600, help="Within this much listening.")


class ClearAction(Detection[ClearActionSettings]):
    """Within `window` of listening, at least `frames` action frames of a category that must be encrypted are sent in
    clear between an access point that requires PMF and one station that has keys with it (see corrupt-handshake).
    Retransmissions do not count.

    A warning; a notice if all of them are for block acknowledgement, which some drivers forget to encrypt.
    """

    rule = "clear-action"
    family = "protocol"
    title = "Unprotected action frames"
    severity = Severity.WARNING
    meaning = (
        "Frames that control a connection are unencrypted in a network that encrypts them. Somebody forges them to move"
        " devices or to slow them down; devices without a fix accept them."
    )
    advice = "Update the named device and access point. The sender of the forged frames is near."
    fooled_by = (
        "Drivers that forget to encrypt some of them. A device that joined again without being heard. If PMF is only"
        " optional, this rule does not apply, because the devices that use it are unknown."
    )
    reference = "CVE-2019-16275; IEEE 802.11-2020, 9.6, 12.6.19 and table 9-51"
    Settings = ClearActionSettings
    kinds = JOINING | {ACTION}

    def __init__(self, settings: ClearActionSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._joins = air.shared(Joins)
        self._pairs: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.frames, settings.window))

    def observe(self, frame: Frame) -> Verdict:
        """Check the category of an action frame."""
        if frame.kind != ACTION:
            self._joins.hear(frame, self.air)
            return None
        bssid, ta, ra = frame.bssid, frame.ta, frame.ra
        if bssid is None or ta is None or ra is None or (ra[0] & 1) or frame.flags & (PROTECTED | RETRY):
            return None
        if frame.body >= frame.end or frame.raw[frame.body] not in _ROBUST or bssid not in (ta, ra):
            return None
        ap = self.air.access_point(bssid)
        if ap is None or ap.announced.security.pmf is not Pmf.REQUIRED or holds(frame) is False:
            return None
        station = ra if ta == bssid else ta
        if not self._joins.has_keys(frame, self.air, bssid, station):
            return None
        burst = self._pairs.use(bssid + station)
        if not burst.hit(self.air, frame):
            return None
        categories = {counted.raw[counted.body] for counted in burst.frames}
        loud = not categories <= _CARELESS
        what = ", ".join(_ROBUST[category] for category in sorted(categories))
        return Claim(
            (bssid, station),
            f"{SEEN} action frames were sent in clear between {ssid(ap.ssid) or 'the access point'} ({mac(bssid)}), "
            f"which requires protected ones, and {mac(station)}: {what}.",
            bssid=bssid,
            ssid=ap.ssid,
            receiver=station,
            seen=burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=burst.before(frame),
        )


DETECTIONS = (ClearAction,)
