"""Invalid nonces: reused, or zero."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.eapol import ENCRYPTED, RSN_DESCRIPTOR, SECURE
from whimbrel.wifi.kinds import RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_NONCES = 112
_PAIRS = 64
_PEERS = 8
"""Limit of remembered addresses of one nonce."""
_ZERO = bytes(32)


class _Use:
    """The uses of one nonce."""

    __slots__ = ("at", "frames", "handshakes", "peers", "senders")

    def __init__(self) -> None:
        self.at = 0.0
        self.handshakes = 0
        self.senders: dict[bytes, None] = {}
        self.peers: dict[bytes, None] = {}
        self.frames: deque[Frame] = deque(maxlen=4)


class NonceReuseSettings(RuleSettings):
    """The thresholds."""

    handshakes: int = option(default=4, low=2, help="Handshakes of one sender with the same nonce.")
    apart: Duration = option(
        default=Duration(30.0), low=5, help="Silence after which the same nonce belongs to another handshake."
    )
    access_points: int = option(default=4, low=2, help="Access points with the same nonce: the mark of a tool.")


class NonceReuse(Detection[NonceReuseSettings]):
    """One sender uses the same nonce (ANonce of messages 1 and 3, SNonce of message 2) in `handshakes` handshakes.

    A message counts as another handshake if the peer is another one, or if the nonce was last heard more than `apart`
    before. Otherwise it is a repetition of the same handshake, whatever its replay counter. The same ANonce from
    `access_points` BSSIDs is a warning: one program answers in all their names.
    """

    rule = "nonce-reuse"
    family = "protocol"
    title = "Handshake nonce used again"
    severity = Severity.NOTICE
    meaning = (
        "Every handshake needs a new random number. Here the same number was used several times: by a bad device, by"
        " somebody who replays recorded messages, or by a program that answers for many access points."
    )
    advice = "Update the device that sends it. If several access points share the number, do not join any of them."
    fooled_by = (
        "Firmware with a poor random generator. The links of one Wi-Fi 7 access point share a nonce, at most three at "
        "a time. A tool with a new nonce for each answer is missed."
    )
    reference = "IEEE 802.11-2020, 12.7.5 and 12.7.6"
    kismet = ("NONCEREUSE",)
    Settings = NonceReuseSettings
    packets = frozenset({"M1", "M2", "M3"})

    def __init__(self, settings: NonceReuseSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._uses: Recent[bytes, _Use] = Recent(_NONCES, _Use)

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Count the handshakes of a nonce."""
        nonce, sender, peer = packet.nonce, frame.ta, frame.ra
        if not nonce or nonce == _ZERO or sender is None or peer is None:
            return None
        use = self._uses.use(nonce)
        now = self.air.now
        if not use.handshakes:
            use.handshakes = 1
        elif sender in use.senders and (
            (peer not in use.peers and len(use.peers) < _PEERS) or now - use.at > self.settings.apart
        ):
            use.handshakes += 1
        else:
            use.at = now
            if sender not in use.senders and len(use.senders) < _PEERS:
                use.senders[sender] = None
                use.frames.append(frame)
                use.peers.setdefault(peer, None)
                return self._of_many(frame, use, packet, bssid)
            return None
        use.at = now
        use.senders.setdefault(sender, None)
        if len(use.peers) < _PEERS:
            use.peers.setdefault(peer, None)
        use.frames.append(frame)
        if use.handshakes < self.settings.handshakes:
            return None
        text = f"{mac(sender)} used the same nonce in {use.handshakes} handshakes, the last one with {mac(peer)}"
        threshold = f"{self.settings.handshakes} handshakes"
        return self._claim(frame, use, text, use.handshakes, threshold, MEDIUM, Severity.NOTICE, bssid)

    def _of_many(self, frame: Frame, use: _Use, packet: Eapol, bssid: bytes) -> Claim | None:
        """Judge a nonce used by a further sender."""
        if packet.message == "M2" or len(use.senders) < self.settings.access_points:
            return None
        text = (
            f"{len(use.senders)} access points, the last one {mac(frame.ta)}, sent the same nonce: one program answers"
        )
        threshold = f"{self.settings.access_points} access points"
        return self._claim(frame, use, text, len(use.senders), threshold, HIGH, Severity.WARNING, bssid)

    def _claim(
        self,
        frame: Frame,
        use: _Use,
        text: str,
        seen: int,
        threshold: str,
        confidence: str,
        severity: Severity,
        bssid: bytes,
    ) -> Claim:
        return Claim(
            next(iter(use.senders)),
            text,
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=frame.ta,
            receiver=frame.ra,
            seen=seen,
            threshold=threshold,
            confidence=confidence,
            severity=severity,
            frames=tuple(use.frames),
        )


class ZeroNonceSettings(RuleSettings):
    """The thresholds."""

    messages: int = option(default=2, low=1, help="Messages with a nonce of zeros between one pair.")
    window: Duration = option(default=Duration(60.0), low=1, help="Within this much listening.")


class ZeroNonce(Detection[ZeroNonceSettings]):
    """Within `window`, `messages` handshake messages 1, 2 or 3 between one station and BSSID have a nonce of zeros.

    Retransmissions do not count, nor frames truncated before the nonce.
    """

    rule = "zero-nonce"
    family = "protocol"
    title = "Handshake nonce of zeros"
    severity = Severity.WARNING
    meaning = (
        "The random number of a handshake is all zeros, so the keys derived from it are weaker or known. Attacks that"
        " confuse a device's handshake do that; so does badly broken firmware."
    )
    advice = "Update the device and the access point; do not use the network until this has stopped."
    fooled_by = (
        "Firmware without a random generator. Message 4 normally carries zeros too; its key data distinguish it."
    )
    reference = "IEEE 802.11-2020, 12.7.6.2 to 12.7.6.4; Vanhoef: WiFuzz, Black Hat 2017"
    kismet = ("NONCEDEGRADE",)
    Settings = ZeroNonceSettings
    packets = frozenset({"M1", "M2", "M3", "M4"})

    def __init__(self, settings: ZeroNonceSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._bursts: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.messages, settings.window))

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Check the nonce."""
        if packet.nonce != _ZERO or frame.flags & RETRY:
            return None
        message = packet.message
        if message == "M4" and _is_second(packet):
            message = "M2"
        if message not in {"M1", "M2", "M3"}:
            return None
        burst = self._bursts.use(bssid + station)
        if not burst.hit(self.air, frame):
            return None
        return Claim(
            (bssid, station),
            f"{mac(frame.ta)} sent message {message[1]} of a handshake to {mac(frame.ra)} with a nonce of zeros; "
            f"{burst.total} such messages so far",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=frame.ta,
            receiver=frame.ra,
            seen=burst.total,
            threshold=f"{self.settings.messages} in {self.settings.window:g} s",
            confidence=HIGH,
            frames=tuple(burst.frames),
        )


def _is_second(packet: Eapol) -> bool:
    """Return whether an apparent message 4 is a message 2 without its nonce: with an element, in clear, before keys are
    set."""
    return bool(
        packet.descriptor == RSN_DESCRIPTOR and packet.key_data_length and not packet.key_info & (SECURE | ENCRYPTED)
    )


DETECTIONS = (NonceReuse, ZeroNonce)
