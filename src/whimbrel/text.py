"""Escapes text off the air for people and programs, so that it cannot forge a line, a colour or a field."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Categories that could move the cursor, hide text or reorder it: controls, formats (bidirectional marks among them),
# surrogates, private use, unassigned, and the line and paragraph separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


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


def _escaped(char: str) -> str:
    if char == "\\":
        return "\\\\"
    if unicodedata.category(char) not in _UNSAFE:
        return char
    return char.encode("unicode_escape").decode("ascii")


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
