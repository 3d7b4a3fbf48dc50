"""Where the radio listens."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Verb


class Posture(Record):
    """How the radio visits channels."""

    mode: str
    """hopping, locked or camping."""
    channel: str | None
    """Where it stays, as ``36/80``; None while it hops."""
    seconds: float | None
    """How long it goes on camping; None otherwise."""


_CHANNEL = "6, 36/80 (80 MHz wide) or 6GHz:37"
LOCK = Verb("lock", Posture, "stay on one channel; answers once the radio was sent there", channel=_CHANNEL)
UNLOCK = Verb("unlock", Posture, "visit the channels of the plan again")
CAMP = Verb(
    "camp",
    Posture,
    "stay on one channel for a while; answers once the radio was sent there",
    channel=_CHANNEL,
    seconds="more than 0",
)
VERBS: tuple[Verb[object], ...] = (LOCK, UNLOCK, CAMP)
