"""Everything that a screen may show. Gathered by the display module from events; screens only read it."""

from __future__ import annotations

from collections import deque
from typing import Any

from whimbrel.events.device import AirSnapshot, SystemReport

HISTORY = 120
"""Values of a signal that are kept for its graph."""


class ScreenState:
    """What is known at the moment of drawing. Times are seconds since the epoch."""

    def __init__(self) -> None:
        self.now = 0.0
        self.air: AirSnapshot | None = None
        self.system: SystemReport | None = None
        self.mode = ""
        """hopping, locked or camping; empty before the first channel."""
        self.freq = 0
        """MHz that the radio listens on; 0 where not told."""
        self.rate = 0.0
        """Frames a second."""
        self.blind = False
        self.brightness = 1.0
        """Of the panel while it is used, 0 to 1."""
        self.rotation = 0
        """Degrees by which the picture is turned: 0 or 180."""
        self.paused = False
        self.guarded: frozenset[bytes] = frozenset()
        """Addresses of the access points whose networks are guarded."""
        self.trouble: tuple[str, ...] = ()
        """Modules that are not well, one line each."""
        self.signals: dict[bytes, deque[tuple[float, int]]] = {}
        """Time and dBm, oldest first, at most `HISTORY`, of the few addresses that are being looked at."""
        self.features: frozenset[str] = frozenset()
        """What this device can do beyond listening: alerts, recording, battery, guard. The rest is not shown."""
        self.extra: dict[str, Any] = {}
        """What other modules' own screens want to show, by module."""
