"""The beginning of a handshake, in clear, to a station with keys: a way to bypass protected management frames."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.impersonation.apart import levels_apart
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.keyed import JOINING, Joins
from whimbrel.detections.tables import EpisodeTally, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.eapol import INSTALL, key_data_fit
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import PROTECTED, RETRY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_WAITING = 16
_THIRDS = 32
_UNFINISHED = 0.5
"""The most seconds from message 3 to a message 1 that cannot be the access point's: that waits for message 4."""
_NONCE = 32
_PAIRS, _FRAMES = 32, 8
_NONCES = 8
"""Limit of remembered nonces: an access point repeats its message 1 with the same one."""


class _First:
    """A message 1 in clear to a station with keys."""

    __slots__ = ("bssid", "frame", "moment", "number", "station", "wrong")

    def __init__(self, frame: Frame, bssid: bytes, station: bytes, moment: Moment, *, wrong: str, number: int) -> None:
        self.frame = frame
        self.bssid = bssid
        self.station = station
        self.moment = moment
        self.wrong = wrong
        """What is wrong with it, in words after *message 1*; empty if nothing is."""
        self.number = number
        """The unanswered ones of the pair, each with another nonce, up to it."""


class _Unanswered:
    """The messages 1 in clear to one station with keys since its last answer."""

    __slots__ = ("frames", "nonces", "tally")

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque(maxlen=_FRAMES)
        self.nonces: deque[bytes] = deque(maxlen=_NONCES)
        self.tally = EpisodeTally()
        """Counts nonces."""

    def hear(self, frame: Frame, nonce: bytes, now: float) -> int:
        """Count another message 1; return the number of different nonces."""
        if nonce not in self.nonces:
            self.nonces.append(nonce)
            self.frames.append(frame)
            self.tally.hit(now)
        return self.tally.total


class _Third:
    """The last message 3 to a station, not answered yet, and the messages 1 that came in between so far."""

    __slots__ = ("at", "frame", "nonce", "tally")

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.nonce = b""
        self.at = 0.0
        self.tally = EpisodeTally()


class CorruptHandshakeSettings(RuleSettings):
    """The thresholds."""

    wait: Duration = option(
        default=Duration(2.0), low=0.5, high=10, help="How long to wait for the answer, or for the station's leaving."
    )
    repeated: int = option(
        default=3, low=2, high=100, help="Unanswered messages 1 with different nonces that are a warning."
    )


class CorruptHandshake(Detection[CorruptHandshakeSettings]):
    """Message 1 of a 4-way handshake is sent in clear to a station that has keys with the access point: it completed a
    handshake over 1 s before, or one of the two has encrypted data for the other in the last 60 s, and it has neither
    left nor begun to join since.

    A warning if the elements in its key data run past their end, if it has the Install bit, if the station leaves
    within `wait`, or if it is the third (`repeated`) with another nonce without message 2 or 3 in between, and with at
    most 2 min from one to the next. Otherwise a notice if no message 2 answers while the radio listens on the channel
    for `wait`. Retransmissions, and frames with a wrong check sequence, do not count.

    Or message 1 with another nonce follows message 3 within 0.5 s, before message 4 and without a new attempt to join:
    a notice; a warning for the second one, or if its level differs by 12 dB or more from that of message 3.
    """

    rule = "corrupt-handshake"
    family = "protocol"
    title = "Handshake out of place"
    severity = Severity.WARNING
    meaning = (
        "Somebody begins an unencrypted handshake with a device that already has its keys. Devices leave the network if"
        " they cannot read such a message, even if forged disconnections do not work (PMF)."
    )
    advice = "Update the named device: it should ignore such messages. The sender is near."
    fooled_by = (
        "An access point that lost its state, or renews keys without encryption, with a station whose answer was"
        " missed: a notice. A device that joined again without being heard. One forged message 1 that a device answers"
        " is missed."
    )
    reference = (
        "Schepers, Ranganathan, Vanhoef: On the Robustness of Wi-Fi Deauthentication Countermeasures, WiSec 2022;"
        " IEEE 802.11-2020, 12.7.2"
    )
    Settings = CorruptHandshakeSettings
    kinds = JOINING

    def __init__(self, settings: CorruptHandshakeSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._joins = air.shared(Joins)
        self._waiting: dict[bytes, _First] = {}
        self._unanswered: Recent[bytes, _Unanswered] = Recent(_PAIRS, _Unanswered)
        self._thirds: Recent[bytes, _Third] = Recent(_THIRDS, _Third)

    def observe(self, frame: Frame) -> None:
        """Note that a station begins to join: its keys are no longer valid."""
        pair = self._joins.hear(frame, self.air)
        if pair is not None:
            self._waiting.pop(pair, None)
            third = self._thirds.get(pair)
            if third is not None:
                third.frame = None
            self._unanswered.drop(pair)

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Judge message 1, and its answer."""
        key = bssid + station
        between = self._between(frame, packet, bssid, station)
        if between is not None:
            return between
        if packet.message != "M1":
            if packet.message not in {"M2", "M3"}:
                return None
            self._unanswered.drop(key)
            first = self._waiting.pop(key, None)
            return self._wrong(first) if first is not None and first.wrong else None
        if frame.flags & (RETRY | PROTECTED) or holds(frame) is False:
            return None
        if not self._joins.has_keys(frame, self.air, bssid, station):
            return None
        number = self._unanswered.use(key).hear(frame, packet.nonce, self.air.now)
        first = _First(frame, bssid, station, self.air.moment, wrong=_faults(frame, packet), number=number)
        if key in self._waiting and not first.wrong and number < self.settings.repeated:
            return None
        if len(self._waiting) >= _WAITING and key not in self._waiting:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[key] = first
        if first.wrong:
            return self._wrong(first)
        return self._claim(first, MEDIUM, Severity.WARNING) if number >= self.settings.repeated else None

    def _between(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Judge message 1 between messages 3 and 4."""
        message, key = packet.message, bssid + station
        if message == "M3" and len(packet.nonce) == _NONCE and not frame.flags & PROTECTED:
            third = self._thirds.use(key)
            third.frame, third.nonce, third.at = frame, packet.nonce, self.air.now
            return None
        known = self._thirds.get(key)
        before = None if known is None else known.frame
        if known is None or before is None:
            return None
        if message == "M4":
            known.frame = None
        if message != "M1" or frame.flags & (RETRY | PROTECTED) or holds(frame) is False:
            return None
        known.frame = None
        if not 0 <= self.air.now - known.at <= _UNFINISHED or packet.nonce == known.nonce:
            return None
        known.tally.hit(self.air.now)
        marks = _levels(before, frame)
        loud = bool(marks) or known.tally.total > 1
        return Claim(
            (bssid, station, b"between"),
            f"{SEEN} times message 1 of another handshake, with a new nonce, came between messages 3 and 4 from "
            f"{mac(bssid)} to {mac(station)}{marks}.",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=frame.ta,
            receiver=station,
            seen=known.tally.total,
            threshold="one",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=(before,),
        )

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether a station leaves."""
        return said.sender != said.bssid

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        """Judge a station that leaves right after message 1."""
        if not self._waiting:
            return None
        first = self._waiting.pop(said.bssid + said.sender, None)
        if first is None or self.air.now - first.moment.now > self.settings.wait:
            return None
        return self._claim(first, HIGH if said.protected else MEDIUM, Severity.WARNING)

    def turn(self) -> Sequence[Claim]:
        """Judge unanswered messages 1."""
        if not self._waiting:
            return ()
        claims = []
        moment = self.air.moment
        for key, first in list(self._waiting.items()):
            if moment.now - first.moment.now <= self.settings.wait:
                continue
            del self._waiting[key]
            stayed = first.moment.until(moment) > self.settings.wait and first.moment.freq == moment.freq
            if stayed and not first.wrong:
                claims.append(self._claim(first, LOW, Severity.NOTICE))
        return claims

    def _wrong(self, first: _First) -> Claim:
        # Without a check sequence, the key data may have been damaged on the way.
        return self._claim(first, HIGH if holds(first.frame) else MEDIUM, Severity.WARNING)

    def _claim(self, first: _First, confidence: str, severity: Severity) -> Claim:
        repeated = self.settings.repeated
        known = self._unanswered.get(first.bssid + first.station)
        times = f"{SEEN} times, with another nonce each, " if first.number >= repeated else ""
        return Claim(
            (first.bssid, first.station),
            f"{times}{mac(first.frame.ta)} sent message 1 of a handshake{first.wrong} in clear to "
            f"{mac(first.station)}, which has its keys already.",
            bssid=first.bssid,
            ssid=self.air.name_of(first.bssid),
            sender=first.frame.ta,
            receiver=first.station,
            seen=first.number,
            threshold=f"one that is wrong, or {repeated} without an answer",
            confidence=confidence,
            severity=severity,
            frames=(first.frame,) if known is None else list(known.frames),
        )


def _faults(frame: Frame, packet: Eapol) -> str:
    """Return what is wrong with a message 1, in words after *message 1*; empty if nothing is."""
    if packet.key_info & INSTALL:
        return " that asks to install a key, which none does,"
    return "" if key_data_fit(frame.raw, packet) else " whose key data have a wrong length"


def _levels(one: Frame, other: Frame) -> str:
    """Return how the levels of two frames differ, if they are not of one sender."""
    return f", at {other.rssi} dBm instead of {one.rssi} dBm" if levels_apart(one, other) else ""


DETECTIONS = (CorruptHandshake,)
