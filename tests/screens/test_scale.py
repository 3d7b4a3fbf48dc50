from __future__ import annotations

import pytest
from tools.screenshots import scene

from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.scale import drawn
from whimbrel.screens.styles import ColourSize


@pytest.mark.parametrize(
    ("size", "times"), [((128, 64), 1), ((128, 128), 1), ((240, 240), 1), ((240, 135), 2), ((320, 240), 1), ((1, 1), 1)]
)
def test_a_panel_of_many_pixels_shows_larger_ones(size: tuple[int, int], times: int) -> None:
    screen, state = MessageScreen("keys", "up, down: move"), scene.usual()
    picture = drawn(screen, state, size)
    assert picture.size == size
    small = screen.draw(state, (size[0] // times, size[1] // times))
    assert (
        picture.crop((0, 0, small.width * times, small.height * times)).resize(small.size, 0).tobytes()
        == small.tobytes()
    )


def test_colours_are_enlarged_too() -> None:
    picture = drawn(MessageScreen("keys", "up, down: move", "alert"), scene.usual(), ColourSize((240, 135)))
    assert (picture.mode, picture.size) == ("P", (240, 135))
    assert len(picture.getcolors() or ()) > 2
