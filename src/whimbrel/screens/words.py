"""Quantities in few letters."""

from __future__ import annotations

from collections.abc import Callable

_AGES = ((86400.0, "d"), (3600.0, "h"), (60.0, "m"))


def age(seconds: float) -> str:
    """Write a span of time in at most four letters: ``0s``, ``59s``, ``3m``, ``12h``, ``4d``."""
    seconds = max(seconds, 0.0)
    for unit, letter in _AGES:
        if seconds >= unit:
            return f"{min(int(seconds // unit), 999)}{letter}"
    return f"{int(seconds)}s"


def span(seconds: float) -> str:
    """Write a span of time with its two largest units: ``3d 4h``, ``12m 5s``."""
    left = int(max(seconds, 0))
    parts: list[str] = []
    for unit, letter in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if left >= unit or parts or unit == 1:
            parts.append(f"{left // unit}{letter}")
            left %= unit
    return " ".join(parts[:2])


def count(number: float) -> str:
    """Write a count in at most four letters: ``999``, ``1.2k``, ``45k``, ``1.2M``."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            shown = number / unit
            return f"{shown:.1f}{letter}" if shown < 9.95 else f"{shown:.0f}{letter}"
    return f"{number:.0f}"


def octets(number: float) -> str:
    """Write a number of octets: ``812 B``, ``1.2 MB``."""
    shown = count(number)
    return f"{shown[:-1]} {shown[-1]}B" if shown[-1].isalpha() else f"{shown} B"


def share(part: float | None) -> str:
    """Write 0 to 1 in percent; a dash for what is not known."""
    return "-" if part is None else f"{part * 100:.0f}%"


def wrapped(text: str, room: int, measure: Callable[[str], int]) -> list[str]:
    """Break `text` into lines that `measure` as at most `room`; a word that is longer is cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if measure(longer) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while measure(line) > room and len(line) > 1:
                kept = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or measure(line[:n]) <= room)
                lines.append(line[:kept])
                line = line[kept:]
        lines.append(line)
    return lines
