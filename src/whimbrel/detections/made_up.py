"""Which access points bear marks of being made up, for the rules that must not take them for real ones."""

from __future__ import annotations

from whimbrel.detections.tables import Recent

_KEPT = 512
"""As many as the survey knows by default."""


class MadeUp:
    """The BSSIDs of such access points. One for all the rules of an engine: ``air.shared(MadeUp)``; the rule about
    floods of beacons adds to it, the others ask."""

    def __init__(self) -> None:
        self._table: Recent[bytes, list[bool]] = Recent(_KEPT, list)

    def __len__(self) -> int:
        """Return the number of BSSIDs."""
        return len(self._table)

    def __contains__(self, bssid: bytes) -> bool:
        """Tell whether it bears such marks."""
        return bssid in self._table.entries

    def add(self, bssid: bytes) -> None:
        """Take one in; the one that was added longest ago makes room."""
        self._table.use(bssid)
