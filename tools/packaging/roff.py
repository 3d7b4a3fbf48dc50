"""Conversion of text for a man page: groff_man(7), and man(7) for the macros."""

from __future__ import annotations

_ESCAPES = str.maketrans({"\\": "\\e", "-": "\\-", "`": "\\`", "^": "\\(ha", "~": "\\(ti"})


def escape(text: str) -> str:
    r"""Return `text` for a line of a man page: nothing in it is a request, and a hyphen is one that can be copied."""
    escaped = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\`").replace("^", "\\(ha").replace("~", "\\(ti")
    )
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def paragraph(text: str) -> list[str]:
    """Return running text, its line breaks left to the reader's terminal."""
    return [escape(line) for line in " ".join(text.split()).replace(". ", ".\n").split("\n") if line]


def verbatim(text: str) -> list[str]:
    """Return text with unchanged lines."""
    return [".nf", *(escape(line) if line else ".sp" for line in text.splitlines()), ".fi"]


def tagged(tag: str, text: str) -> list[str]:
    """Return an entry of a list: its name and its description."""
    return [".TP", f".B {escape(tag)}", *paragraph(text)]


def heading(name: str, section: int, title: str) -> list[str]:
    """Return the beginning of the page `name`."""
    from whimbrel import __version__

    return [
        '.\\" Made from the code: see tools/packaging.',
        f'.TH {name.upper()} {section} "" "whimbrel {__version__}" "{title}"',
    ]
