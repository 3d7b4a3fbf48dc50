"""Verbs about the device's keys and screen."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Query, Verb


class Pressed(Record):
    """The result of a press."""

    key: str
    """Which key."""
    gesture: str
    """short or long."""
    gesture_id: int
    """The same as in the events `Press`."""
    held: float
    """Seconds from down to up."""


class Screenshot(Record):
    """The image on the display."""

    png: str
    """An image file, as base64."""
    width: int
    """Pixels of the panel."""
    height: int
    """Pixels of the panel."""


PRESS = Verb(
    "press",
    Pressed,
    "press a key like a finger; answers once it was released",
    key="up, down, left, right, ok, back or menu",
    gesture="short or long; default: short?",
)
SCREENSHOT = Query("screenshot", Screenshot, "the display as PNG", scale="factor, 1 to 16; default: 1?")
VERBS: tuple[Verb[object], ...] = (PRESS, SCREENSHOT)
