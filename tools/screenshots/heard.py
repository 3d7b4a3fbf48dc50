"""The state of a display in a simulated air, by the device's own parts: frames, survey, detections, board, gatherer."""

from __future__ import annotations

import copy
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.registry import all_detections
from whimbrel.display.alert_board import AlertBoard
from whimbrel.display.gathering import Gatherer
from whimbrel.display.show import Show
from whimbrel.drivers.sim import library, world
from whimbrel.events.base import Body, Event
from whimbrel.screen_offers import ScreenOffers
from whimbrel.survey.snapshots import Snapshots
from whimbrel.survey.survey import Survey
from whimbrel.wifi.linktypes import RADIOTAP, parser_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.detections.base import Detection
    from whimbrel.screens.screen import Screen
    from whimbrel.screens.state import ScreenState
    from whimbrel.wifi.capture_record import CaptureRecord
    from whimbrel.wifi.frames import Frame

SCENE = Path(__file__).parent / "harbour.yaml"
SECONDS = 115.0
"""From the start of the scene to the picture: ten seconds into the attack."""
_SNAPSHOT = 0.5


class Heard(NamedTuple):
    """The result."""

    state: ScreenState
    takeover: Screen
    """The screen of the first alert that broke in."""


@cache
def _played(now: float) -> Heard:
    scene = library.parse(SCENE.read_text(encoding="utf-8"), SCENE.name)
    air = world.build(scene, 7, start=now - SECONDS).air
    survey = Survey()
    classes = all_detections()
    settings = {cls.rule: cls.Settings() for cls in classes}
    detections = Detections(survey, Guard(), classes, settings, _failed)
    snapshots = Snapshots(survey)
    show = Show(ScreenOffers(), "0.1.0", 8.0, now)
    parse = parser_for(RADIOTAP)
    numbers = count(1)
    broke_in: Screen | None = None

    def tell(body: Body, at: float) -> None:
        event = Event(next(numbers), at, "watcher", body)
        nonlocal broke_in
        show.state.now = at
        if isinstance(body, AlertBoard.KINDS):
            if show.take_alarm(event) and broke_in is None:
                broke_in = show.stack.top
        else:
            show.gatherer.take(event)

    due = now - SECONDS
    for record in air.until(SECONDS):
        frame = parse(record)
        for body in detections.observe(frame, 0):
            tell(body, frame.time)
        if frame.time >= due:
            due = frame.time + _SNAPSHOT
            _tell_snapshot(snapshots, show.gatherer, frame.time)
    show.state.now = now
    assert broke_in is not None, "nothing broke in"
    return Heard(show.state, broke_in)


def _failed(detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
    raise error


def listened(records: Iterable[CaptureRecord], now: float, *follow: bytes) -> ScreenState:
    """Return the display's state after `records`, with the signals of the addresses to `follow`."""
    parse = parser_for(RADIOTAP)
    survey = Survey()
    snapshots = Snapshots(survey)
    gatherer = Gatherer()
    gatherer.follow(follow)
    due = 0.0
    for record in sorted(records):
        if record[0] >= due:
            _tell_snapshot(snapshots, gatherer, due or record[0])
            due = record[0] + _SNAPSHOT
        survey.observe(parse(record), 0)
    _tell_snapshot(snapshots, gatherer, now)
    gatherer.state.now = now
    return gatherer.state


def _tell_snapshot(snapshots: Snapshots, gatherer: Gatherer, at: float) -> None:
    for step in snapshots.steps():
        if step is not None:
            gatherer.take(Event(1, at, "watcher", step))


def attacked(now: float) -> ScreenState:
    """Return the display's state ten seconds into a disconnection attack; `now` in seconds since the epoch."""
    return copy.deepcopy(_played(now).state)


def takeover(now: float) -> Screen:
    """Return the screen that broke in when that attack was noticed."""
    return copy.deepcopy(_played(now).takeover)
