"""Every screen, pixel by pixel. After an intended change: ``make screenshots``, look at each picture, commit them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.screenshots.gallery import SHOTS, render

Image = pytest.importorskip("PIL.Image")
PICTURES = Path(__file__).parents[2] / "docs" / "screens"
GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", SHOTS)
def test_a_screen_looks_as_it_was_approved(name: str, tmp_path: Path) -> None:
    drawn = render(SHOTS[name])
    with Image.open(GOLDEN / f"{name}.png") as golden:
        approved = golden.convert("RGB")
    if drawn.size != approved.size or drawn.convert("RGB").tobytes() != approved.tobytes():
        drawn.save(tmp_path / f"{name}.png")
        pytest.fail(f"{name} is not as approved; it is now {tmp_path}/{name}.png (make screenshots, if this is meant)")


def test_every_picture_is_for_people_too() -> None:
    shown = {path.stem for path in PICTURES.glob("*.png")} - {"tour", "tour-colour"}
    assert shown == set(SHOTS), "run `make screenshots`, and look at docs/screens"


def test_there_is_no_picture_of_a_screen_that_is_no_more() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(SHOTS)
