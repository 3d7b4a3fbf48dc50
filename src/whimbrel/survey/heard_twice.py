"""Recognises a transmission that a second receiver of this device delivers too.

Each receiver delivers its frames in bundles, up to a fifth of a second after they were in the air, so that what two of
them heard at once comes one after the other. Frames of the same octets are not always one transmission:
acknowledgements have nothing that tells them apart. So each frame that one receiver delivers stands for one of another.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_APART = 0.02
"""The most seconds between the time stamps of one transmission at two receivers: a USB adapter delivers late."""
_FAR = 400
"""MHz between two channels from which none hears the other: more than a transmission is wide."""
_KEPT = 2048
"""Limit of different frames that may still be delivered by another receiver."""
_SAME = 64
"""Limit of frames with the same octets among them."""
_WAIT = 2.0
"""Seconds for which a frame may still be delivered by another receiver."""


class HeardTwice:
    """The frames of the last moment, each with its time, its receiver and its channel."""

    __slots__ = ("_recent",)

    def __init__(self) -> None:
        self._recent: OrderedDict[bytes, list[tuple[float, int, int]]] = OrderedDict()

    def is_second(self, frame: Frame, receiver: int) -> bool:
        """Return whether another receiver has delivered this transmission already."""
        content = frame.raw[frame.start : frame.end]
        if not content:
            return False
        recent, now, freq = self._recent, frame.time, frame.freq
        same = recent.get(content)
        if same is None:
            same = recent[content] = []
            self._forget(now)
        for index, (time, other, channel) in enumerate(same):
            near = not freq or not channel or abs(freq - channel) < _FAR  # else somebody has sent it again
            if near and other != receiver and abs(now - time) <= _APART:
                del same[index]
                if not same:
                    del recent[content]
                return True
        same.append((now, receiver, freq))
        del same[:-_SAME]
        return False

    def _forget(self, now: float) -> None:
        """Forget the frames that nobody will deliver any more, the oldest first."""
        recent = self._recent
        while len(recent) > 1:
            oldest = next(iter(recent))
            if len(recent) <= _KEPT and abs(now - recent[oldest][-1][0]) <= _WAIT:
                return
            del recent[oldest]
