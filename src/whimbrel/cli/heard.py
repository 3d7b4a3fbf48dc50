"""The input of a report, from the answers of a running daemon or from a replayed capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.capture_numbers import CaptureNumbers
from whimbrel.reporting.heard import Heard, ListeningSession, Loss
from whimbrel.rows import Totals
from whimbrel.text import printable
from whimbrel.verbs.air import SurveyRows
from whimbrel.verbs.alerts import Alerts
from whimbrel.verbs.daemon import ModuleRow, Status
from whimbrel.watching.rows import alert_row, incident_row

if TYPE_CHECKING:
    from whimbrel.cli.findings import Findings

_WELL = frozenset({"ready", "finished"})
_LISTENING = frozenset({"sniffer", "watcher"})
"""Modules without which nothing is heard, or nothing made of it."""

_UNBELIEVED = "The receiver is faulty: {}"


class DaemonAnswers(NamedTuple):
    """The answers of a running daemon to the verbs of these names."""

    status: Status
    modules: Sequence[ModuleRow]
    survey: SurveyRows
    alerts: Alerts
    guarded: frozenset[bytes]
    """Names of the networks that are guarded."""


def of_daemon(told: DaemonAnswers, name: str, now: float, since: float | None = None) -> Heard:
    """Return the data of a daemon on the machine `name` at the time `now`, about devices heard at `since` or later."""
    status, survey, alerts = told.status, told.survey, told.alerts
    after = since or 0.0
    return Heard(
        name=name,
        live=True,
        sessions=tuple(_session(survey, status, now, after)),
        access_points=tuple(row for row in survey.access_points if row.last >= after),
        stations=tuple(row for row in survey.stations if row.last >= after),
        channels=survey.channels,
        alerts=tuple(row for row in alerts.alerts if row.last >= after),
        incidents=tuple(row for row in alerts.incidents if row.last >= after),
        guarded=told.guarded,
        losses=(*_lost_by_daemon(status), *_useless(status.discarded), *_lost_in_survey(survey.totals)),
        remarks=tuple(_remarks(told)),
    )


def _session(survey: SurveyRows, status: Status, now: float, after: float) -> Iterator[ListeningSession]:
    if not survey.time:
        return
    # The air of a simulation or a file has its own time, taken from the heard frames.
    firsts = [*(row.first for row in survey.access_points), *(row.first for row in survey.stations)]
    began = max(min(now - status.seconds, survey.time, *firsts), min(after, survey.time))
    yield ListeningSession(
        began=began, ended=survey.time, place="", frames=survey.totals.frames, lost=status.kernel_lost
    )


def _lost_by_daemon(status: Status) -> Iterator[Loss]:
    yield Loss(
        what="frames lost in the kernel",
        number=status.kernel_lost,
        meaning="The machine was too busy to process them; their contents are unknown.",
    )
    yield Loss(
        what="events lost on the way",
        number=sum(row.lost for row in status.listeners),
        meaning="A part of the daemon was too slow for them: the screen or the journal may miss something.",
    )


def _useless(numbers: Mapping[str, int]) -> Iterator[Loss]:
    for why, number in numbers.items():
        yield Loss(what=f"frames that are of no use: {why}", number=number, meaning="Nothing was learned from them.")


def _lost_in_survey(totals: Totals) -> Iterator[Loss]:
    yield Loss(
        what="frames that were not believed",
        number=totals.disbelieved,
        meaning="They would have changed the survey, but have a wrong check sequence.",
    )
    yield Loss(
        what="access points and devices forgotten for lack of room",
        number=totals.access_points_evicted + totals.stations_evicted + totals.carried_left_out,
        meaning="More were heard than the limits in the settings: the least recently heard were forgotten.",
    )


def _remarks(told: DaemonAnswers) -> Iterator[str]:
    for module in (module for module in told.modules if module.module in _LISTENING):
        if module.state not in _WELL:
            why = f": {printable(module.reason)}" if module.reason else ""
            yield f"The {module.module} is {module.state}{why}."
        yield from (printable(text) for text in module.warnings.values())
    yield from map(_UNBELIEVED.format, told.status.receiver)
    if told.status.time and not told.status.time_by:
        yield "Dates are estimates: nobody has told the device the time since the board's start."


def of_capture(found: Findings) -> Heard:
    """Return the results of a replay."""
    numbers, survey = found.numbers, found.survey
    return Heard(
        name=found.file.name if str(found.file) != "-" else "standard input",
        live=False,
        sessions=tuple(_captured(numbers)),
        access_points=tuple(survey.access_point_rows()),
        stations=tuple(survey.station_rows()),
        channels=tuple(survey.channel_rows()),
        alerts=tuple(alert_row(standing, acknowledged=False) for standing in found.alerts),
        incidents=tuple(incident_row(incident, acknowledged=False) for incident in found.incidents),
        losses=(*_lost_in_capture(numbers), *_useless(numbers.malformed), *_lost_in_survey(survey.totals())),
        remarks=(*found.problems, *found.remarks, *map(_UNBELIEVED.format, numbers.receiver)),
    )


def _captured(numbers: CaptureNumbers) -> Iterator[ListeningSession]:
    if numbers.first is not None and numbers.last is not None:
        yield ListeningSession(began=numbers.first, ended=numbers.last, place="", frames=numbers.frames, lost=0)


def _lost_in_capture(numbers: CaptureNumbers) -> Iterator[Loss]:
    yield Loss(
        what="frames cut short by the capture",
        number=numbers.cut,
        meaning="The capture contains only the beginning of each (snap length); the rest is unknown.",
    )
    yield Loss(
        what="frames damaged on the air",
        number=numbers.bad_fcs,
        meaning="The receiver reports a wrong check sequence. This is usual if stations are far away.",
    )
    yield Loss(
        what="records without a frame", number=numbers.empty, meaning="Sounding frames, or data that were not captured."
    )
