from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.screens import faces
from whimbrel.screens.faces import FOLDER, Face, face

FACES = (
    "tiny", "small", "title", "body", "number", "large", "small-large", "title-large", "body-large", "huge",
)  # fmt: skip


@pytest.mark.parametrize("name", FACES)
def test_a_face_has_all_of_ascii(name: str) -> None:
    drawn = face(name)
    frame = drawn.picture("\ue000")
    assert all(drawn.picture(chr(code)) != frame for code in range(0x20, 0x7F))
    assert not any(drawn.picture(" "))


@pytest.mark.parametrize(
    "text",
    [
        "Größe Łódź Œuvre",
        "Кафе Берёзка",
        "Ελληνικά",
        "שלום",
        "東京タワーひらがな",
        "咖啡馆",
        "서울커피",
        "Հայ",
        "ไวไฟ",
        "«»–…°•",
    ],
)
def test_the_body_has_the_scripts_of_the_world(text: str) -> None:
    drawn = face("body")
    frame = drawn.picture("\ue000")
    missing = [char for char in text if drawn.picture(char) == frame]
    assert not missing


def test_arabic_has_its_joined_forms() -> None:
    drawn = face("body")
    assert all(drawn.picture(chr(code)) != drawn.picture("\ue000") for code in range(0xFE80, 0xFEFD))


@pytest.mark.parametrize("name", FACES)
def test_a_strip_is_as_wide_as_its_letters(name: str) -> None:
    drawn = face(name)
    strip = drawn.strip("Whimbrel 12")
    assert strip.size == (drawn.width("Whimbrel 12"), drawn.height)
    assert strip.mode == "1"
    assert drawn.width("Whimbrel 12") == sum(drawn.width(char) for char in "Whimbrel 12")


def test_a_letter_looks_as_it_is_stored() -> None:
    strip = face("body").strip("L")
    rows = ["".join(" #"[strip.getpixel((x, y)) > 0] for x in range(strip.width)) for y in range(strip.height)]  # type: ignore[operator]
    assert [row.rstrip() for row in rows] == ["", "", "#", "#", "#", "#", "#", "#", "#####", "", ""]


def test_a_mark_is_drawn_onto_its_letter() -> None:
    drawn = face("body")
    plain, marked = drawn.strip("x"), drawn.strip("x\u0331")
    assert plain.size == marked.size
    assert drawn.width("x" + "\u0331" * 20) == plain.width


def test_an_unknown_letter_is_a_frame() -> None:
    strip = face("body").strip("\U0001f4f6")
    assert sum(strip.histogram()[1:]) == 2 * 6 + 2 * 2


def test_a_strip_is_kept() -> None:
    assert face("body").strip("kept") is face("body").strip("kept")


def test_a_flood_of_names_is_not_kept() -> None:
    drawn = Face("body")
    for code in range(0x4E00, 0x4E00 + 5000):
        drawn.columns(chr(code))
    assert len(drawn._pictures) <= 2001
    assert faces._strip.cache_info().maxsize is not None


@given(st.text(max_size=60))
def test_any_text_can_be_drawn(text: str) -> None:
    drawn = face("body")
    strip = drawn.strip(text)
    assert strip.height == drawn.height
    assert drawn.width(text) == (strip.width if text else 0)


def test_a_file_that_is_no_face_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "body.bin").write_bytes(b"GIF89a" + bytes(20))
    monkeypatch.setattr(faces, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"body\.bin"):
        Face("body")


def test_the_licences_of_the_faces_are_with_them() -> None:
    readme = (FOLDER / "README.md").read_text()
    assert {path.stem for path in FOLDER.glob("*.bin")} == set(FACES)
    assert all(f"`{name}`" in readme for name in FACES)
