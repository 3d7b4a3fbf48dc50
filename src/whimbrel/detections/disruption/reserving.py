"""Air that is reserved and not used."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import STRETCH, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ACK, BLOCK_ACK, BLOCK_ACK_REQ, CTS, RTS

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_NAMES = {RTS: "RTS", CTS: "CTS", ACK: "ACK", BLOCK_ACK_REQ: "block ack requests", BLOCK_ACK: "block acks"}
_DMG = 57_000
"""MHz from which on (60 GHz) reservations last as long as a beacon interval, by right."""
_GRAIN = 10
"""Reservations count as equal by their duration in units of 2 to this power, about a millisecond."""
_ANY = -1
"""In place of a kind: frames of any."""
_MOST = 0.6
"""Share of the air that, taken away, leaves nothing to work with."""


class NavSettings(RuleSettings):
    """How many, and how much of the air."""

    count: int = option(default=20, low=5, high=500, help="Reservations of over 10 ms of one kind and length.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time they must lie within.")
    share: float = option(
        default=0.2, low=0.05, high=1.0, help="Part of that listening time that they must take away at least."
    )


class NavAbuse(Detection[NavSettings]):
    """At least `count` frames of one kind and of about one duration, on one channel and within `window` of listening,
    reserve the channel for over 10 ms each and together for at least `share` of the time from the first to the last.

    No exchange of frames needs that much: a TXOP ends after some 8 ms. PS-Poll, which has another number in that field,
    values from 32768 on, which stations ignore, damaged frames and the 60 GHz band are left out. With over 60 % of
    the time it is critical.
    Frames whose check sequence was captured, and fits, also count together whatever their kind and duration.
    """

    rule = "nav-abuse"
    family = "disruption"
    title = "The air is being reserved"
    severity = Severity.WARNING
    meaning = (
        "Short frames keep telling all devices around to be silent for tens of milliseconds, one after the other, so"
        " that nobody can send. Few frames suffice for it, so the channel looks free."
    )
    advice = "Change the channel of your access point. Follow the signal of these frames to their sender."
    fooled_by = (
        "A device that keeps the air free for its Bluetooth radio reserves some milliseconds, seldom over 10. Damaged"
        " frames hold any number, but not the same one. An attacker who changes"
        " kind and length with each frame is noticed only where the receiver hands over check sequences."
    )
    reference = "IEEE 802.11-2020, 9.2.4.2, 10.3.2.4 (NAV); Bellardo and Savage, USENIX Security 2003"
    Settings = NavSettings

    def __init__(self, settings: NavSettings, air: Air) -> None:
        super().__init__(settings, air)
        count = settings.count
        self._alike: Recent[tuple[int, int, int], deque[tuple[float, float, int]]] = Recent(
            64, lambda: deque(maxlen=count)
        )
        self._seen: Recent[tuple[int, int, int], list[int]] = Recent(64, lambda: [0])

    def reserved(self, frame: Frame) -> Verdict:
        """Add up a long reservation."""
        freq, kind = self.air.freq, frame.kind
        if freq > _DMG or kind < 0:
            return None
        verdict = self._add(frame, (freq, kind, frame.duration >> _GRAIN), _NAMES.get(kind, "frames"))
        if verdict is None and holds(frame):
            return self._add(frame, (freq, _ANY, 0), "frames of several kinds or lengths")
        return verdict

    def _add(self, frame: Frame, key: tuple[int, int, int], what: str) -> Verdict:
        air, settings = self.air, self.settings
        alike = self._alike.use(key)
        alike.append((air.listened, air.now, frame.duration))
        seen = self._seen.use(key)
        seen[0] += 1
        if len(alike) < settings.count:
            return None
        began, at, _ = alike[0]
        span = air.listened - began
        if span > settings.window or air.now - at > settings.window * STRETCH:
            return None
        taken = sum(duration for _, _, duration in alike) / 1e6
        share = min(1.0, taken / max(span, taken))
        if share < settings.share:
            return None
        return Claim(
            key=key[:2],
            text=f"{seen[0]} {what} reserve the channel, the last one for {frame.duration / 1000:.1f} ms, the last "
            f"{len(alike)} together {share:.0%} of {span:.1f} s; the last one is for {mac(frame.ra)}"
            + (f", said to come from {mac(frame.ta)}." if frame.ta else ", and names no sender."),
            sender=frame.ta,
            receiver=frame.ra,
            seen=seen[0],
            threshold=f"{settings.count} in {settings.window:g} s, {settings.share:.0%} of the time",
            confidence=HIGH if share > _MOST else MEDIUM,
            severity=Severity.CRITICAL if share > _MOST else None,
        )


DETECTIONS = (NavAbuse,)
