"""Answers the verb ``survey``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whimbrel.module import VerbError
from whimbrel.settings import Mac
from whimbrel.survey.snapshots import Snapshots
from whimbrel.verbs.air import SurveyRows
from whimbrel.watching.requests import scalar

if TYPE_CHECKING:
    from whimbrel.survey.survey import Survey

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
        return _of_one(survey, now, scalar(Mac, device, "device"), _PARTS if what is None else (what,))
    for step in Snapshots(survey).steps():  # in slices: full tables would hold everything up
        if step is None:
            await asyncio.sleep(0)
        else:
            rows = {name: getattr(step, name) for name in _PARTS if what in (None, name)}
    return SurveyRows(time=now, totals=survey.totals(), **rows)


def _of_one(survey: Survey, now: float, address: bytes, parts: tuple[str, ...]) -> SurveyRows:
    """Return the rows of one device: few, so that a page which follows it asks for no whole table each second."""
    ap = survey.access_points.table.entries.get(address)
    members = [each for each in survey.stations.table.entries.values() if each.bssid == address]
    station = survey.stations.table.entries.get(address)
    found = [each for each in (station, *sorted(members, key=lambda each: each.last, reverse=True)) if each is not None]
    return SurveyRows(
        time=now,
        totals=survey.totals(),
        access_points=(ap.row(len(members)),) if ap is not None and "access_points" in parts else (),
        stations=tuple(each.row() for each in found) if "stations" in parts else (),
    )
