"""The faults of the board as texts that stay the same while a fault lasts. Pure."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.system.board import Health

UNDER_VOLTAGE, HOT, DISK, BATTERY = "under-voltage", "hot", "disk", "battery"
KEYS = (UNDER_VOLTAGE, HOT, DISK, BATTERY)

_COOLER = 5.0
"""Degrees below the limit at which the board counts as cool again; the hysteresis prevents repeated warnings."""
_EMPTIER = 0.02
"""Share of the disk below the limit that must be free before the warning ends."""
_FULLER = 0.03
"""Charge above the limit at which the battery counts as charged again."""
_LOOKS = 3
"""Looks in a row that an empty battery needs: one wrong reading must not end the run."""
_UNSURE_LOOKS = 12
"""Those where a board does not tell whether it is charged: long enough for a charge to rise in them."""
_STEADY = 60.0
"""Seconds without a dip after which the supply counts as good again."""


class BoardLimits(NamedTuple):
    """The limits beyond which there is a fault."""

    hot: float
    """Degrees Celsius."""
    full: float
    """Share of the disk, 0 to 1."""
    low: float = 0.15
    """Charge of the battery, 0 to 1."""
    empty: float = 0.05
    """Charge at which the board is to be shut down; 0 for never."""


class Conditions:
    """Keeps the present faults, so that a value that fluctuates at its limit is reported once."""

    def __init__(self, limits: BoardLimits) -> None:
        self._limits = limits
        self._texts: dict[str, str] = {}
        self._dipped = 0.0
        self._empty_looks = 0
        self._empty_from = 0.0  # the charge at the first of them
        self._looks = _LOOKS

    def take(self, health: Health, now: float) -> dict[str, str]:
        """Return the faults with advice, by key of `KEYS`; `now` is seconds of a monotonic clock.

        Faults whose values are unknown this time stay as they were.
        """
        self._take_voltage(health.under_voltage, now)
        self._take_temperature(health.temperature)
        self._take_disk(health.disk_used)
        self._take_battery(health.battery, health.charging)
        return dict(self._texts)

    @property
    def empty(self) -> bool:
        """Whether the battery was empty, and not charged, at the last looks."""
        return self._empty_looks >= self._looks

    @property
    def low(self) -> bool:
        """Whether there is a warning of the battery's charge."""
        return BATTERY in self._texts

    def _take_battery(self, charge: float | None, charging: bool | None) -> None:
        if charge is None:
            return
        is_empty = charge <= self._limits.empty and self._limits.empty > 0 and not charging
        self._looks = _UNSURE_LOOKS if charging is None else _LOOKS
        rises = charging is None and charge > self._empty_from
        self._empty_looks = 0 if not is_empty else 1 if rises or not self._empty_looks else self._empty_looks + 1
        if self._empty_looks <= 1:
            self._empty_from = charge
        if charge <= self._limits.low and not charging:
            self._texts.setdefault(BATTERY, f"the battery is low, below {self._limits.low:.0%}: charge it")
        elif charging or charge >= self._limits.low + _FULLER:
            self._texts.pop(BATTERY, None)

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
