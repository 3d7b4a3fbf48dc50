"""The peculiarities of a receiver: the octets after each frame, and whether its marks can be trusted.

A capture header may mark that a frame ends in its check sequence (FCS) and that the frame is damaged. Some drivers set
these marks wrongly; `whimbrel.hearing.receiver` detects that, and the parsers read accordingly.
"""

from __future__ import annotations

from typing import NamedTuple

FCS = 4
"""Octets of a frame check sequence (IEEE 802.11-2020, 9.2.4.8)."""


class Tail(NamedTuple):
    """The octets after the body of each frame."""

    fcs: int = 0
    """Octets of FCS: 0 or 4."""
    extra: int = 0
    """Octets after the FCS that are no part of the frame."""


class Reading(NamedTuple):
    """The way to read the frames of one receiver, depending on the marks in their capture headers."""

    flagged: Tail = Tail(FCS)
    """Tail of frames that are marked as having an FCS."""
    unflagged: Tail = Tail()
    """Tail of frames that are marked as having none."""
    untold: Tail | None = None
    """Tail of frames without such a mark; None: the CRC of each frame decides."""
    damage: bool = True
    """Whether the mark for a damaged frame is trusted if there is no FCS; if there is one, its CRC decides."""


AS_TOLD = Reading()
"""Trusts the capture header."""
