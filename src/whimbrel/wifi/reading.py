"""How the frames of one receiver are to be read: what stands behind each, and whether its marks are believed.

A capture header may say that a frame ends in its check sequence (FCS) and that the frame is damaged. Drivers are wrong
about both; `whimbrel.hearing.receiver` finds out, and the parsers read accordingly.
"""

from __future__ import annotations

from typing import NamedTuple

FCS = 4
"""Octets of a frame check sequence (IEEE 802.11-2020, 9.2.4.8)."""


class Tail(NamedTuple):
    """What stands behind the body of each frame."""

    fcs: int = 0
    """Octets of FCS: 0 or 4."""
    extra: int = 0
    """Octets behind that which are no part of the frame."""


class Reading(NamedTuple):
    """How to read the frames of one receiver, by what their capture headers say."""

    flagged: Tail = Tail(FCS)
    """Of frames whose header says that there is an FCS."""
    unflagged: Tail = Tail()
    """Of frames whose header says that there is none."""
    untold: Tail | None = None
    """Of frames whose header says nothing; None: the CRC of each tells."""
    damage: bool = True
    """Whether a frame without an FCS is damaged where its header says so; where there is one, its CRC tells."""


AS_TOLD = Reading()
"""Believes the capture header."""
