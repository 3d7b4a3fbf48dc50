"""A second line of packet numbers in the encrypted group frames of one access point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import GROUP, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.impersonation.apart import apart
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.cipher import packet_number
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import DATA, QOS_DATA, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_KEYS = 64
_SLACK = 32
"""Packet numbers by which frames overtake each other in an access point's queues, or are missed in a moment."""
_BUSIEST = 400
"""The most group frames of an access point in a second."""
_LONGEST = 30.0
"""Seconds after which a line may be anywhere."""
_KEY_AT, _KEY_ID = 3, 6


class _End:
    """The newest frame of one line of packet numbers."""

    __slots__ = ("at", "frame", "number")

    def __init__(self, number: int, frame: Frame, at: float) -> None:
        self.number = number
        self.frame = frame
        self.at = at

    def goes_on(self, number: int, now: float) -> bool:
        """Return whether `number` at the time `now` continues the line."""
        passed = now - self.at
        return passed <= _LONGEST and 0 < number - self.number <= _SLACK + _BUSIEST * max(passed, 0.0)


class _Lines:
    """The lines of one group key: the present one, and the one before the last leap."""

    __slots__ = ("before", "burst", "marks", "now")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.now: _End | None = None
        self.before: _End | None = None
        self.marks = ""


class GroupKeySettings(RuleSettings):
    """The thresholds."""

    changes: int = option(default=3, low=2, high=100, help="Changes from one line of packet numbers to the other.")
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Within this much listening.")


class GroupKeyAbuse(Detection[GroupKeySettings]):
    """The packet numbers in an access point's encrypted group frames come from two lines: within `window` of
    listening, at least `changes` times a frame goes on where another line had been before, or has the packet number
    of a frame with another sequence number.

    A line goes on with a number that is larger by at most 32, plus 400 for each second since its last frame, 30 s at
    most. A new key begins a new line and never returns to the old one. Retransmissions, and frames with a wrong check
    sequence, do not count. A notice; a warning if the frames of the two lines differ by over 64 in the sequence number,
    or by 12 dB or more in the level.
    """

    rule = "group-key-abuse"
    family = "protocol"
    title = "Group key in other hands"
    severity = Severity.WARNING
    meaning = (
        "Somebody else encrypts frames to everyone with the group key of this network, which each of its devices"
        " has. So a guest can send packets to devices from which the access point separates it (client isolation)."
    )
    advice = (
        "Find out which devices have the password. Put guests into a network with its own name and password, and switch"
        " on group key randomisation (Passpoint: DGAF disabled), if the access point offers it."
    )
    fooled_by = (
        "An access point with a group key for each VLAN, on one BSSID: a notice, because its frames come from one"
        " counter and one place. A sender whose numbers stay close to those of the access point is missed."
    )
    reference = (
        "IEEE 802.11-2020, 12.5.3.3.2 (packet numbers of CCMP); Vanhoef and Piessens: Predicting, Decrypting, and"
        " Abusing WPA2/802.11 Group Keys, USENIX Security 2016; AirSnitch, NDSS 2026"
    )
    Settings = GroupKeySettings
    kinds = frozenset({DATA + GROUP, QOS_DATA + GROUP})

    def __init__(self, settings: GroupKeySettings, air: Air) -> None:
        super().__init__(settings, air)
        self._keys: Recent[bytes, _Lines] = Recent(_KEYS, lambda: _Lines(Burst(settings.changes, settings.window)))

    def observe(self, frame: Frame) -> Verdict:
        """Judge the packet number of a group frame."""
        raw, body, bssid = frame.raw, frame.body, frame.bssid
        number = packet_number(raw, body, frame.end)
        if number is None or bssid is None or frame.flags & RETRY:
            return None
        now = self.air.now
        lines = self._keys.use(bssid + bytes((raw[body + _KEY_AT] >> _KEY_ID,)))
        last, before = lines.now, lines.before
        if last is None:
            lines.now = _End(number, frame, now)
            return None
        if last.goes_on(number, now):
            last.number, last.frame, last.at = number, frame, now
            return None
        if number == last.number:
            if frame.seq == last.frame.seq or holds(frame) is False:
                return None
            return self._changed(frame, bssid, lines, last.frame)
        if -_SLACK <= number - last.number < 0 or holds(frame) is False:
            return None
        lines.now, lines.before = _End(number, frame, now), last
        if before is None or not before.goes_on(number, now):
            return None
        if lines.burst.paused(now):
            lines.marks = ""
        if not apart(before.frame, frame):
            lines.marks = apart(last.frame, frame) or lines.marks
        return self._changed(frame, bssid, lines, last.frame)

    def _changed(self, frame: Frame, bssid: bytes, lines: _Lines, other: Frame) -> Verdict:
        if not lines.burst.hit(self.air, frame):
            return None
        marks = lines.marks
        return Claim(
            bssid,
            f"{SEEN} times the encrypted frames from {mac(bssid)} to everyone changed between two lines of packet "
            "numbers" + (f", which differ: {marks}." if marks else "."),
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=bssid,
            receiver=frame.ra,
            seen=lines.burst.total,
            threshold=f"{self.settings.changes} in {self.settings.window:g} s",
            confidence=MEDIUM if marks else LOW,
            severity=Severity.WARNING if marks else Severity.NOTICE,
            frames=(*lines.burst.before(frame), other),
        )


DETECTIONS = (GroupKeyAbuse,)
