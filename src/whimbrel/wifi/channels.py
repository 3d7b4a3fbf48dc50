"""Channels of the 2.4, 5 and 6 GHz bands: number, centre frequency, width (IEEE 802.11-2020, annex E; 802.11ax, 27.3.23.2)."""

from __future__ import annotations

from typing import NamedTuple


class Channel(NamedTuple):
    """Where a radio listens. Ordered by frequency."""

    freq: int
    """MHz, centre of the primary 20 MHz channel."""
    width: int = 20
    """MHz: 20, 40, 80 or 160."""
    center: int = 0
    """MHz, centre of the whole width; 0 where the width is 20 (it is `freq` then)."""
