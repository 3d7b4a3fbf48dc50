"""Escapes text off the air for people and programs, so that it cannot forge a line, a colour or a field."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Categories that could move the cursor, hide text or reorder it: controls, formats (bidirectional marks among them),
# surrogates, private use, unassigned, and all separators but the space itself.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# What looks like nothing although its category is that of letters, marks or symbols: the others that Unicode calls
# Default_Ignorable_Code_Point (DerivedCoreProperties.txt, 15.0), a filler, and glyphs without ink.
_UNSEEN = frozenset(
    map(
        chr,
        (
            0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0, 0x16FE4,
            *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x2800, 0x1D159,
        ),
    )
)  # fmt: skip
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\\": r"\\"}
# The blocks whose characters are written from right to left (UAX 44, Bidi_Class R, AL and AN).
_LEFTWARD = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"


def mac(address: bytes | None) -> str:
    """Return an address as six pairs of hexadecimal digits; ``-`` for None."""
    return address.hex(":") if address else "-"


def printable(text: str) -> str:
    r"""Escape control characters and backslashes: ``\n``, ``\x1b``, ``\u202e``."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(_escaped(char) for char in text)


def harmless(text: str) -> str:
    """Escape like `printable` except for backslashes: for sentences whose parts should already be escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char == "\\" else _escaped(char) for char in text)


def isolated(text: str) -> str:
    """Return a text for a terminal in which letters written from right to left do not reorder what is around them.

    Each run of such letters, with the single spaces and joining marks between them, stands in an isolate (UAX 9), which
    takes no room.
    """
    return text if text.isascii() else _runs().sub("\u2068\\g<0>\u2069", text)


@lru_cache(maxsize=1)
def _runs() -> re.Pattern[str]:
    return re.compile(f"[{_LEFTWARD}](?:[ ._'-]?[{_LEFTWARD}])*")


def _escaped(char: str) -> str:
    if (unicodedata.category(char) not in _UNSAFE or char == " ") and char not in _UNSEEN and char != "\\":
        return char
    if char in _SHORT:
        return _SHORT[char]
    # As the codec `unicode_escape` would, which is a module that may lack a descriptor when the first such name comes.
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@lru_cache(maxsize=128)
def ssid(name: bytes) -> str:
    r"""Return an SSID as UTF-8, with ``\xff`` for each octet that is not UTF-8; escaped like `printable`.

    One of nothing but spaces, which looks like none, is ``\x20\x20``.
    """
    if name and not name.strip(b" "):
        return r"\x20" * len(name)
    try:
        return printable(name.decode())
    except UnicodeDecodeError:
        pass
    parts = []
    for char in name.decode("utf-8", "surrogateescape"):
        code = ord(char)
        parts.append(f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else _escaped(char))
    return "".join(parts)
