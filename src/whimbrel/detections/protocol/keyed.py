"""The stations that have keys with their access point, so clear frames between the two are suspicious."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.tables import Recent
from whimbrel.wifi.kinds import ASSOC_REQ, AUTH, REASSOC_REQ

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.station import Station
    from whimbrel.wifi.frames import Frame

JOINING = frozenset({AUTH, ASSOC_REQ, REASSOC_REQ})
"""Frames with which a station discards its keys."""
_JOINS = 32
_SETTLED = 1.0
"""Seconds after the end of a handshake for which its messages may be retransmitted."""
_KEYED = 60.0
"""Seconds after its last encrypted frame for which a station certainly has its keys."""
_QUEUED = 0.5
"""Seconds after the beginning of a join in which queued frames may still go out under the old keys."""


class Joins:
    """The times at which stations began to join; `hear` gets the frames of `JOINING`, from each rule that needs them:
    all share one object (``air.shared(Joins)``)."""

    __slots__ = ("_last", "_pair", "began")

    def __init__(self) -> None:
        self.began: Recent[bytes, float] = Recent(_JOINS, float)
        self._last: Frame | None = None
        self._pair: bytes | None = None

    def hear(self, frame: Frame, air: Air) -> bytes | None:
        """Process a frame; return BSSID and address of the joining station, None if there is none."""
        if frame is self._last:  # of another rule
            return self._pair
        bssid, ta = frame.bssid, frame.ta
        if bssid is None or ta is None or ta == bssid:
            return None
        pair = bssid + ta
        self.began.put(pair, air.now)
        self._last, self._pair = frame, pair
        return pair

    def has_keys(self, frame: Frame, air: Air, bssid: bytes, address: bytes) -> bool:
        """Return whether a station had keys with the access point at the time of `frame`: it completed a handshake over
        a second before, or one of the two encrypted data in the minute before, and it has neither left nor begun to
        join. A beginning counts no more once both encrypted data over half a second after it: it was forged, or it
        failed and the keys still hold."""
        station = air.station(address)
        if station is None or station.bssid != bssid or station.left:
            return False
        keyed = frame.time - station.keyed if station.keyed else _last_encrypted(station, frame.time)
        began = self.began.get(bssid + address)
        if keyed is None:
            return False
        if began is not None and air.now - began < keyed and not _goes_on(station, frame.time - (air.now - began)):
            return False
        return keyed > _SETTLED if station.keyed else 0 <= keyed <= _KEYED


def _goes_on(station: Station, began: float) -> bool:
    """Return whether a station and its access point both encrypted data well after `began`, seconds since the epoch."""
    up, down = station.sealed_up, station.sealed_down
    return up is not None and down is not None and min(up[0], down[0]) > began + _QUEUED


def _last_encrypted(station: Station, time: float) -> float | None:
    """Return the seconds since a station and its access point encrypted data for each other; None if they did not."""
    sealed = [sent[0] for sent in (station.sealed_up, station.sealed_down) if sent is not None]
    return time - max(sealed) if sealed else None
