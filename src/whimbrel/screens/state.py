"""Everything that a screen may show. Gathered by the display module from events; screens only read it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from whimbrel.events.device import AirSnapshot, SystemReport
    from whimbrel.events.system import ModuleStatus
    from whimbrel.rows import ReceiverRow
    from whimbrel.screens.alert_rows import AlertLine

B = TypeVar("B")

SCANNING = "scanning"
"""The mode of a radio that scans: it brings beacons alone, and visits all channels by itself."""
HISTORY = 120
"""Values of a signal that are kept for its graph."""


class ScreenState:
    """The state at the moment of drawing. Times are seconds since the epoch."""

    def __init__(self) -> None:
        self.now = 0.0
        self.estimate = False
        """Whether nobody has told the clock the time since the board's start."""
        self.air: AirSnapshot | None = None
        self.system: SystemReport | None = None
        self.mode = ""
        """hopping, locked, camping or scanning; empty before the first channel."""
        self.freq = 0
        """MHz that the radio listens on; 0 if unknown."""
        self.rate = 0.0
        """Frames a second."""
        self.blind = False
        self.brightness = 1.0
        """Of the panel while it is used, 0 to 1."""
        self.rotation = 0
        """Degrees by which the picture is turned: 0 or 180."""
        self.paused = False
        self.transmits = False
        """Whether the radio sends probe requests."""
        self.receivers: tuple[ReceiverRow, ...] = ()
        """What each receiver does; `mode`, `freq` and `blind` are those of all of them together."""
        self.guarded: frozenset[bytes] = frozenset()
        """Addresses of the access points of guarded networks."""
        self.modules: tuple[ModuleStatus, ...] = ()
        """How all modules are."""
        self.alerts: tuple[AlertLine, ...] = ()
        """Every alert that is remembered, the newest first, weaknesses behind all others."""
        self.signals: dict[bytes, deque[tuple[float, int]]] = {}
        """Time and dBm, oldest first, at most `HISTORY`, of the few addresses on the screen."""
        self.features: frozenset[str] = frozenset()
        """The device's features beyond listening: alerts, shutdown, reboot. Others are not shown."""
        self.newest: dict[type, object] = {}
        """The newest event body of each class that a module's own screen shows."""

    @property
    def trouble(self) -> tuple[ModuleStatus, ...]:
        """The modules that are not well."""
        return tuple(status for status in self.modules if not status.is_well)

    def latest(self, kind: type[B]) -> B | None:
        """Return the newest event body of exactly this class, None before the first.

        The screen's module must have named the class (`whimbrel.module.Context.offer_screen`).
        """
        body = self.newest.get(kind)
        return body if isinstance(body, kind) else None
