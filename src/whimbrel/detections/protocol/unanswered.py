"""Messages 1 that a station leaves unanswered at several access points, recognised from the access points' frames
alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.tables import Recent

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_STATIONS = 64
_ACCESS_POINTS = 16
_COPIES = 4
"""With this many copies of one frame, its sender has received no acknowledgement."""
_ANSWER = 1.0
"""The most seconds until message 2."""


class _Offer:
    """The messages 1 of one access point to one station."""

    __slots__ = ("at", "copies", "frame", "replay", "seq", "strong")

    def __init__(self, frame: Frame, packet: Eapol, now: float) -> None:
        self.at = now
        self.frame = frame
        self.seq = frame.seq
        self.copies = 1
        self.replay = packet.replay
        self.strong = False
        """Whether the access point's frames show that it got no answer."""

    def hear(self, frame: Frame, packet: Eapol, now: float) -> None:
        self.at = now
        self.copies = self.copies + 1 if frame.seq == self.seq else 1
        self.seq = frame.seq
        self.strong = self.strong or self.copies >= _COPIES or packet.replay != self.replay


class _Asker:
    """A station with attempts at one or more access points."""

    __slots__ = ("offers", "real")

    def __init__(self) -> None:
        self.offers: dict[bytes, _Offer] = {}
        self.real = float("-inf")
        """The time when one of its handshakes continued."""


class Unanswered:
    """Finds stations that begin at several networks, and never continue after message 1."""

    __slots__ = ("_air", "_askers", "_changed", "_window")

    def __init__(self, air: Air, window: float) -> None:
        self._air = air
        self._window = window
        self._askers: Recent[bytes, _Asker] = Recent(_STATIONS, _Asker)
        self._changed: set[bytes] = set()

    def hear(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> None:
        """Process a message of a handshake."""
        now = self._air.now
        if packet.message != "M1":
            asker = self._askers.get(station)
            if asker is not None:
                asker.real = now
                asker.offers.clear()
            return
        asker = self._askers.use(station)
        if now - asker.real <= self._window:
            return
        offer = asker.offers.get(bssid)
        if offer is None:
            if len(asker.offers) >= _ACCESS_POINTS:
                del asker.offers[next(iter(asker.offers))]
            asker.offers[bssid] = _Offer(frame, packet, now)
        else:
            offer.hear(frame, packet, now)
        self._changed.add(station)

    def found(self, networks: int) -> list[tuple[bytes, dict[bytes, Frame]]]:
        """Return the stations since the last call that left `networks` networks without an answer, each with the first
        message 1 of each access point."""
        found = []
        for station in list(self._changed):
            asker = self._askers.get(station)
            if asker is None:
                self._changed.discard(station)
                continue
            if any(self._air.now - offer.at < _ANSWER for offer in asker.offers.values()):
                continue
            self._changed.discard(station)
            open_ = self._unanswered(station, asker)
            names = {self._air.name_of(bssid) or bssid for bssid in open_}
            strong = sum(offer.strong for offer in open_.values())
            if len(names) >= networks and strong >= networks - 1:
                found.append((station, {bssid: offer.frame for bssid, offer in open_.items()}))
        return found

    def _unanswered(self, address: bytes, asker: _Asker) -> dict[bytes, _Offer]:
        station = self._air.station(address)
        if station is not None and station.worked:
            return {}
        now = self._air.now
        return {bssid: offer for bssid, offer in asker.offers.items() if 0 <= now - offer.at <= self._window}
