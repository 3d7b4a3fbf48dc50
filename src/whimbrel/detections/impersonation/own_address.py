"""An access point that sends to its own address: it answers another device with the same address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ACTION, ASSOC_RESP, AUTH, PROBE_RESP, REASSOC_RESP, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.wifi.frames import Frame

_ACCESS_POINTS = 32


class OwnAddressSettings(RuleSettings):
    """The thresholds."""

    frames: int = option(default=3, low=2, high=100, help="Management frames of an access point to itself.")
    window: Duration = option(default=Duration(60.0), low=1, high=3600, help="Listening time this must lie within.")


class OwnAddress(Detection[OwnAddressSettings]):
    """At least `frames` management frames within `window` of listening have the BSSID of one access point as sender and
    as receiver: authentications, responses, disconnections, actions. Those marked as sent again do not count, nor does
    one with the sequence number of the one before.
    """

    rule = "own-address"
    family = "impersonation"
    title = "Talks to its own address"
    severity = Severity.WARNING
    meaning = (
        "An access point sent frames to its own address. No device does that: it answers another device with the same"
        " address, or somebody forges frames in its name."
    )
    advice = "Do not join this network until the second sender is found; compare the signals of the two."
    fooled_by = (
        "Test programs with the address of the access point as their target. This rule misses an imitator that ignores"
        " the frames of the real access point."
    )
    reference = "IEEE 802.11-2020, 9.3.3.1 (addresses of management frames)"
    Settings = OwnAddressSettings
    kinds = frozenset({AUTH, ASSOC_RESP, REASSOC_RESP, PROBE_RESP, ACTION})

    def __init__(self, settings: OwnAddressSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._bursts: Recent[bytes, Burst] = Recent(_ACCESS_POINTS, lambda: Burst(settings.frames, settings.window))

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether an access point disconnects itself."""
        return said.sender == said.receiver == said.bssid

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        """Count an access point's disconnection of itself."""
        return self.observe(frame)

    def observe(self, frame: Frame) -> Verdict:
        """Count a frame to its own sender."""
        ta = frame.ta
        if ta != frame.ra or ta is None or ta != frame.bssid or frame.flags & RETRY or holds(frame) is False:
            return None
        burst = self._bursts.use(ta)
        if burst.frames and burst.frames[-1].seq == frame.seq:
            return None
        if not burst.hit(self.air, frame):
            return None
        ap = self.air.access_point(ta)
        name = b"" if ap is None else ap.ssid
        return Claim(
            ta,
            f"{SEEN} frames went from {ssid(name) or 'an access point'} ({mac(ta)}) to its own address: two senders "
            "use it.",
            bssid=ta,
            ssid=name,
            sender=ta,
            receiver=ta,
            seen=burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s",
            confidence=MEDIUM if ap is None else HIGH,
            frames=burst.before(frame),
        )


DETECTIONS = (OwnAddress,)
