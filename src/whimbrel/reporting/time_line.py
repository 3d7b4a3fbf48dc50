"""What happened when: a lane for each kind of happening, under one for the times of listening."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from whimbrel.events.alerts import Severity
from whimbrel.reporting.heard import Session
from whimbrel.reporting.model import Bar, Lane, Mark, TimeLine
from whimbrel.text import harmless
from whimbrel.verbs.alerts import AlertRow
from whimbrel.wording.quantities import calendar, count, moment, span, utc_offset

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)
_TICKS = 5
"""Of the axis, at most: as many times as there is room for on a phone."""
_DAY = 86400
_APART = 0.4
"""Per cent of the axis: what begins closer to the end of the one before is drawn as one with it."""


def time_line(sessions: Sequence[Session], alerts: Sequence[AlertRow], anchors: dict[str, str]) -> TimeLine | None:
    """Return the time line of what happened; None where nothing was heard.

    `alerts` are those that `happenings.happened` returns, `anchors` say by their ids where the page tells them.
    """
    times = [each for session in sessions for each in (session.began, session.ended)]
    times += [each for row in alerts for each in (row.first, row.last)]
    if not times:
        return None
    axis = _Axis(min(times), max(times))
    listened = tuple(axis.bar(each.began, each.ended, "listened", f"listened, {_period(each)}", "") for each in sessions)
    lanes = [Lane(title="Listened", bars=listened)] if listened else []
    by_title: dict[str, list[AlertRow]] = {}
    for row in alerts:
        by_title.setdefault(row.title, []).append(row)
    for title, rows in sorted(by_title.items(), key=lambda pair: -max(row.severity.rank for row in pair[1])):
        number = f" ({len(rows)})" if len(rows) > 1 else ""
        lanes.append(Lane(title=harmless(title) + number, bars=tuple(_bars(axis, rows, anchors))))
    return TimeLine(lanes=tuple(lanes), ticks=tuple(axis.ticks()), span=f"{moment(axis.low)} to {moment(axis.high)}")


def _period(session: Session) -> str:
    return f"{moment(session.began)} to {moment(session.ended)}"


class _Axis:
    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = max(high, low + 1)

    def at(self, seconds: float) -> float:
        """Return the place of a time, in per cent."""
        return 100 * (seconds - self.low) / (self.high - self.low)

    def bar(self, first: float, last: float, style: str, title: str, anchor: str) -> Bar:
        start = self.at(first)
        return Bar(start=start, length=self.at(last) - start, style=style, title=title, anchor=anchor)

    def ticks(self) -> Iterator[Mark]:
        """Yield the times that the axis is labelled with: whole ones of the local day."""
        room = (self.high - self.low) / _TICKS
        step = next((step for step in _STEPS if step >= room), math.ceil(room / _DAY) * _DAY)
        offset = utc_offset(self.low)
        first = math.ceil((self.low + offset) / step) * step - offset
        form = "%H:%M:%S" if step < 60 else "%H:%M" if self.high - self.low < _DAY else "%d %b %H:%M"
        for number in range(_TICKS + 1):
            if (time := first + number * step) <= self.high:
                yield Mark(at=self.at(time), text=calendar("%d %b %Y" if step >= _DAY else form, time))


def _bars(axis: _Axis, rows: Sequence[AlertRow], anchors: dict[str, str]) -> Iterator[Bar]:
    """Yield what happened, one behind the other; those that would lie on each other as one."""
    together: list[AlertRow] = []
    end = -math.inf
    for row in sorted(rows, key=lambda row: row.first):
        if together and axis.at(row.first) > end + _APART:
            yield _one_bar(axis, together, anchors)
            together = []
        end = max(end, axis.at(row.last)) if together else axis.at(row.last)
        together.append(row)
    yield _one_bar(axis, together, anchors)


def _one_bar(axis: _Axis, rows: Sequence[AlertRow], anchors: dict[str, str]) -> Bar:
    worst = max(rows, key=lambda row: (row.severity.rank, row.id in anchors))
    first, last = min(row.first for row in rows), max(row.last for row in rows)
    what = harmless(worst.text) if len(rows) == 1 else f"{count(len(rows), 'alert')}, the worst a {worst.severity}"
    lasted = f" for {span(last - first)}" if last > first else ""
    title = f"{moment(first)}{lasted}: {what}"
    return axis.bar(first, last, Severity(worst.severity).value, title, anchors.get(worst.id, ""))
