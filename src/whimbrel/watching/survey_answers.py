"""Answers the verb ``survey``."""

from __future__ import annotations

import asyncio
import heapq
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from whimbrel.module import VerbError
from whimbrel.settings import Mac
from whimbrel.survey.snapshots import LOOKS, STRIDE, Snapshots
from whimbrel.verbs.air import SurveyRows
from whimbrel.watching.requests import scalar

if TYPE_CHECKING:
    from whimbrel.survey.station import Station
    from whimbrel.survey.survey import Survey

MOST_MEMBERS = 128
"""Stations of one network that are answered: a page asks for them each second, and each row costs."""
_PARTS = ("access_points", "stations", "channels")


async def answer(survey: Survey, now: float, request: dict[str, Any]) -> SurveyRows:
    """Answer ``{"what": "access_points" | "stations" | "channels", "device": address}``, all of it without these.

    `now`: the time of the last frame. With a device, these are its rows, and those of the stations in its network.
    Raises `VerbError` for a request of another form.
    """
    what = request.get("what")
    if what is not None and (not isinstance(what, str) or what not in _PARTS):
        raise VerbError(f"survey of {what!r}: expected one of {', '.join(_PARTS)}, or nothing for all of it")
    survey.access_points.hear_carried()
    device = request.get("device")
    if device is not None:
        return await _of_one(survey, now, scalar(Mac, device, "device"), _PARTS if what is None else (what,))
    for step in Snapshots(survey).steps():  # in slices: full tables would hold everything up
        if step is None:
            await asyncio.sleep(0)
        else:
            rows = {name: getattr(step, name) for name in _PARTS if what in (None, name)}
    return SurveyRows(time=now, totals=survey.totals(), **rows)


async def _of_one(survey: Survey, now: float, address: bytes, parts: tuple[str, ...]) -> SurveyRows:
    """Return the rows of one device, and of the last heard stations in its network; in slices, as a whole table is."""
    members: list[Station] = []
    for number, each in enumerate(list(survey.stations.table.entries.values()), 1):
        if each.bssid == address:
            members.append(each)
        if number % LOOKS == 0:
            await asyncio.sleep(0)
    rows = []
    if "stations" in parts:
        station = survey.stations.table.entries.get(address)
        latest = heapq.nlargest(MOST_MEMBERS, members, key=attrgetter("last"))
        for number, each in enumerate([each for each in (station, *latest) if each is not None], 1):
            rows.append(survey.station_row(each))
            if number % STRIDE == 0:
                await asyncio.sleep(0)
    ap = survey.access_points.table.entries.get(address)
    return SurveyRows(
        time=now,
        totals=survey.totals(),
        access_points=(survey.access_point_row(ap, len(members)),)
        if ap is not None and "access_points" in parts
        else (),
        stations=tuple(rows),
        left_out=max(0, len(members) - MOST_MEMBERS) if "stations" in parts else 0,
    )
