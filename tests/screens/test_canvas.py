from __future__ import annotations

import pytest

from whimbrel.screens.canvas import Canvas
from whimbrel.screens.icons import ICONS, icon, signal_icon


def lit(canvas: Canvas) -> int:
    return sum(canvas.image.histogram()[1:])


def columns(canvas: Canvas) -> list[int]:
    """Return by column how many pixels are light."""
    return [sum(canvas.image.crop((x, 0, x + 1, canvas.height)).histogram()[1:]) for x in range(canvas.width)]


def test_a_text_that_fits_does_not_move() -> None:
    canvas = Canvas((128, 11))
    canvas.sliding(0, 0, 128, "short", 3.0)
    assert not canvas.moving


def test_a_long_text_waits_moves_to_its_end_waits_and_begins_anew() -> None:
    def drawn(age: float) -> bytes:
        canvas = Canvas((60, 11))
        canvas.sliding(0, 0, 60, "abcdefghijklmno", age)
        assert canvas.moving
        return canvas.image.tobytes()

    start, end = drawn(0.0), drawn(1.5 + 30 / 24 + 0.1)
    assert drawn(1.4) == start
    assert drawn(1.5 + 30 / 24 + 1.4) == end
    assert drawn(1.5 + 30 / 24 + 1.6) == start
    assert len({start, end, drawn(2.0)}) == 3
    whole = Canvas((60, 11))
    whole.text(-30, 0, "abcdefghijklmno")
    assert end == whole.image.tobytes()


@pytest.mark.parametrize("room", [0, 1, 3, 7, 8, 30])
def test_a_cut_text_stays_in_its_room(room: int) -> None:
    canvas = Canvas((100, 11))
    canvas.cut(10, 0, room, "MMMMMMMMMMMMMM")
    dark = columns(canvas)
    assert not any(dark[:10])
    assert not any(dark[10 + max(room, 0) :])


def test_text_ends_where_it_is_told_to() -> None:
    canvas = Canvas((100, 11))
    start = canvas.right(90, 0, "III")
    assert start == 90 - 18
    assert not any(columns(canvas)[90:])


@pytest.mark.parametrize(("share", "full"), [(0.0, 0), (0.5, 23), (1.0, 46), (7.0, 46), (-1.0, 0)])
def test_a_bar_is_filled_to_its_share(share: float, full: int) -> None:
    canvas = Canvas((50, 8))
    canvas.bar(0, 0, 50, 8, share)
    assert sum(count == 6 for count in columns(canvas)[2:48]) == full


def test_a_graph_is_as_high_as_its_values() -> None:
    canvas = Canvas((3, 20))
    canvas.graph(0, 0, 20, [0, 19, -1])
    assert canvas.image.getpixel((0, 19))
    assert columns(canvas) == [1, 20, 0]


def test_a_graph_that_exceeds_its_height_is_cut() -> None:
    canvas = Canvas((2, 20))
    canvas.graph(0, 5, 10, [50, 50])
    assert not any(canvas.image.getpixel((x, y)) for x in (0, 1) for y in (*range(5), *range(15, 20)))


@pytest.mark.parametrize("area", [(5, 5, 5, 9), (5, 5, 2, 9), (5, 9, 9, 5)])
def test_an_empty_box_is_nothing(area: tuple[int, int, int, int]) -> None:
    canvas = Canvas((20, 20))
    canvas.box(*area)
    assert lit(canvas) == 0


def test_the_scroll_mark_is_where_one_is() -> None:
    def mark(first: int) -> list[int]:
        canvas = Canvas((10, 50))
        canvas.scroll_mark(0, 50, first, 5, 500)
        return [y for y in range(50) if canvas.image.getpixel((9, y))]

    assert mark(0)[0] == 0
    assert mark(495)[-1] == 49
    assert len(mark(200)) == 3
    canvas = Canvas((10, 50))
    canvas.scroll_mark(0, 50, 0, 5, 5)
    assert lit(canvas) == 0


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_a_rectangle_of_letters(name: str) -> None:
    rows = ICONS[name].split()
    assert len({len(row) for row in rows}) == 1
    assert set("".join(rows)) <= set("#.")
    drawn = icon(name)
    assert drawn.size == (len(rows[0]), len(rows))
    assert sum(drawn.histogram()[1:]) == ICONS[name].count("#")


def test_more_bars_for_more_signal() -> None:
    light = [sum(signal_icon(bars).histogram()[1:]) for bars in range(5)]
    assert light == sorted(set(light))


def test_a_line_that_begins_at_the_right_loses_its_left_end() -> None:
    name = "שלום שלום שלום"
    canvas = Canvas((60, 11))
    canvas.cut(0, 0, 60, name)
    whole = Canvas((60, 11))
    whole.right(60, 0, name)
    right = (7, 0, 60, 11)
    assert canvas.image.crop(right).tobytes() == whole.image.crop(right).tobytes()
    moving = Canvas((60, 11))
    moving.sliding(0, 0, 60, name, 0.0)
    assert moving.image.tobytes() == whole.image.tobytes()
