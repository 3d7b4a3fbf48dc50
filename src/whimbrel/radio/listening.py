"""The listening time of one receiver, in all and by channel."""

from __future__ import annotations

from collections.abc import Callable

_CHANNELS = 128
"""Limit of channels with a time of their own: more than a radio has."""


class ListeningTime:
    """Counts from `begin` on, but for pauses; `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._freq = 0
        self._running = False
        self._since = 0.0
        self._total = 0.0
        self._by_freq: dict[int, float] = {}

    @property
    def total(self) -> float:
        """Seconds so far."""
        self._count()
        return self._total

    @property
    def by_channel(self) -> tuple[tuple[int, float], ...]:
        """Seconds so far on each channel that it was tuned to, by frequency in MHz."""
        self._count()
        return tuple(sorted(self._by_freq.items()))

    def begin(self) -> None:
        """Count from zero."""
        self._total = 0.0
        self._by_freq.clear()
        self._freq = 0
        self._since = self._clock()
        self._running = True

    def go(self, freq: int) -> None:
        """Note that it listens at `freq` MHz from now on."""
        self._count()
        self._freq = freq

    def run(self, *, on: bool) -> None:
        """Stop counting, or go on."""
        self._count()
        self._running = on

    def _count(self) -> None:
        now = self._clock()
        passed, self._since = now - self._since, now
        if not self._running:
            return
        self._total += passed
        if self._freq and (self._freq in self._by_freq or len(self._by_freq) < _CHANNELS):
            self._by_freq[self._freq] = self._by_freq.get(self._freq, 0.0) + passed
