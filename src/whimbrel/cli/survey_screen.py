"""The full screen of ``survey --watch``, in the manner of airodump-ng: the layout of its lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from whimbrel.cli.alert_tables import going_on, is_new, place
from whimbrel.events.alerts import Severity
from whimbrel.text import harmless, printable
from whimbrel.verbs.air import SurveyRows
from whimbrel.verbs.alerts import AlertRow, Alerts, IncidentRow
from whimbrel.wording.air_tables import ACCESS_POINTS, STATIONS, access_point_cells, station_cells
from whimbrel.wording.quantities import clock, count, span
from whimbrel.wording.styles import Style, of_severity
from whimbrel.wording.tables import Cell, Column, Span, arrange, fit, text_width

Line = list[Span]

_FRAME = 6
"""Lines that are no rows of a table: status, alert, two titles, the blank between, the keys."""
_SHARE = 0.6
"""Share of the remaining lines for access points while there are more stations than fit."""


class Picture(NamedTuple):
    """The view."""

    status: str
    """The daemon's activity in one line."""
    survey: SurveyRows
    """The selected rows of the survey."""
    alerts: Alerts
    sort: str
    """The order of the access points."""


def rows_of(picture: Picture, rows: int) -> tuple[int, int]:
    """Return the numbers of access points and stations that fit a screen of `rows` lines."""
    room = max(rows - _FRAME, 2)
    stations = len(picture.survey.stations)
    points = min(len(picture.survey.access_points), max(int(room * _SHARE), room - stations, 1))
    return points, min(stations, room - points)


def draw(picture: Picture, columns: int, rows: int, first: int = 0) -> list[Line]:
    """Return the lines of a screen; `first` is the index of the topmost access point."""
    found, stations = picture.survey.access_points, picture.survey.stations
    points, others = rows_of(picture, rows)
    first = max(min(first, len(found) - points), 0)
    lines = [_status(picture, columns), _newest(picture.alerts, columns)]
    lines += _table(ACCESS_POINTS, [access_point_cells(row) for row in found], first, points, columns)
    lines.append([])
    lines += _table(STATIONS, [station_cells(row) for row in stations], 0, others, columns)
    lines += [[] for _ in range(rows - 1 - len(lines))]
    return [*lines[: rows - 1], _keys(picture, first, points, others, columns)]


def _table(
    columns: Sequence[Column], cells: Sequence[tuple[Cell, ...]], first: int, rows: int, width: int
) -> list[Line]:
    """Return rows of a table below its title. All rows determine the widths of its columns, so that nothing moves."""
    whole = arrange(columns, cells, width)
    return [whole[0], *whole[1 + first : 1 + first + rows]]


def _status(picture: Picture, columns: int) -> Line:
    return [Span(fit(f" {clock(picture.alerts.time)} ][ {printable(picture.status)}", columns), Style.STRONG)]


def _newest(alerts: Alerts, columns: int) -> Line:
    """Return a line about the newest open alert, or if there is none, about the newest unseen one."""
    found = [row for row in going_on(alerts) if is_new(row) and row.severity is not Severity.WEAKNESS]
    if not found:
        return [Span(fit(" no alert", columns), Style.GOOD)]
    newest = max(found, key=lambda row: (row.state == "open", row.first))
    unseen = sum(not row.acknowledged for row in found if row.severity.rank >= Severity.WARNING.rank)
    head = f" {unseen} unseen ][ " if unseen else " "
    return [
        Span(fit(head, columns), Style.STRONG),
        Span(fit(_told(newest, alerts.time), max(columns - text_width(head), 0)), of_severity(newest.severity)),
    ]


def _told(row: AlertRow | IncidentRow, now: float) -> str:
    when = "now" if row.state == "open" else f"over, {span(round(now - row.last))} ago"
    return f"{row.severity.upper()} {harmless(row.title)}, {place(row)} ({when}; whimbrel alerts {harmless(row.id)})"


def _keys(picture: Picture, first: int, points: int, others: int, columns: int) -> Line:
    parts = ["q ends", f"s sorts (by {picture.sort})", *_hidden(picture.survey, first, points, others)]
    return [Span(fit(" " + " · ".join(parts), columns - 1), Style.FAINT)]


def _hidden(survey: SurveyRows, first: int, points: int, others: int) -> Iterator[str]:
    known = len(survey.access_points)
    if points < known:
        yield f"arrows move: {first + 1} to {first + points} of {count(known, 'access point')}"
    if others < len(survey.stations):
        yield f"{others} of {count(len(survey.stations), 'station')}"
