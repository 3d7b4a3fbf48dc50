"""Text in its visual order and shapes, from left to right.

Right-to-left scripts are turned as the bidirectional algorithm (UAX 9) turns a line without explicit marks, which
never get here: `whimbrel.text` escapes them. Arabic letters take the shape that their neighbours ask for, from the
presentation forms of Unicode. Scripts whose letters must be rearranged otherwise (of India, for the most part) are
drawn letter by letter.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from whimbrel.text import harmless

_RIGHT = frozenset({"R", "AL"})
_LEFT = frozenset({"L", "EN", "AN"})
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def is_mark(char: str) -> bool:
    """Return whether a character is drawn onto the one before it."""
    return char > "\u02ff" and unicodedata.category(char) in {"Mn", "Me"}


def shaped(text: str) -> str:
    """Return `text`, made harmless, in the order and shapes in which it is drawn."""
    text = unicodedata.normalize("NFC", harmless(text))
    kinds = [unicodedata.bidirectional(char) for char in text]
    if _RIGHT.isdisjoint(kinds):
        return text
    if "AL" in kinds:
        text = _joined(text)
        kinds = [unicodedata.bidirectional(char) for char in text]
    return _ordered(text, kinds)


def from_right(text: str) -> bool:
    """Return whether a line begins at its right end."""
    if text.isascii():
        return False
    kinds = map(unicodedata.bidirectional, text)
    return next((kind in _RIGHT for kind in kinds if kind in _RIGHT or kind == "L"), False)


def _ordered(text: str, kinds: list[str]) -> str:
    """Reverse runs; a neutral character follows its neighbours if they agree, else the line."""
    base = next((kind in _RIGHT for kind in kinds if kind in _RIGHT or kind == "L"), False)
    sides = _sides(kinds, base=base)
    runs: list[tuple[bool, str]] = []
    start = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or sides[i] != sides[start]:
            runs.append((sides[start], text[start:i]))
            start = i
    if base:
        runs.reverse()
    return "".join(_turned(run) if right else run for right, run in runs)


def _sides(kinds: list[str], *, base: bool) -> list[bool]:
    sides: list[bool] = []
    for i, kind in enumerate(kinds):
        if kind in _RIGHT or kind in _LEFT:
            sides.append(kind in _RIGHT)
        elif kind == "NSM":
            sides.append(sides[-1] if sides else base)
        else:
            before = sides[-1] if sides else base
            after = next((k in _RIGHT for k in kinds[i + 1 :] if k in _RIGHT or k in _LEFT), base)
            sides.append(before if before == after else base)
    return sides


def _turned(run: str) -> str:
    """Reverse a run, with each mark still after its letter."""
    clusters: list[str] = []
    for char in run.translate(_MIRRORED):
        if clusters and is_mark(char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return "".join(reversed(clusters))


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Return by letter its shapes, by Unicode's names for them: isolated, initial, medial, final."""
    forms: dict[str, dict[str, str]] = {}
    for code in range(0xFE80, 0xFEFD):
        shape, *letters = unicodedata.decomposition(chr(code)).split()
        letter = "".join(chr(int(hexadecimal, 16)) for hexadecimal in letters)
        forms.setdefault(letter, {})[shape.strip("<>")] = chr(code)
    return forms


def _joined(text: str) -> str:
    """Give Arabic letters the shapes that join them; lam and alef become one."""
    forms = _forms()
    letters: list[str] = []
    for char in text:
        if letters and letters[-1] + char in forms:
            letters[-1] += char
        else:
            letters.append(char)
    out = []
    joins = False  # whether the letter before reaches out to this one
    for i, letter in enumerate(letters):
        shapes = forms.get(letter)
        if shapes is None:
            out.append(letter)
            joins = joins and is_mark(letter)
            continue
        following = next((other for other in letters[i + 1 :] if not is_mark(other[0])), "")
        onward = "initial" in shapes and "final" in forms.get(following, {})
        shape = ("medial" if onward else "final") if joins else ("initial" if onward else "isolated")
        out.append(shapes.get(shape) or shapes.get("isolated") or letter)
        joins = onward
    return "".join(out)
