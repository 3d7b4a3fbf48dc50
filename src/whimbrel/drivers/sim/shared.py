"""The time of a simulated air that several sources hear at once."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

_Key = tuple[str, int, float]

_airs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, AirTime]] = WeakKeyDictionary()


class AirTime:
    """The beginning of an air, on two clocks: seconds since the epoch, and those of the event loop."""

    def __init__(self, key: _Key, start: float, begun: float) -> None:
        self.start = start
        self.begun = begun
        self._key = key
        self._listeners = 0

    def leave(self) -> None:
        """End listening; the next listener after the last one hears the air from its beginning."""
        self._listeners -= 1
        airs = _airs.get(asyncio.get_running_loop(), {})
        if not self._listeners and airs.get(self._key) is self:
            del airs[self._key]


def join(scene: str, seed: int, speed: float, now: float) -> AirTime:
    """Return the time of this air in this event loop; where nobody listens to it yet, it begins `now`, in seconds since
    the epoch."""
    loop = asyncio.get_running_loop()
    key = (scene, seed, speed)
    air = _airs.setdefault(loop, {}).setdefault(key, AirTime(key, now, loop.time()))
    air._listeners += 1
    return air
