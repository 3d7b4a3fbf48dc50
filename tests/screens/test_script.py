from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.screens.script import shaped


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("plain", "plain"),
        ("שלום", "םולש"),
        ("abc שלום def", "abc םולש def"),
        ("שלום abc", "abc םולש"),
        ("בית (2)", "(2) תיב"),
        ("12 שלום", "םולש 12"),
        ("שלום - עולם", "םלוע - םולש"),
        ("", ""),
        ("()", "()"),
    ],
)
def test_right_to_left_runs_are_turned(text: str, drawn: str) -> None:
    assert shaped(text) == drawn


def test_a_mark_stays_behind_its_letter() -> None:
    assert shaped("\u05d1\u05b0\u05d2") == "\u05d2\u05d1\u05b0"


def names(text: str) -> list[str]:
    return [unicodedata.name(char).removeprefix("ARABIC ").removeprefix("LIGATURE ") for char in shaped(text)]


def test_arabic_letters_are_joined() -> None:
    assert names("بيت") == ["LETTER TEH FINAL FORM", "LETTER YEH MEDIAL FORM", "LETTER BEH INITIAL FORM"]


def test_a_letter_that_does_not_reach_out_ends_the_joining() -> None:
    assert names("دار") == ["LETTER REH ISOLATED FORM", "LETTER ALEF ISOLATED FORM", "LETTER DAL ISOLATED FORM"]


def test_lam_and_alef_are_one() -> None:
    assert names("لا") == ["LAM WITH ALEF ISOLATED FORM"]
    assert names("سلا") == ["LAM WITH ALEF FINAL FORM", "LETTER SEEN INITIAL FORM"]


def test_what_would_be_obeyed_is_escaped() -> None:
    assert shaped("a\u202eb\x1b[2J\n") == "a\\u202eb\\x1b[2J\\n"


@given(st.text(max_size=40))
def test_any_text_can_be_shaped(text: str) -> None:
    assert isinstance(shaped(text), str)


@given(st.text(st.sampled_from("ab אבג بيت 12()-\u05b0"), max_size=20))
def test_turning_loses_nothing(text: str) -> None:
    def letters(line: str) -> list[str]:
        return sorted(unicodedata.normalize("NFKC", line).translate(str.maketrans(")", "(")).replace("\u0640", ""))

    assert letters(shaped(text)) == letters(text)
