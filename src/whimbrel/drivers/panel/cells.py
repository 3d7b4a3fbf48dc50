"""Draws pages of pixels as characters: half blocks (1x2 pixels) or braille (2x4). Pure."""

from __future__ import annotations

from collections.abc import Sequence

BRAILLE = " " + "".join(map(chr, range(0x2801, 0x2900)))  # some fonts show dots where there are none
"""Bits 0 to 2 and 6 of a pattern are its left column from the top, 3 to 5 and 7 its right (Unicode, chart U2800)."""
HALVES = " ▀▄█"
"""Bit 0 is the upper pixel, bit 1 the lower."""


def _left(four: int) -> int:
    return (four & 0b0111) | (four & 0b1000) << 3


_LEFT = [bytes(_left(octet >> shift & 15) for octet in range(256)) for shift in (0, 4)]
_RIGHT = [bytes(_left(octet >> shift & 7) << 3 | (octet >> shift & 8) << 4 for octet in range(256)) for shift in (0, 4)]
_PAIRS = [bytes(octet >> shift & 3 for octet in range(256)) for shift in (0, 2, 4, 6)]


def braille(pages: Sequence[bytes]) -> list[str]:
    """Return two rows of characters for each page, one character for two columns (whose number is even)."""
    rows = []
    for page in pages:
        left, right = page[0::2], page[1::2]
        for upper, lower in zip(_LEFT, _RIGHT, strict=True):
            both = int.from_bytes(left.translate(upper), "big") | int.from_bytes(right.translate(lower), "big")
            rows.append(both.to_bytes(len(left), "big").decode("latin-1").translate(BRAILLE))
    return rows


def halves(pages: Sequence[bytes]) -> list[str]:
    """Return four rows of characters for each page, one character for each column."""
    return [page.translate(pair).decode("latin-1").translate(HALVES) for page in pages for pair in _PAIRS]
