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


class CopyState(Record):
    """A copy to the card: the present one, or the last one since the start."""

    going: bool
    """Whether it is being made."""
    files: int = 0
    """That were copied; what was there already, in the same size, was not copied again."""
    octets: int = 0
    """Of those."""
    removed: int = 0
    """Older copies that gave way to them."""
    left_out: int = 0
    """Files that found no room, or that were gone when their turn came."""
    folder: str = ""
    """Where they are; empty before the first copy."""
    problem: str = ""
    """Why it did not end as it should; empty where it did."""


class SecurityState(Record):
    """Debian's security updates: the present look for them, or the last one since the start."""

    going: bool
    """Whether they are being looked for or installed."""
    packages: int = 0
    """That were renewed."""
    problem: str = ""
    """Why it did not end as it should; empty where it did."""


class TimeState(Record):
    """The setting of the clock: the present one, or the last one since the start."""

    going: bool
    """Whether it is being set; one that comes within half a minute after another waits."""
    problem: str = ""
    """Why it was not set; empty where it was."""


PRESS = Verb(
    "press",
    Pressed,
    "press a key like a finger; answers once it was released",
    key="up, down, left, right, ok, back or menu",
    gesture="short or long; default: short?",
)
SCREENSHOT = Query("screenshot", Screenshot, "the display as PNG", scale="factor, 1 to 16; default: 1?")
COPY_TO_CARD = Verb(
    "copy-to-card", CopyState, "begin to copy recordings and reports to the card's partition that every computer reads"
)
COPY_STATE = Query("copy-state", CopyState, "how far that is")
SECURITY_UPDATES = Verb(
    "security-updates", SecurityState, "begin to install Debian's security updates, over the network"
)
SECURITY_STATE = Query("security-state", SecurityState, "how far that is")
SET_TIME = Verb(
    "set-time",
    TimeState,
    "begin to set the system's clock; refused while the network sets it",
    time="now, in seconds since the epoch (UTC)",
)
TIME_STATE = Query("time-state", TimeState, "how far that is")
VERBS: tuple[Verb[object], ...] = (
    PRESS, SCREENSHOT, COPY_TO_CARD, COPY_STATE, SECURITY_UPDATES, SECURITY_STATE, SET_TIME, TIME_STATE
)  # fmt: skip
