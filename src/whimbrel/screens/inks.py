"""The inks of the screens: places in the palette of a colour panel, all of them light on a panel of one colour.

Colour only repeats what a word, an icon or a length already says.
"""

from __future__ import annotations

from functools import cache

DARK, LIGHT = 0, 255
CRITICAL, WARNING, NOTICE = 1, 2, 3
STRONG, GOOD, FAIR, WEAK = 4, 5, 6, 7
"""By strength of a signal: cool colours, so that none looks like a severity."""
MUTED, RULE, CHOSEN, CARD, SHADE = 8, 9, 10, 11, 12
"""Secondary words; lines; the ground of a chosen thing; the ground of a tile; the area below a curve."""

_COLOURS = {
    DARK: (0, 0, 0),
    CRITICAL: (255, 72, 66),
    WARNING: (255, 176, 32),
    NOTICE: (120, 190, 255),
    STRONG: (88, 224, 130),
    GOOD: (64, 208, 196),
    FAIR: (88, 160, 240),
    WEAK: (132, 140, 156),
    MUTED: (150, 160, 176),
    RULE: (60, 70, 86),
    CHOSEN: (22, 70, 142),
    CARD: (20, 26, 36),
    SHADE: (18, 52, 50),
    LIGHT: (244, 247, 250),
}
GROUNDS = (DARK, RULE, CHOSEN, CARD, SHADE)
"""Inks that are behind others: nothing on a panel of one colour."""


def of_strength(bars: int) -> int:
    """Return the ink of a signal with so many of four bars."""
    return (WEAK, WEAK, FAIR, GOOD, STRONG)[bars]


@cache
def palette() -> bytes:
    """Return the colours, three octets each, of 256 inks."""
    return b"".join(bytes(_COLOURS.get(ink, _COLOURS[LIGHT])) for ink in range(256))


@cache
def flashed(ground: int) -> list[int]:
    """Return the table that puts a picture on the ground of an ink, everything else dark on it or light on it."""
    ink = LIGHT if ground == CRITICAL else DARK
    table = [ink] * 256
    table[DARK] = ground
    return table
