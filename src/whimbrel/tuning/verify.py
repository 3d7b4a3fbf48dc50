"""Compares the requested channel with the channel in the capture headers of frames (radiotap, Channel field).

Some drivers report success for a change that did not happen. A single frame proves nothing: frames wait in queues while
the radio changes its channel, and some drivers write a neighbouring channel. So only frames after a settling time
count, frames on a neighbouring channel are neutral, and the proof takes several visits or one long one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from whimbrel.tuning.plan import covers
from whimbrel.wifi.channels import Channel

SETTLE = 0.05
"""Seconds after a change during which frames may still be from the previous channel: the kernel's delay, and a wake."""

_NEIGHBOUR = 25  # MHz
_CONVINCED = 3  # frames on the right channel that confirm a visit
_FRAMES_MIN = 3  # frames elsewhere that make a visit suspicious
_VISITS = 3  # consecutive suspicious visits: of all, or of the same channel
_LONG = 2.0  # s: on a longer stay the number of frames is proof
_FRAMES_LONG = 20


class Mismatch(NamedTuple):
    """Sustained evidence that the radio is on another channel."""

    wanted: Channel
    heard: int
    """The frequency in MHz of most of the frames."""
    frames: int
    """The number of frames on other channels."""


class Verifier:
    """The evidence for and against each change of channel. `now` is seconds of a monotonic clock everywhere."""

    def __init__(self) -> None:
        self._channel: Channel | None = None
        self._low = self._high = 0
        self._since = 0.0
        self._right = 0
        self._elsewhere: Counter[int] = Counter()
        self._in_a_row = 0
        self._by_channel: Counter[Channel] = Counter()
        self._evidence: Counter[int] = Counter()

    @property
    def confirmed(self) -> bool:
        """Whether frames have confirmed the channel of this visit."""
        return self._right >= _CONVINCED

    def tuned(self, channel: Channel, now: float) -> Mismatch | None:
        """Begin a visit: the driver accepted `channel`. Return the mismatch that the previous visit proved."""
        verdict = self._judge()
        self._channel = channel
        spanned = covers(channel)
        self._low, self._high = spanned[0], spanned[-1]
        self._since = now
        self._right = 0
        self._elsewhere = Counter()
        return verdict

    def heard(self, freqs: Iterable[int], now: float) -> None:
        """Count frames by the frequency in MHz in their capture header, 0 if unknown, as they arrive."""
        if self._right >= _CONVINCED or self._channel is None or now < self._since + SETTLE:
            return
        low, high = self._low, self._high
        for freq in freqs:
            if low <= freq <= high:
                self._right += 1
            elif freq and not low - _NEIGHBOUR < freq < high + _NEIGHBOUR:
                self._elsewhere[freq] += 1

    def check(self, now: float) -> Mismatch | None:
        """Return the mismatch that the current visit proves; call it now and then during locks and camps."""
        frames = self._elsewhere.total()
        if self._channel is None or now - self._since < _LONG or frames < _FRAMES_LONG or self._right * 4 > frames:
            return None
        heard = self._elsewhere.most_common(1)[0][0]
        verdict = Mismatch(self._channel, heard, frames)
        self._since = now
        self._right = 0
        self._forget()
        return verdict

    def _judge(self) -> Mismatch | None:
        channel = self._channel
        frames = self._elsewhere.total()
        if channel is None:
            return None
        if self._right * 4 > frames:
            self._in_a_row = 0
            self._by_channel.pop(channel, None)
            return None
        if frames < _FRAMES_MIN:
            return None
        self._in_a_row += 1
        self._by_channel[channel] += 1
        self._evidence += self._elsewhere
        if self._in_a_row < _VISITS and self._by_channel[channel] < _VISITS:
            return None
        verdict = Mismatch(channel, self._evidence.most_common(1)[0][0], self._evidence.total())
        self._forget()
        return verdict

    def _forget(self) -> None:
        self._in_a_row = 0
        self._by_channel.clear()
        self._evidence.clear()
        self._elsewhere = Counter()
