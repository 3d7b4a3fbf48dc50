"""Frames that a second radio on the same channel delivers once more: counted, and otherwise left out.

A retransmission that one radio hears is none: it comes later on the radio's clock than the frame before it can have
ended. An access point never repeats a beacon, because each has a timestamp. So beacons prove that there are several
radios; until then other frames cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.airtime import airtime
from whimbrel.wifi.kinds import BEACON
from whimbrel.wifi.radios import one_radio

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_TOGETHER = 0.005
"""The most seconds between the deliveries of one frame by two radios."""
_PROOFS = 3
"""Beacons delivered twice that prove several radios."""
_KEPT = 256
"""Limit of frames of the last moment that are compared with the next ones."""


class Echoes:
    """The echoes of one survey."""

    __slots__ = ("_proofs", "_recent", "several", "total")

    def __init__(self) -> None:
        self.total = 0
        """Frames left out so far."""
        self.several = False
        """Whether there are several radios: `is_echo` must be asked about every frame. Before, it must be asked only
        where two successive frames have the same sequence number."""
        self._proofs = 0
        self._recent: dict[bytes, Frame] = {}

    def is_echo(self, frame: Frame, before: Frame) -> bool:
        """Return whether another radio has already delivered this frame; `before` is the one delivered before it."""
        if not self.several:
            self._learn(frame, before)
            return False
        content = frame.raw[frame.start : frame.end]
        recent = self._recent
        earlier = recent.pop(content, None)
        if earlier is not None and content and _again(earlier, frame):
            recent[content] = earlier
            self.total += 1
            return True
        recent[content] = frame
        while recent:
            oldest = next(iter(recent))
            if len(recent) <= _KEPT and abs(frame.time - recent[oldest].time) <= _TOGETHER:
                break
            del recent[oldest]
        return False

    def _learn(self, frame: Frame, before: Frame) -> None:
        """Count a beacon that is delivered twice in succession."""
        if frame.kind != BEACON or frame.raw[frame.start : frame.end] != before.raw[before.start : before.end]:
            return
        if _again(before, frame):
            self._proofs += 1
            self.several = self._proofs >= _PROOFS


def _again(one: Frame, other: Frame) -> bool:
    """Return whether two frames with the same octets are one transmission that two radios have heard."""
    if one.freq != other.freq or abs(other.time - one.time) > _TOGETHER:
        return False
    if not one_radio(one, other):
        return True
    if one.tsft is not None and other.tsft is not None:
        apart: float = abs(other.tsft - one.tsft)
    else:
        apart = abs(other.time - one.time) * 1e6
    return apart < airtime(one.length, one.rate, one.phy)
