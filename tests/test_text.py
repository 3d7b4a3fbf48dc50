"""Text off the air: nothing in it is unseen, moves anything, or makes two names one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from whimbrel.text import harmless, isolated, printable, ssid
from whimbrel.wording.tables import text_width

NAMES = st.binary(max_size=32) | st.text(max_size=10).map(lambda name: name.encode("utf-8", "replace"))
LEFTWARD = {"R", "AL", "AN"}
HEBREW, ARABIC, DIGITS = "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627", "\u0663\u0664"
SEEN = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
# Lines as a table or a sentence has them, with names in any script.
LINES = st.lists(st.sampled_from([HEBREW, ARABIC, DIGITS, " ", "5", "(", "a", "-", '"', "\u0301"]) | SEEN).map("".join)


@pytest.mark.parametrize(
    "char",
    "\u3164\u115f\u1160\uffa0\u2800\u00a0\u034f\u3000\u2003\ufe0f\U000e0101\u200b\u202e\u180e\u00ad\U0001d159\U00016fe4\n\t\r\x1b\\",
)
def test_what_looks_like_nothing_is_written_out(char: str) -> None:
    shown = char.encode("unicode_escape").decode()
    assert ssid(char.encode()) == shown
    assert printable(f"a{char}b") == f"a{shown}b"


@given(NAMES)
@example(b"\xe3\x85\xa4" * 10)
@example(b" ")
def test_a_name_is_seen(name: bytes) -> None:
    shown = ssid(name)
    assert shown.isprintable()
    assert bool(shown.strip()) is bool(name)
    assert shown == printable(shown.replace("\\", "")) or "\\" in shown, "nothing unseen is left"


@given(NAMES, NAMES)
@example(b"\xc2\xa0", rb"\xa0")
@example(b"  ", rb"\x20\x20")
def test_names_are_equal_where_what_is_shown_is(one: bytes, other: bytes) -> None:
    assert (ssid(one) == ssid(other)) is (one == other)


@given(st.text())
def test_what_was_escaped_stays_as_it_is(text: str) -> None:
    assert harmless(printable(text)) == printable(text)


def order(text: str) -> list[int]:
    """Return the depth of isolates of each character that is none of their marks."""
    depth, found = 0, []
    for char in text:
        if char in "\u2068\u2069":
            depth += 1 if char == "\u2068" else -1
        else:
            found.append(depth)
    assert depth == 0, "every isolate ends in the line"
    return found


@given(LINES)
def test_what_is_written_from_right_to_left_reorders_nothing_around_it(line: str) -> None:
    shown = isolated(line)
    assert shown.replace("\u2068", "").replace("\u2069", "") == line
    for char, depth in zip(line, order(shown), strict=True):
        kind = unicodedata.bidirectional(char)
        assert depth in {0, 1}
        assert kind not in LEFTWARD or depth == 1
        assert kind not in {"L", "EN"} or depth == 0, "what is written from left to right keeps its place"


def test_words_of_a_name_stay_together_and_columns_apart() -> None:
    name = f"{HEBREW} {HEBREW}"
    assert isolated(f'"{name}" (00:11) 5') == f'"\u2068{name}\u2069" (00:11) 5'
    assert isolated(f"{name}  {name}") == f"\u2068{name}\u2069  \u2068{name}\u2069"
    assert text_width(isolated(name)) == text_width(name)
    assert isolated("\u00fcber \u732b") == "\u00fcber \u732b"
