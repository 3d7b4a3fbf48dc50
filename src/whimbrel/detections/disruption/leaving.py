"""An access point's answers to a station that has left, or that it has forgotten: no attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.fixed import reason_fixed
from whimbrel.wifi.kinds import PROTECTED

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_ANSWERS = frozenset({6, 7})
"""Reasons in an access point's answer to a station that is not connected (IEEE 802.11-2020, 11.3.3)."""
LEFT_ALONE = 16
"""The most frames that such a station sends between two answers; one that sends more is connected."""
_ANSWERED = 5.0
"""Seconds for which an access point may still answer earlier frames of a station that has left: it repeats each answer
because none is acknowledged."""


def is_answer(frame: Frame) -> bool:
    """Return whether a disconnection in an access point's name may be its answer to a station that is not connected."""
    return frame.ta == frame.bssid and reason_fixed(frame.raw, frame.body, frame.end) in _ANSWERS


class Leave:
    """A station has taken leave of an access point, which answers the frames that follow."""

    __slots__ = ("at", "proven", "sent", "seq", "times")

    def __init__(self) -> None:
        self.at = 0.0
        self.sent = 0
        """The number of frames it had sent by then."""
        self.seq: int | None = None
        self.times = 0
        """The number of its disconnections since it joined."""
        self.proven = False
        """Whether one of them was protected; where PMF is required, later ones in clear then do no harm."""

    def hear(self, frame: Frame, now: float, sent: int) -> None:
        """Count a disconnection that the station sends."""
        if not self.times or frame.seq != self.seq:
            self.times += 1
        self.at, self.seq, self.sent = now, frame.seq, sent
        self.proven = self.proven or bool(frame.flags & PROTECTED)

    def explains(self, frame: Frame, now: float, sent: int, *, pmf: bool) -> bool:
        """Return whether the access point only answers the station, which has itself disconnected before.

        `sent` is the number of frames that it has sent by now, `pmf` whether PMF is required.
        """
        # A disconnection in clear may be forged: then the station goes on, or joins, or the frame is repeated.
        return (
            (pmf and self.proven) or (self.times == 1 and now - self.at <= _ANSWERED and sent - self.sent <= LEFT_ALONE)
        ) and is_answer(frame)
