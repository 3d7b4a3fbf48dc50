"""The visual similarity of SSIDs.

An SSID is any sequence of up to 32 octets (IEEE 802.11-2020, 9.4.2.2); most are UTF-8. The similar characters are the
part of the Unicode Consortium's confusables (Technical Standard 39) that look like Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from whimbrel.detections.impersonation.confusables import LETTERS, LIKE, PAIRS
from whimbrel.late import late_pattern
from whimbrel.wifi.elements import ELEMENTS_AT, SSID_MAX, find_ssid

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

INVISIBLE, BEGINNING, CONFUSABLE, CASE, DISTANCE = "invisible", "beginning", "confusable", "case", "distance"
"""Kinds of difference between a name and its lookalike, the most significant first."""
ALIKE = (INVISIBLE, BEGINNING, CONFUSABLE, CASE, DISTANCE)

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"})
"""Categories that show nothing, or only a gap, on a screen."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their category, but blank when displayed."""

_END = late_pattern(
    "[\x00-\x1f\x7f\x85\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\\s\u115f\u1160\u2800\u3164\uffa0]{3,}"
)
"""The end of the visible beginning of a name: devices show nothing after a NUL or a line end, have no room after a run
of spaces, or show the rest elsewhere after a direction mark ("SSID stripping", AirEye, 2021)."""
_HAS_END = late_pattern(rb"[\x00-\x1f\x7f]|\s{3,}")
_FAINT = late_pattern("[\u0300-\u036f\u115f\u1160\u2800\u3164\ufe00-\ufe0f\uffa0]")
"""Printable but invisible: marks on Latin letters, and blanks."""
_OVERRIDDEN = late_pattern("\u202e([^\u202c\u2069]*)[\u202c\u2069]?")
"""Text forced to display from right to left (Unicode Standard Annex 9, RLO)."""

_MARKS = {ord(char): None for char in "\u0300\u0301\u0302\u0303\u0304\u0307\u0308\u030a\u030b\u030c\u0327\u0328"}

_SUFFIX = late_pattern(
    r"(?:[ _.\-+]*(?:2[.,]?4 ?g(?:hz)?|[256] ?g(?:hz)?|[256]|ext|plus|guests?|gast|iot|mesh|repeater|rpt|"
    r"extender|nomap|optout|home|office|tv|kids|ax|ac|legacy|secure|private|iphone|slow|fast))+$",
    re.IGNORECASE,
)
"""Suffixes that people and routers add to an SSID for another network of their own."""
_NUMBERED = late_pattern(r"[0-9]+")
_ENDING = late_pattern(r"[ _.\-](?:[0-9a-f]{2,12}|[0-9a-z]{1,2})$", re.IGNORECASE)
"""A serial number or a letter at the end, as in the names of one maker's routers."""


_FAR = 4
"""The most octets by which a lookalike of ASCII letters differs, in length and in kind."""


def name_in(frame: Frame) -> bytes:
    """Return the name in a beacon or a probe response, at most 32 octets; empty if it is hidden or not there."""
    raw, at = frame.raw, frame.body + 12
    if at + 2 <= frame.end and raw[at] == 0 and raw[at + 1] <= SSID_MAX:
        stop = at + 2 + raw[at + 1]
        name = raw[at + 2 : stop] if stop <= frame.end else b""
    else:
        name = find_ssid(raw, frame.body + ELEMENTS_AT[frame.kind], frame.end) or b""
    return name if name.strip(b"\0") else b""


class NameLook:
    """The visible forms of one name."""

    __slots__ = ("folded", "near", "plain", "raw", "skeleton", "stem", "strange", "text", "views")

    def __init__(self, name: bytes) -> None:
        self.raw = name
        self.text = name.decode("utf-8", "surrogateescape")
        self.views: list[tuple[str, NameLook]] = []
        """The forms in which a device may display the name, each with its kind of difference."""
        if turned := as_turned(self.text):
            self.views.append((INVISIBLE, NameLook(turned)))
        if begun := beginning(self.text):
            self.views.append((BEGINNING, NameLook(begun)))
        self.plain, self.strange = seen(self.text)
        """The visible text, and whether the name has invisible characters other than spaces between words."""
        self.folded = fold(self.plain)
        """Without case and accents."""
        self.skeleton = skeleton(self.plain)
        """With one letter for all similar characters."""
        self.stem = _SUFFIX.sub("", self.text) or self.text
        like = "".join(LIKE.get(letter, "") for letter in self.skeleton)
        self.near = frozenset((self.text + self.text.swapcase() + self.skeleton + like).encode("utf-8", "replace"))

    def rules_out(self, name: bytes) -> bool:
        """Return True for most names that do not look like this one, by a quick check."""
        if not name.isascii() or _HAS_END.search(name):
            return False
        bare = name.strip(b" \0")
        return abs(len(bare) - len(self.text)) > _FAR or len(set(bare) - self.near) > _FAR


def beginning(text: str) -> bytes:
    """Return the visible beginning of a name if visible text follows it; otherwise empty."""
    at = 0
    while (end := _END.search(text, at)) is not None:
        plain, _ = seen(text[: end.start()])
        if plain:
            behind, _ = seen(text[end.end() :])
            return plain.encode("utf-8", "surrogateescape") if behind else b""
        at = end.end()
    return b""


def as_turned(text: str) -> bytes:
    """Return a name with its right-to-left text in the order of display; empty if it has none."""
    if "\u202e" not in text:
        return b""
    return _OVERRIDDEN.sub(lambda part: part[1][::-1], text).encode("utf-8", "surrogateescape")


@lru_cache(maxsize=256)
def as_seen(name: bytes) -> bytes:
    """Return a name as people see it: its visible beginning without invisible characters. Names that look equal give
    equal octets; a completely invisible name is returned unchanged."""
    text = name.decode("utf-8", "surrogateescape")
    if text.isprintable() and text == text.strip() and "  " not in text and (text.isascii() or not _FAINT.search(text)):
        return name
    before, mark, _ = text.partition("\u202e")
    if mark and not seen(before)[0]:
        text = as_turned(text).decode("utf-8", "surrogateescape")
    return beginning(text) or seen(text)[0].encode("utf-8", "surrogateescape") or name


def seen(text: str) -> tuple[str, bool]:
    """Return a text without invisible characters, with one space for each gap, and whether there was more than such
    gaps."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()), False
    kept = []
    strange = False
    for char in unicodedata.normalize("NFC", text):
        if char in _BLANK or (unicodedata.category(char) in _UNSEEN and char != " "):
            strange = True
            if unicodedata.category(char) != "Zs":
                continue
            char = " "  # noqa: PLW2901  # another kind of space
        kept.append(char)
    return " ".join("".join(kept).split()), strange


def fold(plain: str) -> str:
    """Return a text without case and accents."""
    if plain.isascii():
        return plain.lower()
    return unicodedata.normalize("NFD", plain).translate(_MARKS).casefold()


def skeleton(plain: str) -> str:
    """Return a text with one letter for all similar characters."""
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).translate(_MARKS)
    folded = plain.translate(LETTERS).casefold().translate(LETTERS)
    for pair, letter in PAIRS:
        folded = folded.replace(pair, letter)
    return folded


def resemblance(name: NameLook, own: NameLook) -> str:
    """Return the kind of resemblance of `name` to `own`, one of the above; empty if there is none, or if `name` is only
    derived from it.

    Each form in which a device may display it is compared as a name of its own.
    """
    if name.raw == own.raw or not own.plain:
        return ""
    found = [_resemblance(name, own)]
    for how, view in name.views:
        found.append(how if view.plain == own.plain else _resemblance(view, own))
    return min(filter(None, found), key=ALIKE.index, default="")


def _resemblance(name: NameLook, own: NameLook) -> str:
    if name.plain == own.plain or (name.strange and _closed(name.plain) == _closed(own.plain)):
        return INVISIBLE
    if abs(len(name.skeleton) - len(own.skeleton)) > 2:
        return ""
    if name.stem == own.stem or name.stem == own.text or name.text == own.stem or _numbered(name.text, own.text):
        return ""
    if name.folded == own.folded:
        return CASE
    if name.skeleton == own.skeleton:
        return CONFUSABLE
    allowed = 2 if len(own.plain) >= 12 else 1 if len(own.plain) >= 6 else 0
    if allowed and distance(name.folded, own.folded, allowed) <= allowed:
        return DISTANCE
    return ""


def _closed(text: str) -> str:
    return text.replace(" ", "")


def _numbered(one: str, other: str) -> bool:
    """Return whether two names differ only in numbers, or in a serial number or a letter at the end."""
    if _NUMBERED.sub("0", one) == _NUMBERED.sub("0", other) and len(one) == len(other):
        return True
    bare, other_bare = _ENDING.sub("", one), _ENDING.sub("", other)
    return bare == other_bare and bare != one and other_bare != other


def distance(one: str, other: str, most: int) -> int:
    """Return the Damerau-Levenshtein distance (restricted: no part is edited twice), or `most` + 1 where it is more.

    Damerau, A technique for computer detection and correction of spelling errors, 1964.
    """
    if abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:
        return most + 1
    # Only cells near the diagonal can cost so little.
    far = most + 1
    before: list[int] = []
    row = [min(j, far) for j in range(len(other) + 1)]
    for i, char in enumerate(one, 1):
        earlier, before = before, row
        row = [far] * (len(other) + 1)
        row[0] = min(i, far)
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            its = other[j - 1]
            if char == its:
                row[j] = before[j - 1]
                continue
            cost = 1 + min(before[j], row[j - 1], before[j - 1])
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == its:
                cost = min(cost, earlier[j - 2] + 1)
            row[j] = cost
        if min(row) > most:
            return far
    return min(row[-1], far)
