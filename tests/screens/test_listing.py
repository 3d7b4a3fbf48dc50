from __future__ import annotations

import pytest
from tests.screens.walking import Walk
from tools.screenshots import scene

from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.page import Page
from whimbrel.screens.styles import style_of


@pytest.fixture
def walk() -> Walk:
    return Walk(scene.usual())


def test_up_from_the_first_goes_to_the_last_but_not_while_held(walk: Walk) -> None:
    walk.press("ok up")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == "sig 9/9"
    walk.press("down:repeat")
    assert walk.stack.top.view.note(walk.state) == "sig 9/9"


def test_holding_down_moves_through_a_list(walk: Walk) -> None:
    walk.press("ok down:press down:long down:repeat down:repeat down:release")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == "sig 3/9"


def test_lines_of_east_asia_do_not_touch() -> None:
    """Between two rows of a list, each as high as it can be, there is a line without light."""
    state = scene.hostile()
    page = access_points_page()
    for _ in range(5):
        page.key("down", "short", state)
    state.now += 60
    for size in ((128, 64), (120, 120), (128, 128), (240, 240)):
        picture = page.draw(state, size)
        style = style_of(size)
        pitch = style.row + style.gap
        gaps = [style.head + pitch * number - 1 for number in range(1, (size[1] - style.head) // pitch)]
        assert [y for y in gaps if picture.crop((12, y, 60, y + 1)).getbbox() is not None] == []
