"""Verbs of the radio."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Verb


class Posture(Record):
    """The mode of the radio."""

    mode: str
    """hopping, locked or camping."""
    channel: str | None
    """The channel on which it stays, such as ``36/80``; None while it hops."""
    seconds: float | None
    """Seconds until the camp ends; None without a camp."""
    receiver: str = ""
    """The receiver that answers, by the name of its module."""


_CHANNEL = "6, 36/80 (80 MHz wide) or 6GHz:37"
LOCK = Verb("lock", Posture, "stay on one channel; answers once the radio was tuned to it", channel=_CHANNEL)
UNLOCK = Verb("unlock", Posture, "visit the channels of the plan again")
CAMP = Verb(
    "camp",
    Posture,
    "stay on one channel for a while; answers once the radio was tuned to it",
    channel=_CHANNEL,
    seconds="more than 0",
)
VERBS: tuple[Verb[object], ...] = (LOCK, UNLOCK, CAMP)
