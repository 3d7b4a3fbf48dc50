"""Repeated packets of a WEP network, sent to collect the data for computing its key, or to decrypt one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import ENCRYPTED, HIGH, MEDIUM, SEEN, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import DATA, FROM_DS, QOS_DATA, RETRY, TO_DS

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_SENDERS = 8
_PACKETS = 48
"""Limit of initialisation vectors that are remembered."""
_DS = TO_DS | FROM_DS
_EXTENDED_IV = 0x20
_ARP = range(44, 63)
"""Octets of an encrypted ARP packet: IV, LLC, 28 octets, or 46 with Ethernet's padding, and check value."""
_AROUND = 30.0
"""Seconds after its last frame for which a network counts as around."""


class WepReplaySettings(RuleSettings):
    """The thresholds."""

    relayed: int = option(
        default=600,
        low=50,
        high=5000,
        help="Encrypted packets with the length of ARP from an access point to everyone.",
    )
    repeated: int = option(default=50, low=5, high=1000, help="Packets of a station with one initialisation vector.")
    window: Duration = option(default=Duration(10.0), low=1, high=120, help="Within this much listening.")


class WepReplay(Detection[WepReplaySettings]):
    """In a WEP network, within `window` of listening, an access point sends at least `relayed` encrypted packets with
    the length of ARP to everyone in the name of one sender; or a station sends at least `repeated` encrypted packets
    with one initialisation vector, not counting retransmissions: the same packet (replay), or one whose end is guessed
    (ChopChop). Counting starts within a second of the first WEP packet of a network.
    """

    rule = "wep-replay"
    family = "protocol"
    title = "WEP packets replayed"
    severity = Severity.WARNING
    meaning = (
        "Somebody records a packet of a WEP network and sends it again and again, whole or cut. Each answer reveals a"
        " part of the key or of the packet, and after a minute or two all of it is known."
    )
    advice = "Do not use WEP: it protects nothing. Use WPA2 or WPA3; replace devices that support only WEP."
    fooled_by = (
        "A device that asks for thousands of addresses by ARP, a loop in the network behind the access point, or a very"
        " old device that never changes its initialisation vector. Slower attacks, and attacks while the radio is on"
        " another channel, are missed."
    )
    reference = "Tews, Weinmann, Pyshkin: Breaking 104 bit WEP in less than 60 seconds, WISA 2007"
    Settings = WepReplaySettings
    kinds = frozenset({DATA + ENCRYPTED, QOS_DATA + ENCRYPTED})

    def __init__(self, settings: WepReplaySettings, air: Air) -> None:
        super().__init__(settings, air)
        window = settings.window
        self._around = float("-inf")
        self._wep = 0
        self._relayed: Recent[tuple[bytes, bytes, int], Burst] = Recent(
            _SENDERS, lambda: Burst(settings.relayed, window)
        )
        self._repeated: Recent[bytes, Burst] = Recent(_PACKETS, lambda: Burst(settings.repeated, window))

    @property
    def idle(self) -> bool:  # type: ignore[override]
        """Whether no WEP network is around."""
        air = self.air
        if air.survey.wep_frames != self._wep:
            self._wep = air.survey.wep_frames
            self._around = air.now
        return air.now - self._around > _AROUND

    def observe(self, frame: Frame) -> Claim | None:
        """Count a packet of a WEP network."""
        raw, body, end = frame.raw, frame.body, frame.end
        if body + 4 > end or raw[body + 3] & _EXTENDED_IV:
            return None
        ta, sa, size, way = frame.ta, frame.sa, end - body, frame.flags & _DS
        if ta is None or sa is None or holds(frame) is False:
            return None
        if frame.flags & RETRY:
            return None
        if way == FROM_DS and size in _ARP and frame.ra is not None and frame.ra[0] & 1:
            burst = self._relayed.use((ta, sa, size))
            return self._claim(frame, burst, "relayed", sa) if burst.hit(self.air, frame) else None
        if way == TO_DS:
            burst = self._repeated.use(ta + raw[body : body + 3])
            return self._claim(frame, burst, "repeated", ta) if burst.hit(self.air, frame) else None
        return None

    def _claim(self, frame: Frame, burst: Burst, how: str, sender: bytes) -> Claim:
        settings = self.settings
        what = (
            f"packets with the length of ARP to everyone for {mac(sender)}"
            if how == "relayed"
            else "packets with one initialisation vector"
        )
        return Claim(
            (frame.bssid, sender),
            f"{mac(frame.ta)} sent {SEEN} {what}, encrypted with WEP.",
            bssid=frame.bssid,
            ssid=self.air.name_of(frame.bssid),
            sender=sender,
            receiver=frame.ra,
            seen=burst.total,
            threshold=f"{settings.relayed} relayed or {settings.repeated} repeated in {settings.window:g} s",
            confidence=MEDIUM if how == "relayed" else HIGH,
            frames=burst.before(frame),
        )


DETECTIONS = (WepReplay,)
