"""A screen on a panel of any size: a picture too small for a panel between the styles is enlarged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from whimbrel.screens.styles import COMPACT, ColourSize, PaperSize, style_of

if TYPE_CHECKING:
    from whimbrel.screens.screen import Screen
    from whimbrel.screens.state import ScreenState

_LEAST = (120, 60)
"""Width and height of the smallest picture that is enlarged: a smaller one has no room for the screens."""


def factor(size: tuple[int, int]) -> int:
    """Return by how much a picture is enlarged for a panel of that size: 2 for 240x135, 1 for 128x64 and 240x240."""
    if style_of(size) is not COMPACT or isinstance(size, PaperSize):
        return 1
    return max(min(size[0] // _LEAST[0], size[1] // _LEAST[1]), 1)


def drawn(screen: Screen, state: ScreenState, size: tuple[int, int]) -> Image.Image:
    """Return the picture of a screen for a panel of that size. Raises the screen's errors."""
    times = factor(size)
    if times == 1:
        return screen.draw(state, size)
    small = (size[0] // times, size[1] // times)
    picture = screen.draw(state, ColourSize(small) if isinstance(size, ColourSize) else small)
    enlarged = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    return enlarged if enlarged.size == size else enlarged.crop((0, 0, *size))
