"""Notation of quantities for people: times, counts, octets, levels, the same everywhere."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable

_AGES = ((86400.0, "d"), (3600.0, "h"), (60.0, "m"))


def age(seconds: float) -> str:
    """Return a span of time in at most four letters: ``0s``, ``59s``, ``3m``, ``12h``, ``4d``."""
    seconds = max(seconds, 0.0)
    for unit, letter in _AGES:
        if seconds >= unit:
            return f"{min(int(seconds // unit), 999)}{letter}"
    return f"{int(seconds)}s"


def span(seconds: float) -> str:
    """Return a span of time: ``250 ms``, ``12.5 s``, ``3 min``, ``5 h 10 min``, ``2 d 4 h``."""
    if seconds <= 0:
        return "0 s"
    if round(seconds, 3) < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def clock(seconds: float) -> str:
    """Return the local time of day of `seconds` since the epoch; dashes if it is out of range."""
    return calendar("%H:%M:%S", seconds, "--:--:--")


def moment(seconds: float) -> str:
    """Write local date and time to the millisecond; the number itself where no calendar has it."""
    thousandths = int((seconds - seconds // 1) * 1000) if math.isfinite(seconds) else 0
    return calendar(f"%Y-%m-%d %H:%M:%S.{thousandths:03d}", seconds)


def minute(seconds: float) -> str:
    """Write local date and time to the minute; the number itself where no calendar has it."""
    return calendar("%Y-%m-%d %H:%M", seconds)


def second(seconds: float) -> str:
    """Write local date and time to the second; the number itself where no calendar has it."""
    return calendar("%Y-%m-%d %H:%M:%S", seconds)


def calendar(form: str, seconds: float, otherwise: str = "") -> str:
    """Write `seconds` since the epoch, local, in a form of strftime; where no calendar has it `otherwise`, or else the
    number itself."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return time.strftime(form, time.localtime(seconds // 1))
    return otherwise or f"{seconds}"


def utc_offset(seconds: float) -> int:
    """Return how many seconds the local time is ahead of UTC then; 0 if no calendar has that."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return time.localtime(seconds // 1).tm_gmtoff
    return 0


def zone(seconds: float) -> str:
    """Return the offset of the local time at that moment: ``UTC+05:30``."""
    minutes = utc_offset(seconds) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 frame``, ``3 frames``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def short_count(number: float) -> str:
    """Return a count in at most four letters: ``999``, ``1.2k``, ``45k``, ``1.2M``."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            shown = number / unit
            return f"{shown:.1f}{letter}" if shown < 9.95 else f"{shown:.0f}{letter}"
    return f"{number:.0f}"


def octets(number: float) -> str:
    """Return a number of octets: ``812 B``, ``1.2 MB``."""
    shown = short_count(number)
    return f"{shown[:-1]} {shown[-1]}B" if shown[-1].isalpha() else f"{shown} B"


def dbm(rssi: int | None) -> str:
    """Return a level in words; ``not told`` if the receiver did not report it."""
    return "not told" if rssi is None else f"{rssi} dBm"


def dbm_range(low: int, high: int) -> str:
    """Return a range of levels: ``-70 to -48 dBm``."""
    return dbm(high) if low == high else f"{low} to {high} dBm"


def share(part: float | None) -> str:
    """Return 0 to 1 in percent; a dash if unknown."""
    return "-" if part is None else f"{part * 100:.0f}%"


def wrapped(text: str, room: int, measure: Callable[[str], int]) -> list[str]:
    """Break `text` into lines of at most `room` by `measure`; longer words are cut."""
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
