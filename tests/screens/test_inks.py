from __future__ import annotations

from tests.screens.walking import Walk
from tools.screenshots import scene
from tools.screenshots.gallery import SHOTS, render

from whimbrel.screens import inks
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.styles import ColourSize


def test_without_colours_an_ink_is_light_or_nothing() -> None:
    canvas = Canvas((40, 20))
    canvas.box(0, 0, 20, 20, inks.CARD)
    canvas.box(20, 0, 40, 20, inks.WARNING)
    assert canvas.image.mode == "1"
    assert canvas.image.getbbox() == (20, 0, 40, 20)


def test_every_ink_has_a_colour_of_its_own() -> None:
    names = [name for name in vars(inks) if name.isupper() and isinstance(getattr(inks, name), int)]
    colours = {inks.palette()[3 * (at := getattr(inks, name)) : 3 * at + 3] for name in names}
    assert len(colours) == len(names)


def test_colour_says_nothing_alone() -> None:
    """A picture without its colours differs in light and shapes only: two protections, two strengths stay apart."""
    state = scene.usual()
    picture = access_points_page().draw(state, ColourSize((240, 240)))
    grey = picture.point([0 if ink in inks.GROUNDS else 255 for ink in range(256)], "L")
    style = Canvas(ColourSize((240, 240))).style
    pitch = style.row + style.gap
    locks = {grey.crop((0, y, 20, y + style.row)).tobytes() for y in range(style.head, style.head + 9 * pitch, pitch)}
    assert len(locks) == 4, "locked, open, weak, strong have shapes of their own"


def test_a_takeover_flashes_in_the_colour_of_its_severity() -> None:
    lit = render(SHOTS["alert-takeover-240x240-colour"])
    dark = render(SHOTS["alert-takeover-dark-240x240-colour"])
    assert {lit.getpixel((3, 120)), dark.getpixel((3, 120))} == {inks.CRITICAL, inks.DARK}


def test_every_screen_can_be_walked_on_a_large_panel_with_colours() -> None:
    for size in (ColourSize((240, 240)), ColourSize((320, 240)), ColourSize((128, 128)), ColourSize((160, 80))):
        walk = Walk(scene.alarmed(), size)
        walk.press("ok ok right right back back down ok back menu down down ok back")
