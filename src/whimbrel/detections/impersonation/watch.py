"""Which access points are under suspicion, by any of the rules here: one look at a beacon decides for them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.tables import Recent

if TYPE_CHECKING:
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_WATCHED = 384


class Watch:
    """The addresses whose sampled beacons somebody wants to see; the one that was not heard for longest goes.

    One for all the rules of an engine, which add to it (``air.shared(Watch)``), and their filter of beacons
    (`whimbrel.detections.base.PairFilter`).
    """

    def __init__(self) -> None:
        self._table: Recent[bytes, list[bytes]] = Recent(_WATCHED, list)

    def __len__(self) -> int:
        return len(self._table)

    def add(self, ap: AccessPoint) -> None:
        """Want to see the beacons of an access point, or of the one whose beacons announce it."""
        self._table.use(ap.address if ap.carrier is None else ap.carrier)

    def passes(self, frame: Frame, ap: AccessPoint, before: Frame) -> bool:
        """Return whether somebody wants to see this beacon."""
        if ap.address not in self._table.entries:
            return False
        self._table.use(ap.address)
        return True
