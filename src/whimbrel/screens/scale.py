"""A screen on a panel of any size: where the pixels are many and small, each of the picture becomes several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from whimbrel.screens.screen import Screen
    from whimbrel.screens.state import ScreenState

_LEAST = (120, 60)
"""Width and height of the smallest picture that is enlarged: a smaller one has no room for the screens."""


def factor(size: tuple[int, int]) -> int:
    """Return by how much a picture is enlarged for a panel of that size: 2 for 240x240 or 240x135, 1 for 128x64."""
    return max(min(size[0] // _LEAST[0], size[1] // _LEAST[1]), 1)


def drawn(screen: Screen, state: ScreenState, size: tuple[int, int]) -> Image.Image:
    """Return the picture of a screen for a panel of that size, of mode ``1``. Raises the screen's errors."""
    times = factor(size)
    if times == 1:
        return screen.draw(state, size)
    picture = screen.draw(state, (size[0] // times, size[1] // times))
    enlarged = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    if enlarged.size == size:
        return enlarged
    whole = Image.new("1", size)
    whole.paste(enlarged, (0, 0))
    return whole
