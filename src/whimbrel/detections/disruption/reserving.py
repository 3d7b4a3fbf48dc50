"""Air that is reserved and not used."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.moment import LONG_AGO
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import EPISODE, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ACK, BLOCK_ACK, BLOCK_ACK_REQ, CTS, RTS

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.wifi.frames import Frame

_NAMES = {RTS: "RTS", CTS: "CTS", ACK: "ACK", BLOCK_ACK_REQ: "block ack requests", BLOCK_ACK: "block acks"}
_DMG = 57_000
"""MHz; above it (60 GHz) reservations may last as long as a beacon interval."""
_GRAIN = 10
"""Durations are compared in units of 2 to this power of microseconds, about a millisecond."""
_ANY = -1
"""In place of a kind: frames of any kind."""
_LONGEST = 32_767
"""The most microseconds that one frame can reserve (IEEE 802.11-2020, 9.2.4.2). Tools also send 65535, which stations
ignore by the standard, and some treat as this value."""
_MOST = 0.6
"""The reserved share of the time that makes a channel useless."""
_EXCHANGE = 16_384
"""The most microseconds that an exchange needs: 802.11ax devices were seen to ask for up to 13,102."""
_ANSWER = 0.005
"""The most seconds from an RTS to its CTS, by time stamps of drivers."""
_PARTIES = 64
_SLICES = 16
"""The number of parts into which a window is divided for the sums."""


class NavSettings(RuleSettings):
    """The number of reservations, and their share of the time."""

    count: int = option(default=20, low=5, high=500, help="Reservations of over 10 ms of one kind and length.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time they must lie within.")
    share: float = option(
        default=0.4, low=0.05, high=1.0, help="The least part of that listening time that they must reserve."
    )


class _Slice:
    """Part of a window: its beginning, the number of its reservations, and their sum in seconds."""

    __slots__ = ("began", "number", "taken")

    def __init__(self, began: Moment) -> None:
        self.began = began
        self.number = 0
        self.taken = 0.0


class _Party:
    """The receiver of an RTS: the frames that it had sent by the last RTS, and the end of what an earlier exchange has
    reserved, on the air's clock."""

    __slots__ = ("frames", "until")

    def __init__(self) -> None:
        self.frames = -1
        self.until = 0.0


class _Reserved:
    """Reservations of one kind and length: their number, and their share of the time."""

    __slots__ = ("_last", "_slices", "_until", "seen")

    def __init__(self) -> None:
        self._slices: deque[_Slice] = deque()
        self._last = self._until = LONG_AGO
        self.seen = 0
        """Reservations of this episode."""

    def add(self, moment: Moment, seconds: float, window: float) -> None:
        """Add a reservation. Time already reserved by an earlier one does not count again."""
        self.seen = 1 if moment.now - self._last.now > EPISODE else self.seen + 1
        self._last = moment
        free = min(self._until.until(moment) + seconds, seconds)
        if free > 0:
            self._until = moment.later(seconds)
        slices = self._slices
        while slices and not slices[0].began.is_within(window, moment):
            slices.popleft()
        if not slices or slices[-1].began.until(moment) > window / _SLICES:
            slices.append(_Slice(moment))
        slices[-1].number += 1
        slices[-1].taken += max(free, 0.0)

    def within(self, window: float) -> tuple[int, float, float]:
        """Return the number of reservations in the window, the seconds from the first to the end of the last, and the
        reserved share of these seconds; of at least half a window, because a short burst proves nothing about the
        rest."""
        span = self._slices[0].began.until(self._until)
        taken = sum(each.taken for each in self._slices)
        return sum(each.number for each in self._slices), span, min(taken / max(span, window / 2), 1.0)


class NavAbuse(Detection[NavSettings]):
    """On one channel and within `window` of listening, at least `count` frames of one kind and of about the same
    duration reserve the channel for over 10 ms each, and together for at least `share` of the time from the first to
    the last (or of half a `window`, if that is longer). Time that is reserved twice counts once.

    No device needs that much: a TXOP ends after about 8 ms, 802.11ax asks for up to 14 ms and uses them, and a device
    that waits for its Bluetooth radio leaves most of the time to others. Not counted: an RTS of a real exchange (its
    receiver keeps sending) and its repetitions, PS-Poll, which has another number in that field, the 32768 of
    contention-free periods, damaged frames, and the 60 GHz band. Longer values, which only tools send, count as the
    longest one. With over 60 % of the time the alert is critical. Frames with a captured and correct check sequence are
    also counted together, whatever their kind and duration.
    """

    rule = "nav-abuse"
    family = "disruption"
    title = "The air is being reserved"
    severity = Severity.WARNING
    meaning = (
        "Short frames, one after the other, tell all devices around to be silent for tens of milliseconds, so none can"
        " send. Few frames are enough, so the channel looks free."
    )
    advice = "Change the channel of your access point. Follow the signal of these frames to find the sender."
    fooled_by = (
        "Several devices that reserve time for their Bluetooth radios at once. Damaged frames contain random durations,"
        " but not the same one again and again. An attacker who changes kind and duration with each frame is detected"
        " only if the receiver passes on check sequences."
    )
    reference = "IEEE 802.11-2020, 9.2.4.2, 10.3.2.4 (NAV); Bellardo and Savage, USENIX Security 2003"
    Settings = NavSettings

    def __init__(self, settings: NavSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._alike: Recent[tuple[int, int, int], _Reserved] = Recent(64, _Reserved)
        self._parties: Recent[tuple[bytes | None, bytes], _Party] = Recent(_PARTIES, _Party)
        self._asker: bytes | None = None
        """Transmitter of the last RTS; its time on the air's clock follows."""
        self._asked_at = 0.0

    def reserved(self, frame: Frame) -> Verdict:
        """Add up a long reservation."""
        freq, kind = self.air.freq, frame.kind
        if freq > _DMG or kind < 0 or self._is_answer(frame) or self._is_used(frame):
            return None
        verdict = self._add(frame, (freq, kind, frame.duration >> _GRAIN), _NAMES.get(kind, "frames"))
        if verdict is None and holds(frame):
            return self._add(frame, (freq, _ANY, 0), "frames of several kinds or lengths")
        return verdict

    def _is_answer(self, frame: Frame) -> bool:
        """Return whether it is the CTS to the RTS just before, and so the same reservation."""
        if frame.kind == RTS:
            self._asker, self._asked_at = frame.ta, self.air.now
        return frame.kind == CTS and frame.ra == self._asker and 0 <= self.air.now - self._asked_at <= _ANSWER

    def _is_used(self, frame: Frame) -> bool:
        """Return whether it is the RTS of a real exchange: its receiver has sent something other than beacons since the
        last one; or it comes while such an exchange lasts, because its sender has not heard the answer.

        Block acks count like data, which a receiver older than 802.11ax does not hear.
        """
        if frame.kind != RTS or frame.duration > _EXCHANGE:
            return False
        air, ra = self.air, frame.ra or b""
        station, ap = air.station(ra), air.access_point(ra)
        frames = station.frames if station is not None else ap.others if ap is not None else 0
        party = self._parties.use((frame.ta, ra))
        before, party.frames = party.frames, frames
        if 0 <= before < frames:
            party.until = air.now + frame.duration / 1e6
            return True
        return 0 <= party.until - air.now <= frame.duration / 1e6

    def _add(self, frame: Frame, key: tuple[int, int, int], what: str) -> Verdict:
        settings, duration = self.settings, min(frame.duration, _LONGEST)
        alike = self._alike.use(key)
        alike.add(self.air.moment, duration / 1e6, settings.window)
        number, span, share = alike.within(settings.window)
        if number < settings.count or share < settings.share:
            return None
        return Claim(
            key=key[:2],
            text=f"{alike.seen} {what} reserve the channel, the last one for {duration / 1000:.1f} ms, the last "
            f"{number} together {share:.0%} of {span:.1f} s; the last one is for {mac(frame.ra)}"
            + (f", said to come from {mac(frame.ta)}." if frame.ta else ", and names no sender."),
            sender=frame.ta,
            receiver=frame.ra,
            seen=alike.seen,
            threshold=f"{settings.count} in {settings.window:g} s, {settings.share:.0%} of the time",
            confidence=HIGH if share > _MOST else MEDIUM,
            severity=Severity.CRITICAL if share > _MOST else None,
        )


DETECTIONS = (NavAbuse,)
