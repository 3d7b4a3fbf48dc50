"""An access point's answers to a station that has left, or that it has forgotten: no attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.disruption.sa_query import ENCRYPTED_SIZES
from whimbrel.wifi.fixed import reason_fixed
from whimbrel.wifi.kinds import PROTECTED

if TYPE_CHECKING:
    from whimbrel.survey.station import Sealed, Station
    from whimbrel.wifi.frames import Frame

_ANSWERS = frozenset({6, 7})
"""Reasons in an access point's answer to a station that is not connected (IEEE 802.11-2020, 11.3.3)."""
LEFT_ALONE = 16
"""The most frames that such a station sends between two answers; one that sends more is connected."""
_ANSWERED = 5.0
"""Seconds for which an access point may still answer earlier frames of a station that has left: it repeats each answer
because none is acknowledged."""

_OWED = 3
"""The most answers that are still expected: two for each frame of the station, as a receiver misses some."""
_QUERIES, _QUERYING = 2, 2.0
"""Unanswered SA queries that prove an access point's loss of its keys, and the most seconds from the first one: after
one second without an answer a station gives up and joins again (IEEE 802.11-2020, 11.13)."""


def is_query(frame: Frame) -> bool:
    """Return whether an action frame may be an encrypted SA query or the answer to one."""
    return bool(frame.flags & PROTECTED) and frame.end - frame.body in ENCRYPTED_SIZES


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


class Answers:
    """The answers that an access point still owes to a station that sends without being connected."""

    __slots__ = ("_asked", "_octets", "_owed", "_queried", "_queries", "_sealed", "_sent", "_served", "connected")

    def __init__(self) -> None:
        self.connected = True
        """Whether the station may have joined, or was seen to be connected, since the last disconnection."""
        self._owed = self._asked = self._octets = self._sent = self._served = self._queries = 0
        self._queried = 0.0  # when the first of the unanswered SA queries was heard
        self._sealed: Sealed | None = None

    def hear_query(self, frame: Frame, now: float) -> None:
        """Process an SA query of the station, or the access point's answer, which proves that it has the keys."""
        if frame.ta == frame.bssid:
            self.connected = True
            self._queries = 0
            return
        if not self._queries or now - self._queried > _QUERYING * 2:
            self._queries, self._queried = 0, now
        self._queries += 1
        self._owed = min(self._owed + 2, _OWED)

    def explain(self, frame: Frame, station: Station | None, now: float) -> bool:
        """Return whether a disconnection from the access point is such an answer, and count it.

        The first one after the station has joined is none, nor one while its access point serves it.
        """
        if station is None:
            return False
        sends = station.asked > self._asked or station.data_octets > self._octets
        served = station.served > self._served or station.sealed_down is not self._sealed
        connected = self.connected or served or station.frames - self._sent > LEFT_ALONE
        self._asked, self._octets, self._served = station.asked, station.data_octets, station.served
        self._sent, self._sealed, self.connected = station.frames, station.sealed_down, False
        if connected or not is_answer(frame):
            self._owed = 0
            return False
        if self._queries >= _QUERIES and 0 <= now - self._queried <= _QUERYING:
            return True
        owed = min(self._owed + 2 * sends, _OWED)
        self._owed = max(owed - 1, 0)
        return owed > 0
