"""A display with earlier days: an evening in the simulated harbour, stored by the real history, and the next one."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.screenshots import scene

from whimbrel.events.history import SinceLastTime
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.queries import Reader
from whimbrel.history.sessions import Session
from whimbrel.history.since import last_time, since
from whimbrel.history.store import Limits, Store
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from whimbrel.events.device import AirSnapshot
    from whimbrel.rows import AccessPointRow
    from whimbrel.screens.state import ScreenState

_DAY = 86400.0
_NEW = 3
"""Access points that were not there the evening before."""
_AGO = 5 * 3600.0
"""Seconds of listening then."""


def visited() -> ScreenState:
    """Return the usual state on the second evening."""
    state = copy.copy(scene.usual())
    state.newest = {**state.newest, SinceLastTime: _second_evening()}
    return state


def begun() -> ScreenState:
    """Return the usual state where nothing was heard before."""
    state = copy.copy(scene.usual())
    state.newest = {**state.newest, SinceLastTime: SinceLastTime(first=True, known=False)}
    return state


@cache
def _second_evening() -> SinceLastTime:
    air = scene.usual().air
    assert air is not None
    with TemporaryDirectory() as folder:
        store = Store(Path(folder, "history.db"), Limits(400 * _DAY, 1 << 26))
        store.open()
        _listen(store, _evening_before(air), scene.NOW - _DAY)
        session = store.session()
        with Reader(store.path) as reader:
            last = last_time(reader, session)
        collector = Collector(session, store.known, Keeping("relevant"))
        collector.take(air, scene.NOW)
        store.close()
        found = since(last, collector, _AGO, first=False)
        # The harbour's clock is older than those that a history believes.
        return found.replace(clock=True)


def _listen(store: Store, air: AirSnapshot, ended: float) -> None:
    number = store.session()
    session = Session(number, "0.1.0", "the harbour", ended - _AGO)
    collector = Collector(number, store.known, Keeping("relevant"))
    found = [*collector.take(air, ended), *collector.finish()]
    session.frames = collector.frames
    store.write([session.entry(collector.now), *found])


def _evening_before(air: AirSnapshot) -> AirSnapshot:
    """Return the same air a day earlier: without the newest, with one more that is gone since, and one less strong."""
    rows = [_moved(row) for row in air.access_points]
    first, second, *others = rows[_NEW:]
    gone = second.replace(bssid=b"\x02\0\x5e\x10\xff\1", ssid=b"Regatta Office")
    return air.replace(
        access_points=(first, second.replace(pmf=Pmf.NONE, wps=not second.wps), *others, gone), stations=()
    )


def _moved(row: AccessPointRow) -> AccessPointRow:
    return row.replace(first=row.first - _DAY - 60.0, last=row.last - _DAY)
