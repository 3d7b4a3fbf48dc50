"""Renders the gallery: ``python -m tools.screenshots`` writes docs/screens and the pictures that tests compare with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from tools.screenshots.gallery import SHOTS, render

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "screens"
GOLDEN = ROOT / "tests" / "screens" / "golden"
TOUR = (
    "overview-alerts", "access-points", "access-point", "access-point-facts", "stations", "channels-5", "alerts",
    "alert-takeover-dark", "system",
)  # fmt: skip
"""The screens in the README's overview picture."""

COLOUR_TOUR = (
    "overview-alerts", "access-points", "access-point", "alerts", "alert-takeover", "channels", "alert", "stations",
    "system",
)  # fmt: skip
"""The same on a panel with colours."""

PAPER = (250, 122)
"""Pixels of the e-paper."""
_SCALE = 4
_GAP = 1  # of these, darker between two of the panel's pixels
_GLASS, _BORDER = 10, 6
_OFF, _ON, _BETWEEN, _CASE, _EDGE, _PAGE = range(6)
_COLOURS = ((6, 9, 14), (214, 241, 255), (128, 152, 166), (24, 27, 33), (58, 63, 74), (255, 255, 255))


def framed(image: Image.Image) -> Image.Image:
    """Return a panel's image as the panel looks: points of light behind glass, in a case."""
    if image.mode == "P":
        return _framed_colours(image)
    if image.size == PAPER:
        return _framed_paper(image)
    edge = _GLASS + _BORDER
    size = (image.width * _SCALE + 2 * edge, image.height * _SCALE + 2 * edge)
    out = _blank(size)
    draw = ImageDraw.Draw(out)
    draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), 14, fill=_CASE, outline=_EDGE, width=2)
    draw.rectangle((_BORDER, _BORDER, size[0] - 1 - _BORDER, size[1] - 1 - _BORDER), fill=_OFF)
    lit = image.resize((image.width * _SCALE, image.height * _SCALE), Image.Resampling.NEAREST)
    out.paste(_BETWEEN, (edge, edge), lit)
    gaps = ImageDraw.Draw(lit)
    for x in range(_SCALE - _GAP, lit.width, _SCALE):
        gaps.line((x, 0, x, lit.height), fill=0)
    for y in range(_SCALE - _GAP, lit.height, _SCALE):
        gaps.line((0, y, lit.width, y), fill=0)
    out.paste(_ON, (edge, edge), lit)
    return out


def _framed_paper(image: Image.Image) -> Image.Image:
    """Return the image of e-paper: black ink on grey."""
    edge = _GLASS
    out = Image.new("RGB", (image.width * 2 + 2 * edge, image.height * 2 + 2 * edge), _COLOURS[_PAGE])
    draw = ImageDraw.Draw(out)
    draw.rounded_rectangle((0, 0, out.width - 1, out.height - 1), 8, fill=(226, 226, 220), outline=_COLOURS[_EDGE])
    lit = image.resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST)
    out.paste((30, 30, 34), (edge, edge), lit)
    return out.quantize(16, dither=Image.Dither.NONE)


def _framed_colours(image: Image.Image) -> Image.Image:
    """Return the image of an LCD: its pixels are too small to be seen."""
    scale = 2 if image.width < 200 else 1
    edge = _GLASS
    out = Image.new("RGB", (image.width * scale + 2 * edge, image.height * scale + 2 * edge), _COLOURS[_PAGE])
    draw = ImageDraw.Draw(out)
    draw.rounded_rectangle((0, 0, out.width - 1, out.height - 1), 8, fill=_COLOURS[_CASE], outline=_COLOURS[_EDGE])
    lit = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    out.paste(lit.convert("RGB"), (edge, edge))
    return out.quantize(64, dither=Image.Dither.NONE)


def tour(pictures: Sequence[Image.Image], columns: int = 3, gap: int = 12) -> Image.Image:
    """Return pictures of one size in rows."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    whole = (columns * (width + gap) - gap, rows * (height + gap) - gap)
    out = _blank(whole) if pictures[0].mode == "P" else Image.new("RGB", whole, _COLOURS[_PAGE])
    for i, picture in enumerate(pictures):
        out.paste(picture, (i % columns * (width + gap), i // columns * (height + gap)))
    return out


def _blank(size: tuple[int, int]) -> Image.Image:
    image = Image.new("P", size, _PAGE)
    image.putpalette([value for colour in _COLOURS for value in colour])
    return image


def _save(image: Image.Image, path: Path) -> None:
    if image.mode == "P" and len(image.getpalette() or ()) == 3 * len(_COLOURS):
        image.save(path, optimize=True, bits=4, transparency=_PAGE)
    else:
        image.save(path, optimize=True)


def main() -> None:
    """Write every picture, and remove those of removed screens."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for folder in (PICTURES, GOLDEN):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
    images = {name: render(shot) for name, shot in SHOTS.items()}
    for name, image in images.items():
        _save(image, GOLDEN / f"{name}.png")
        _save(framed(image), PICTURES / f"{name}.png")
    _save(tour([framed(images[name]) for name in TOUR]), PICTURES / "tour.png")
    colours = tour([framed(images[f"{name}-240x240-colour"]).convert("RGB") for name in COLOUR_TOUR])
    colours.quantize(64, dither=Image.Dither.NONE).save(PICTURES / "tour-colour.png", optimize=True)
    print(f"{len(images)} pictures in {PICTURES.relative_to(ROOT)} and {GOLDEN.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
