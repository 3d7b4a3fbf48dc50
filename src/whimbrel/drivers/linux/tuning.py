"""The tuner of the radio that a live capture listens on."""

from __future__ import annotations

from typing import Protocol

from whimbrel.drivers.nl80211.tuner import Nl80211Tuner


class Tunable(Protocol):
    """A frame source that captures on a radio of this machine."""

    tuner: Nl80211Tuner | None
    """Its `interface` is the one to capture on, where this is set."""

    @property
    def wanted(self) -> str:
        """The interface or the radio that the settings name; empty for the first radio that can."""


def make_tuner(source: Tunable) -> Nl80211Tuner:
    """Return what tunes the radio of `source`; opened first, it gets the interface that `source` captures on."""
    tuner = Nl80211Tuner(source.wanted)
    source.tuner = tuner
    return tuner
