"""The faults of the board as texts that stay the same while a fault lasts. Pure."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.system.board import Health

UNDER_VOLTAGE, HOT, DISK = "under-voltage", "hot", "disk"
KEYS = (UNDER_VOLTAGE, HOT, DISK)

_COOLER = 5.0
"""Degrees below the limit at which the board counts as cool again; the hysteresis prevents repeated warnings."""
_EMPTIER = 0.02
"""Share of the disk below the limit that must be free before the warning ends."""
_STEADY = 60.0
"""Seconds without a dip after which the supply counts as good again."""


class BoardLimits(NamedTuple):
    """The limits beyond which there is a fault."""

    hot: float
    """Degrees Celsius."""
    full: float
    """Share of the disk, 0 to 1."""


class Conditions:
    """Keeps the present faults, so that a value that fluctuates at its limit is reported once."""

    def __init__(self, limits: BoardLimits) -> None:
        self._limits = limits
        self._texts: dict[str, str] = {}
        self._dipped = 0.0

    def take(self, health: Health, now: float) -> dict[str, str]:
        """Return the faults with advice, by key of `KEYS`; `now` is seconds of a monotonic clock.

        Faults whose values are unknown this time stay as they were.
        """
        self._take_voltage(health.under_voltage, now)
        self._take_temperature(health.temperature)
        self._take_disk(health.disk_used)
        return dict(self._texts)

    def _take_voltage(self, low: bool, now: float) -> None:
        if low:
            self._dipped = now
            self._texts[UNDER_VOLTAGE] = (
                "the supply voltage is too low: the board slows down and may corrupt its card; use a stronger supply "
                "or a shorter cable"
            )
        elif now - self._dipped >= _STEADY:
            self._texts.pop(UNDER_VOLTAGE, None)

    def _take_temperature(self, degrees: float | None) -> None:
        hot = self._limits.hot
        if degrees is None:
            return
        if degrees > hot:
            self._texts.setdefault(HOT, f"the processor is hotter than {hot:g} °C: give it air or shade")
        elif degrees <= hot - _COOLER:
            self._texts.pop(HOT, None)

    def _take_disk(self, used: float | None) -> None:
        full = self._limits.full
        if used is None:
            return
        if used > full:
            self._texts.setdefault(DISK, f"more than {full:.0%} of the disk is in use: delete files")
        elif used <= full - _EMPTIER:
            self._texts.pop(DISK, None)
