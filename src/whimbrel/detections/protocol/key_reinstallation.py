"""A key that is installed again and starts to count from the beginning: KRACK."""

from __future__ import annotations

from binascii import crc32
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from whimbrel.detections.base import ENCRYPTED, HIGH, LOW, MEDIUM, Claim, Clear, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.parties import station_of
from whimbrel.detections.protocol.relays import Relay, Relays
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import DATA, QOS_DATA, REASSOC_REQ, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_FAST_TRANSITION = 55
_SESSIONS = 16
_KEPT = 24
"""Limit of remembered packet numbers of one direction: a key that is installed again begins with the first ones."""
_EXTENDED_IV = 0x20
_RESENT = 0.1
"""Seconds within which the same message with the same counter is the radio's own retransmission."""


class _Session:
    """One set of keys of a station, from message 2 or 3 on."""

    __slots__ = (
        "anonce", "armed", "armed_at", "at", "bssid", "fourth", "frames", "late", "packets", "replay",
        "reused", "snonce",
    )  # fmt: skip

    def __init__(self) -> None:
        self.start(b"")

    def start(self, bssid: bytes) -> None:
        self.bssid = bssid
        self.anonce = self.snonce = b""
        self.at = 0.0  # of the last message 3
        self.replay = -1  # of it
        self.fourth = -1  # counter of the last message 4
        self.late = 0  # messages 3 after a message 4
        self.armed = False
        self.reused = 0
        self.armed_at = 0.0
        self.packets: tuple[dict[bytes, tuple[int, int, float]], ...] = ({}, {})
        self.frames: deque[Frame] = deque(maxlen=6)

    def arm(self, now: float) -> None:
        """Note that a message came again after which a device without the fix installs its key again."""
        self.armed = True
        self.armed_at = now


class KeyReinstallationSettings(RuleSettings):
    """The thresholds."""

    reused: int = option(default=2, low=1, help="Packet numbers used twice with different contents for an alert.")
    repeats: int = option(
        default=6, low=2, help="Repetitions of message 3 in one handshake after its message 4 for a notice."
    )
    watch: Duration = option(
        default=Duration(15.0), low=2, high=120, help="How long encrypted frames are checked after a message 3."
    )


class KeyReinstallation(Detection[KeyReinstallationSettings]):
    """In one 4-way handshake (same station, BSSID and nonces) message 3 is repeated, and not as a retransmission.

    A retransmission has the same replay counter, and either the retry flag, the same sequence number, or a delay of
    less than 0.1 s. A repeated message 3 with a later counter is normal if message 4 was lost, so it alone raises no
    alert. Each of these does:

    - within `watch` after it, `reused` earlier packet numbers of one direction come again, in frames with another
      sequence number and other contents, or over 0.1 s later in frames with the same sequence number that are not
      marked as retransmissions: the key was installed twice (warning);
    - message 1 or 3 with one nonce was heard on two channels within 3 s, in two bands, or 25 MHz or more apart at
      levels of one receiver less than 30 dB apart, and the access point announces one of them and is heard there before
      and after: somebody relays the handshake (critical);
    - `repeats` repetitions of message 3 after a message 4: more than access points send (notice);
    - message 1 comes after message 3 and before a message 4, with the same nonce and a later counter (notice).

    A repeated fast-transition reassociation request counts as a repeated message 3. A hopping radio hears little of all
    this. An all-zero second key cannot be recognised without decryption.
    """

    rule = "key-reinstallation"
    family = "protocol"
    title = "Key installed twice (KRACK)"
    severity = Severity.WARNING
    meaning = (
        "A device installed the same encryption key a second time and restarted its packet numbers, so its frames can"
        " be partly read or forged. That happens when somebody holds back and repeats messages of the handshake."
    )
    advice = (
        "Update the device and the access point; fixes exist since late 2017. If it happens again, avoid that Wi-Fi."
    )
    fooled_by = (
        "Lost messages make an access point repeat message 3; a device without the fix then reuses packet numbers"
        " without an attacker, because of the flaw itself. A missed handshake with the same nonces would look the same."
        " A relay is noticed only by a radio that happens to hear both channels within seconds; else its reuse alone."
    )
    reference = "CVE-2017-13077 to CVE-2017-13082; Vanhoef, Piessens: Key Reinstallation Attacks, CCS 2017"
    kismet = ("NONCEREUSE",)
    Settings = KeyReinstallationSettings
    packets = frozenset({"M1", "M2", "M3", "M4"})
    kinds = frozenset({REASSOC_REQ, DATA + ENCRYPTED, QOS_DATA + ENCRYPTED})

    def __init__(self, settings: KeyReinstallationSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._sessions: Recent[bytes, _Session] = Recent(_SESSIONS, _Session)
        self._entries = self._sessions.entries
        self._relays = Relays(air)

    @property
    def idle(self) -> bool:  # type: ignore[override]
        """Whether no handshake is recent."""
        return not self._entries

    def observe(self, frame: Frame) -> Claim | None:
        """Compare the packet number of an encrypted frame; process a reassociation."""
        entries = self._entries
        if not entries and frame.kind != REASSOC_REQ:
            return None
        if frame.kind == REASSOC_REQ:
            self._reassociation(frame)
            return None
        session = entries.get(frame.ta or b"")
        way = 0
        if session is None:
            session = entries.get(frame.ra or b"")
            way = 1
        if session is None or session.replay < 0 or session.bssid != frame.bssid:
            return None
        return self._packet(frame, session, way)

    def _packet(self, frame: Frame, session: _Session, way: int) -> Claim | None:
        raw, at = frame.raw, frame.body
        if frame.end - at < 16 or not raw[at + 3] & _EXTENDED_IV or frame.seq is None:
            return None
        packets = session.packets[way]
        now = self.air.now
        number = raw[at : at + 8]
        before = packets.get(number)
        # The check sum is most of the cost, so it is computed where it decides something.
        if before is None:
            if len(packets) < _KEPT:
                packets[number] = (frame.seq, _checked(frame), now)
            return None
        if not session.armed or frame.cut or holds(frame) is False:
            return None
        value = (frame.seq, _checked(frame))
        if before[1] == value[1] and before[0] != value[0]:  # an access point takes a frame out of its queue again
            return None
        same = before[0] == value[0]
        # What was sent again has the mark of that. Without it, a sequence number that comes again after the repeated
        # message comes from a sender that counts from the beginning.
        if same and (frame.flags & RETRY or before[2] >= session.armed_at or now - before[2] < _RESENT):
            return None
        packets[number] = (*value, now)
        session.reused += 1
        session.frames.append(frame)
        if session.reused < self.settings.reused:
            return None
        text = (
            f"{mac(frame.ta)} used {session.reused} packet numbers a second time after a repeated message of its "
            f"handshake: the key between it and {mac(frame.ra)} was installed twice"
        )
        threshold = f"{self.settings.reused} reused packet numbers"
        return self._claim(frame, session.frames, text, session.reused, threshold, HIGH, Severity.WARNING)

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Follow the handshakes."""
        message = packet.message
        if packet.replay is None:
            return None
        if message in {"M1", "M3"}:
            self._relays.hear(frame, packet, bssid, station)
        session = self._sessions.get(station)
        if session is not None and session.bssid != bssid:
            self._sessions.drop(station)
            session = None
        if message == "M3":
            return self._third(frame, packet, bssid, station)
        if message == "M4":
            if session is not None and session.replay >= 0:
                if 0 <= session.fourth < packet.replay:
                    session.arm(self.air.now)
                session.fourth = max(session.fourth, packet.replay)
        elif message == "M2":
            if session is None or session.snonce != packet.nonce:
                session = self._sessions.use(station)
                session.start(bssid)
                session.snonce = packet.nonce
                session.at = self.air.now
        else:
            return self._first(frame, packet, bssid, station)
        return None

    def turn(self) -> Sequence[Claim | Clear]:
        """Judge relays; forget old handshakes, so that encrypted frames cost no time."""
        claims = [self._relayed(relay) for relay in self._relays.found()] if self._relays.waiting else []
        if self._entries:
            before = self.air.now - self.settings.watch
            for station in [s for s, session in self._entries.items() if session.at < before]:
                del self._entries[station]
        return claims

    def _first(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Judge message 1: it begins a handshake, unless the one with its nonce continues."""
        session = self._sessions.get(station)
        if session is not None and session.anonce and session.anonce != packet.nonce:
            self._sessions.drop(station)
            session = None
        replay, now = packet.replay or 0, self.air.now
        if session is None or session.replay < 0 or frame.flags & RETRY:
            return None
        if not session.fourth < session.replay < replay:
            return None
        session.arm(now)
        session.frames.append(frame)
        text = (
            f"{mac(frame.ta)} sent message 1 of a handshake again to {mac(frame.ra)} after message 3, before that had "
            "answered: no access point goes back in a handshake"
        )
        return self._claim(frame, session.frames, text, 1, "one", MEDIUM, Severity.NOTICE)

    def _third(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        session = self._sessions.use(station)
        replay, now = packet.replay or 0, self.air.now
        known = session.replay >= 0
        if known and (
            session.anonce != packet.nonce or replay < session.replay or now - session.at > self.settings.watch
        ):
            session.start(bssid)
            known = False
        session.bssid = bssid
        if not known:
            session.anonce = packet.nonce
            session.replay = replay
            session.at = now
            session.frames.append(frame)
            return None
        if replay == session.replay and (
            frame.flags & RETRY or frame.seq == session.frames[-1].seq or now - session.at < _RESENT
        ):
            return None
        session.replay = replay
        session.at = now
        session.frames.append(frame)
        if session.fourth >= 0:
            session.arm(now)
            session.late += 1
        if session.late >= self.settings.repeats:
            text = (
                f"{mac(frame.ta)} sent message 3 of one handshake {session.late} times more to {mac(frame.ra)} after "
                "that had answered it"
            )
            threshold = f"{self.settings.repeats} in one handshake"
            return self._claim(frame, session.frames, text, session.late, threshold, LOW, Severity.NOTICE)
        return None

    def _relayed(self, relay: Relay) -> Claim:
        """Claim that a message was heard on two channels."""
        frame = relay.second.frame
        session = self._sessions.get(relay.station)
        if session is not None:
            session.arm(self.air.now)
        text = (
            f"message {relay.number} of one handshake between {mac(relay.bssid)} and {mac(relay.station)} was heard on "
            f"{relay.first.freq} MHz and on {relay.second.freq} MHz, while the access point stayed on its channel: "
            "somebody relays it between the two"
        )
        return self._claim(frame, (relay.first.frame, frame), text, 2, "two channels", HIGH, Severity.CRITICAL)

    def _reassociation(self, frame: Frame) -> None:
        """Process a fast transition, whose request has the role of message 3 (CVE-2017-13082)."""
        station = frame.ta
        if station is None or frame.bssid is None or frame.cut:
            return
        start = frame.body + ELEMENTS_AT[REASSOC_REQ]
        if parse_elements(frame.raw, start, frame.end).get(_FAST_TRANSITION) is None:
            return
        nonce = frame.raw[frame.body : frame.end]
        session = self._sessions.use(station)
        now = self.air.now
        if session.anonce != nonce or now - session.at > self.settings.watch or session.bssid != frame.bssid:
            session.start(frame.bssid)
            session.anonce = nonce
            session.replay = 0
        elif not frame.flags & RETRY and now - session.at >= _RESENT:
            session.arm(now)
        session.at = now
        session.frames.append(frame)

    def _claim(
        self,
        frame: Frame,
        frames: Iterable[Frame],
        text: str,
        seen: int,
        threshold: str,
        confidence: str,
        severity: Severity,
    ) -> Claim:
        return Claim(
            (frame.bssid, station_of(frame)),
            text,
            bssid=frame.bssid,
            ssid=self.air.name_of(frame.bssid),
            sender=frame.ta,
            receiver=frame.ra,
            seen=seen,
            threshold=threshold,
            confidence=confidence,
            severity=severity,
            frames=tuple(frames),
        )


def _checked(frame: Frame) -> int:
    """Return a check sum of what follows the packet number of an encrypted frame."""
    return crc32(memoryview(frame.raw)[frame.body + 8 : frame.end])


DETECTIONS = (KeyReinstallation,)
