"""The tuner of the radio of a live capture."""

from __future__ import annotations

from typing import Protocol

from whimbrel.drivers.linux.access import RadioAccess
from whimbrel.drivers.nl80211.tuner import RadioTuner


class Tunable(Protocol):
    """A frame source that captures on a radio of this machine."""

    tuner: RadioTuner | None
    """If it is set, the source captures on its `interface`."""
    access: RadioAccess
    """The way to that radio."""

    @property
    def wanted(self) -> str:
        """The interface or the radio in the settings; empty for the first suitable radio."""


def make_tuner(source: Tunable) -> RadioTuner:
    """Return the tuner of the radio of `source`; it is opened first and provides the interface for the source."""
    tuner = RadioTuner(source.access.control(source.wanted))
    source.tuner = tuner
    return tuner
