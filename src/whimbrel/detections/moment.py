"""Moments on the clock of a channel and on the clock of the air."""

from __future__ import annotations

STRETCH = 40.0
"""A window of listening time may take up to this many times as much real time: a hop through all channels takes about
that many visits."""


class Moment:
    """A point on two clocks; made by `Air.moment`, and not changed.

    The listening times of two channels cannot be compared, so only this class uses the fields.
    """

    # A field of a named tuple costs four times as much to read.
    __slots__ = ("freq", "listened", "now")

    def __init__(self, freq: int, listened: float, now: float) -> None:
        self.freq = freq
        """MHz of the channel; 0 if every channel is heard all the time."""
        self.listened = listened
        """Seconds spent listening on that channel."""
        self.now = now
        """Seconds of `Air.now`."""

    def __repr__(self) -> str:
        return f"Moment({self.freq}, {self.listened}, {self.now})"

    def later(self, seconds: float) -> Moment:
        """Return the moment after so many seconds of listening."""
        return Moment(self.freq, self.listened + seconds, self.now + seconds)

    def until(self, later: Moment) -> float:
        """Return the seconds of listening from here to `later`.

        Between two channels it is the elapsed time, which no listening time can exceed.
        """
        return later.listened - self.listened if later.freq == self.freq else later.now - self.now

    def is_within(self, window: float, later: Moment) -> bool:
        """Return whether `later` is at most `window` seconds of listening away, spread over not too much real time."""
        passed = later.now - self.now
        if passed <= window:  # no listening time exceeds it; most hits of a flood end here
            return True
        return later.freq == self.freq and later.listened - self.listened <= window and passed <= window * STRETCH


LONG_AGO = Moment(0, float("-inf"), float("-inf"))
"""Before everything."""
