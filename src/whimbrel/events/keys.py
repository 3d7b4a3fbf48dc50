"""Events of the device's keys."""

from __future__ import annotations

from whimbrel.events.base import Body, Level

KEYS = ("up", "down", "left", "right", "ok", "back", "menu")
"""The function of a key, in every settings file and event: a panel's A is back, its B is menu."""

GESTURES = ("press", "release", "short", "long", "repeat")


class KeyEdge(Body, level=Level.DEBUG):
    """A key's contact has changed, as its driver saw it; bounces included."""

    key: str
    """One of `KEYS`."""
    down: bool
    """Whether it is pressed now."""
    at: float
    """Monotonic seconds at which the driver saw it."""


class Press(Body, level=Level.DEBUG):
    """A step of a gesture on one key. Every press ends in exactly one of short or long."""

    key: str
    """One of `KEYS`."""
    gesture: str
    """One of `GESTURES`."""
    gesture_id: int
    """The same for all steps of one gesture, from 1."""
    held: float = 0.0
    """Seconds since the key went down."""


class KeysExplained(Body, level=Level.NOTICE):
    """The user of a keyboard has requested the list of its keys."""

    text: str
    """The keys, a sentence."""


class KeyTrouble(Body, level=Level.WARNING):
    """A key behaves unlike a finger's press."""

    key: str
    """One of `KEYS`."""
    problem: str
    """stuck or bouncing."""
    seconds: float
    """How long it has been so."""
