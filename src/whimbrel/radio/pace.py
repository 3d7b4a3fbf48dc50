"""The pace of frames: live ones stay in the kernel while the listener that the device is there for is behind, and those
of a file wait until they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from whimbrel.bus import Bus, Subscription
from whimbrel.drivers.ports import PatientSource

MOST = 2
"""Batches that may wait for a listener before the next ones stay in the kernel."""
PATIENCE = 5.0
"""Seconds without reading anything after which a listener is left behind. A slow board takes less than half of that
for the few batches that wait, so a listener that is only slow always keeps the pace."""

WAIT = 0.1
"""Seconds for which frames may wait in the kernel: together with the kernel's own delay, an alert is published well
within a fifth of a second, and a screen, which has a snapshot of the air twice a second, is hardly later."""
_LOOK = 1.0
"""Seconds between two checks of that."""
_IN_FLIGHT = 4
"""Batches that may wait for a listener while a file is read as fast as possible."""
_FILES_PATIENCE = 1.0
"""Seconds after which a file that is read as fast as possible goes on without a listener that does not read."""
_TURN = 1e-9
"""Seconds: a timer that is due at once. A turn of the loop instead would always be ready, and a task that gives way to
all that is ready would wait for it (`whimbrel.tasks.give_way`)."""


async def be_patient(source: PatientSource, hurried: Callable[[], bool]) -> None:
    """Let frames wait unless the radio is `hurried`, until cancelled."""
    while True:
        source.patience = 0.0 if hurried() else WAIT
        await asyncio.sleep(_LOOK)


async def caught_up(bus: Bus, kind: type, clock: Callable[[], float]) -> None:
    """Return once the listeners have taken the events of `kind`, or after a while in which they have not."""
    until = clock() + _FILES_PATIENCE
    behind = True
    while behind:
        await asyncio.sleep(_TURN)
        behind = bus.backlog(kind) > _IN_FLIGHT and clock() < until


class ListenersPace:
    """The progress of the listeners to `kind` that set the pace. `clock` gives monotonic seconds."""

    def __init__(self, bus: Bus, kind: type, clock: Callable[[], float]) -> None:
        self._bus = bus
        self._kind = kind
        self._clock = clock
        self._behind: dict[Subscription, tuple[int, float]] = {}
        """Of those with too much to read: their position, and since when it has been the same."""

    def has_room(self) -> bool:
        """Return whether all that still read have room for more."""
        behind: dict[Subscription, tuple[int, float]] = {}
        room = True
        for sub in self._bus.pacing(self._kind):
            if sub.waiting <= MOST:
                continue
            now = self._clock()
            position, since = self._behind.get(sub, (-1, now))
            if position != sub.position:
                position, since = sub.position, now
            behind[sub] = position, since
            room = room and now - since > PATIENCE
        self._behind = behind
        return room
