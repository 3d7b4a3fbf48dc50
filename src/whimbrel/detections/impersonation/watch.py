"""The access points suspected by any of these rules: one check of a beacon serves them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.tables import Recent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_WATCHED = 384


class Watch:
    """The addresses whose sampled beacons are needed by a rule; the one silent for longest is evicted.

    All rules of an engine share one object, add to it (``air.shared(Watch)``), and use it as their filter of beacons
    (`whimbrel.detections.base.PairFilter`).
    """

    def __init__(self) -> None:
        self._table: Recent[bytes, list[bytes]] = Recent(_WATCHED, list)

    def __len__(self) -> int:
        return len(self._table)

    def add(self, ap: AccessPoint) -> None:
        """Request the beacons of an access point, or of the one that announces it."""
        self._table.use(ap.address if ap.carrier is None else ap.carrier)

    def passes(self, frame: Frame, ap: AccessPoint, before: Frame) -> bool:
        """Return whether a rule needs this beacon."""
        if ap.address not in self._table.entries:
            return False
        self._table.use(ap.address)
        return True

    def beacons_of(self) -> Iterable[bytes]:
        """Return the access points whose beacons are needed."""
        return self._table.entries
