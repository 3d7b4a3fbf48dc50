"""What is known about a suspected copy of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW
from whimbrel.detections.impersonation.strength import WEP, strength
from whimbrel.events.alerts import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.guarded import GuardedNetwork
    from whimbrel.wifi.frames import Frame
    from whimbrel.wifi.security import Protection


class Twin:
    """An access point that uses the name of a network that it may not belong to."""

    __slots__ = (
        "age", "bare", "confidence", "count", "frames", "joined", "kicks", "name", "seq", "severity", "since",
        "undecided", "waits", "why",
    )  # fmt: skip

    def __init__(self) -> None:
        self.name = b""
        self.bare = False
        """Whether it is an open copy of an unguarded, protected network."""
        self.since = 0.0
        self.waits = False
        """Whether it is only weaker so far, or undecided: it is told if the network's stations are disconnected."""
        self.undecided = False
        """Whether it and its protected network were heard together from the start, so that either may be the copy."""
        self.age = 0.0
        """Seconds since its start when it was first judged, by its own timestamp."""
        self.kicks = float("-inf")
        """The air's time of its own last disconnection, while undecided."""
        self.why = ""
        self.severity = Severity.NOTICE
        self.confidence = LOW
        self.count = 0
        self.seq: int | None = None
        self.joined: dict[bytes, None] = {}
        self.frames: Sequence[Frame] = ()


def is_weaker(protection: Protection, network: GuardedNetwork) -> bool:
    """Return whether a protection is open or WEP and the entry of the network allows only stronger ones."""
    weight = strength(protection)
    if weight is None:
        return False
    allowed = [each for each in map(strength, network.security) if each is not None]
    return bool(allowed) and weight.worst <= WEP < min(each.worst for each in allowed)


def age_of(frame: Frame) -> float:
    """Return the seconds since the start of an access point, by the timestamp of its beacon; infinite if unknown."""
    if frame.timeless:
        return float("inf")
    return int.from_bytes(frame.raw[frame.body : frame.body + 8], "little") / 1e6
