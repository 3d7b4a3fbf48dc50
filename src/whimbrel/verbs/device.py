"""The device's keys and its screen."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Verb


class Pressed(Record):
    """What became of a press."""

    key: str
    """Which key."""
    gesture: str
    """short or long: what the press has become."""
    gesture_id: int
    """As in the events `Press`."""
    held: float
    """Seconds from down to up."""


class Screenshot(Record):
    """What the display shows."""

    png: str
    """An image file, as base64."""
    width: int
    """Pixels of the panel."""
    height: int
    """Pixels of the panel."""


PRESS = Verb(
    "press",
    Pressed,
    "press a key as a finger would; answers once it was let go",
    key="up, down, left, right, ok, back or menu",
    gesture="short or long; short without?",
)
SCREENSHOT = Verb("screenshot", Screenshot, "what is shown, as PNG", scale="pixels for one, 1 to 16; 1 without?")
VERBS: tuple[Verb[object], ...] = (PRESS, SCREENSHOT)
