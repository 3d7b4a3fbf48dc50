"""The listening time of each channel. A channel that several receivers listen to at once counts once."""

from __future__ import annotations

_CHANNELS = 256
"""Limit of channels with a listening time: more than exist; but a capture may contain any frequency."""


class _Visit:
    """A channel that is listened to now."""

    __slots__ = ("receivers", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        self.receivers = 1


class ListeningClocks:
    """Clocks by channel, in MHz, each of which stops while nobody listens there. `now` is `Air.now` everywhere."""

    __slots__ = ("_earlier", "_open")

    def __init__(self) -> None:
        self._earlier: dict[int, float] = {}
        self._open: dict[int, _Visit] = {}

    @property
    def running(self) -> bool:
        """Whether somebody listens."""
        return bool(self._open)

    def at(self, freq: int) -> tuple[float, float]:
        """Return the same as `enter`, for a channel where somebody is."""
        return self._earlier.get(freq, 0.0), self._open[freq].since

    def enter(self, freq: int, now: float) -> tuple[float, float]:
        """Note that a receiver is on a channel from `now` on; return the seconds of earlier visits, and since when
        somebody has been there."""
        visit = self._open.get(freq)
        if visit is None:
            visit = self._open[freq] = _Visit(now)
        else:
            visit.receivers += 1
        return self._earlier.get(freq, 0.0), visit.since

    def leave(self, freq: int, now: float) -> None:
        """Note that a receiver has left a channel that it entered."""
        visit = self._open[freq]
        visit.receivers -= 1
        if visit.receivers:
            return
        del self._open[freq]
        earlier = self._earlier
        if freq not in earlier and len(earlier) >= _CHANNELS:
            del earlier[next(iter(earlier))]
        earlier[freq] = earlier.get(freq, 0.0) + max(now - visit.since, 0.0)

    def skip(self, seconds: float) -> None:
        """Let the last `seconds` not count anywhere."""
        for visit in self._open.values():
            visit.since += seconds
