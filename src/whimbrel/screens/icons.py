"""Icons, drawn in letters: ``#`` is light."""

from __future__ import annotations

from functools import cache

from PIL import Image

ICONS = {
    "locked": """
.###.
#...#
#...#
#####
##.##
##.##
#####
""",
    "open": """
.###.
#...#
....#
#####
#...#
#...#
#####
""",
    "weak": """
.###.
#...#
#...#
#####
#.#.#
##.##
#####
""",
    "strong": """
.###.
#...#
#...#
#####
#####
#####
#####
""",
    "random": """
.###.
#...#
...#.
..#..
.....
..#..
.....
""",
    "device": """
.###.
.#.#.
.#.#.
.#.#.
.#.#.
.###.
.###.
""",
    "access point": """
...#.....#...
..#..#.#..#..
.#..#...#..#.
.#..#.#.#..#.
.#..#...#..#.
..#..#.#..#..
...#..#..#...
......#......
.....###.....
""",
    "station": """
..#####..
..#...#..
..#...#..
..#...#..
..#...#..
..#...#..
..#####..
..##.##..
..#####..
""",
    "hopping": """
..#......
.##......
#########
.##......
..#...#..
......##.
#########
......##.
......#..
""",
    "lock": """
..#####..
.##...##.
.##...##.
#########
#########
####.####
####.####
#########
.#######.
""",
    "camping": """
....#....
....#....
...###...
...#.#...
..##.##..
..#...#..
.##.#.##.
.#..#..#.
#########
""",
    "blind": """
..#######..
.#.......#.
#...###...#
#..##.##.##
#...###.##.
.#.....##..
..####.#...
""",
    "board": """
.#.#.#.#.
#########
##.....##
.#.###.#.
##.###.##
.#.###.#.
##.....##
#########
.#.#.#.#.
""",
    "alert": """
....#....
...###...
...#.#...
..##.##..
..##.##..
.###.###.
.#######.
####.####
#########
""",
    "warning": """
...#...
..###..
..#.#..
.##.##.
.##.##.
#######
###.###
""",
    "notice": """
..###..
.#...#.
#..#..#
#.....#
#..#..#
.#.#.#.
..###..
""",
    "critical": """
..###..
.#####.
##.#.##
###.###
##.#.##
.#####.
..###..
""",
    "done": """
......#
.....##
#...##.
##.##..
.###...
..#....
.......
""",
    "recording": """
..###..
.#####.
#######
#######
#######
.#####.
..###..
""",
    "paused": """
##.##
##.##
##.##
##.##
##.##
##.##
##.##
""",
    "battery": """
..........
#########.
#.......#.
#.......##
#.......##
#.......#.
#########.
""",
    "charging": """
...#.
..##.
.###.
#####
.###.
.##..
.#...
""",
    "trouble": """
###
###
###
###
###
...
###
""",
    "into": """
#..
##.
###
##.
#..
""",
    "closer": """
...#...
..###..
.#####.
#######
...#...
...#...
...#...
""",
    "farther": """
...#...
...#...
...#...
#######
.#####.
..###..
...#...
""",
    "steady": """
.......
.......
#######
.......
#######
.......
.......
""",
    "power": """
....#....
.##.#.##.
##..#..##
#...#...#
#...#...#
#.......#
##.....##
.##...##.
..#####..
""",
    "here": """
#####
.###.
..#..
""",
    "marked": """
.....
.###.
#####
#####
#####
.###.
.....
""",
}
"""By name. Rows of equal length."""


_SHACKLE = "...####... ..######.. .##....##. .##....##. .##....##."
_KEYHOLE = "########## ########## ####..#### ###....### ####..#### ####..#### ########## .########."
LARGE_ICONS = {
    "locked": f"{_SHACKLE} {_KEYHOLE}",
    "open": "...####... ..######.. .##....##. .##....... .##....... "
    "########## #........# #........# #........# #........# #........# ########## .########.",
    "weak": f"{_SHACKLE} ########## ##.##.##.# ########## #.##.##.## ########## ##.##.##.# ########## .########.",
    "strong": f"{_SHACKLE} ########## #######..# ######..## ##..#..### ##.....### ###...#### ####.##### .########.",
}
"""Those that have details of their own where they are twice as large."""


@cache
def icon(name: str, unit: int = 1) -> Image.Image:
    """Return an icon, to be pasted as a mask, smoothed where it is twice as large. Raises KeyError."""
    if unit > 1 and name in LARGE_ICONS:
        return drawn(LARGE_ICONS[name])
    return enlarged(drawn(ICONS[name]), unit)


@cache
def signal_icon(bars: int, unit: int = 1) -> Image.Image:
    """Return four bars of growing height, `bars` of them full: 7 units square."""
    side, pitch = 7 * unit, 2 * unit
    picture = Image.new("1", (side, side))
    for i, height in enumerate((2, 3, 5, 7)):
        top = side - (height * unit if i < bars else unit)
        picture.paste(255, (i * pitch, top, i * pitch + 2 * unit - 1, side))
    return picture


def enlarged(picture: Image.Image, unit: int) -> Image.Image:
    """Return a picture of one bit a pixel, twice as large for a unit of 2, its slanting edges smoothed.

    The rule is Scale2x: a quarter of a pixel takes the colour of the two neighbours beside it if these are equal, and
    differ from the other two.
    """
    if unit == 1:
        return picture
    width, height = picture.size
    light = [[bool(picture.getpixel((x, y))) for x in range(width)] for y in range(height)]

    def at(x: int, y: int) -> bool:
        return 0 <= x < width and 0 <= y < height and light[y][x]

    out = Image.new("1", (2 * width, 2 * height))
    for y in range(height):
        for x in range(width):
            up, right, left, down = at(x, y - 1), at(x + 1, y), at(x - 1, y), at(x, y + 1)
            slanting = up != down and left != right
            corners = ((left, up), (right, up), (left, down), (right, down))
            for i, (side, end) in enumerate(corners):
                if side if slanting and side == end else light[y][x]:
                    out.putpixel((2 * x + i % 2, 2 * y + i // 2), 255)
    return out


def drawn(letters: str) -> Image.Image:
    """Convert letters to an image."""
    rows = letters.split()
    width = len(rows[0])
    stride = (width + 7) // 8
    octets = b"".join(
        int(row.replace("#", "1").replace(".", "0").ljust(8 * stride, "0"), 2).to_bytes(stride, "big") for row in rows
    )
    return Image.frombytes("1", (width, len(rows)), octets)
