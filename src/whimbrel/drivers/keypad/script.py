"""The notation of presses, in the script of the simulated keypad and on the command line."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.events.keys import KEYS

GESTURES = ("short", "long")
"""The kinds of presses."""


class Stroke(NamedTuple):
    """One press."""

    key: str
    long: bool


def parse_stroke(word: str) -> Stroke:
    """Return the press for ``KEY``, ``KEY:short`` or ``KEY:long``. Raises ValueError."""
    key, colon, gesture = word.partition(":")
    if key not in KEYS:
        raise ValueError(f"expected one of the keys {', '.join(KEYS)}, found {key!r}")
    if colon and gesture not in GESTURES:
        raise ValueError(f"expected {key}, {key}:short or {key}:long, found {word!r}")
    return Stroke(key, gesture == "long")


def parse(word: str) -> Stroke | float:
    """Return a press, or a pause in seconds. Raises ValueError."""
    if not word[:1].isdigit():
        return parse_stroke(word)
    from whimbrel.settings import Duration, scalars

    scalar = scalars.find(Duration)
    assert scalar is not None
    try:
        return float(scalar.parse(word))
    except ValueError:
        raise ValueError(f"expected a pause such as 500ms or 2s, found {word!r}") from None
