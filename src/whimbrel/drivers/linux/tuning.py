"""The tuner of the radio that a live capture listens on."""

from __future__ import annotations

from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.nl80211.tuner import Nl80211Tuner


def make_tuner(source: LinuxSource) -> Nl80211Tuner:
    """Return what tunes the radio of `source`; opened first, it gets the interface that `source` captures on."""
    tuner = Nl80211Tuner(source.settings.interface or source.settings.radio or "")
    source.tuner = tuner
    return tuner
