"""The time line: a lane for each kind of occurrence, below one for the times of listening."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from whimbrel.reporting.happenings import Happening, by_title
from whimbrel.reporting.heard import ListeningSession
from whimbrel.reporting.model import Bar, ChartText, Lane, TimeLine
from whimbrel.text import harmless
from whimbrel.wording.quantities import calendar, second, span, utc_offset

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)
_TICKS = 5
"""Of the axis, at most: as many times as there is room for on a phone."""
_DAY = 86400
_APART = 0.4
"""Per cent of the axis; an occurrence that begins closer to the end of the previous one is merged with it."""


def time_line(
    sessions: Sequence[ListeningSession], found: Sequence[Happening], anchors: dict[str, str]
) -> TimeLine | None:
    """Return the time line; None if nothing was heard.

    `anchors` are the anchors of the occurrences on the page by id.
    """
    times = [each for session in sessions for each in (session.began, session.ended)]
    times += [each for one in found for each in (one.row.first, one.row.last)]
    if not times:
        return None
    axis = Axis(min(times), max(times))
    listened = tuple(axis.bar(each.began, each.ended, "listened", _period(each), "") for each in sessions)
    lanes = [Lane(title="Listened", bars=listened)] if listened else []
    for title, kind in by_title(found).items():
        number = f" ({len(kind)})" if len(kind) > 1 else ""
        lanes.append(Lane(title=harmless(title) + number, bars=tuple(_bars(axis, kind, anchors))))
    return TimeLine(lanes=tuple(lanes), ticks=tuple(axis.ticks()), span=f"{second(axis.low)} to {second(axis.high)}")


def _period(session: ListeningSession) -> str:
    return f"listened, {second(session.began)} to {second(session.ended)}"


class Axis:
    """A stretch of time, from `low` to `high` in seconds since the epoch."""

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = max(high, low + 1, math.nextafter(low, math.inf))  # a capture may be of any year

    def at(self, seconds: float) -> float:
        """Return the place of a time, in per cent."""
        return 100 * (seconds - self.low) / (self.high - self.low)

    def bar(self, first: float, last: float, style: str, title: str, anchor: str) -> Bar:
        """Return an occurrence from one time to another."""
        start = self.at(first)
        return Bar(start=start, length=self.at(last) - start, style=style, title=title, anchor=anchor)

    def ticks(self) -> Iterator[ChartText]:
        """Yield the times that the axis is labelled with: whole ones of the local day."""
        room = (self.high - self.low) / _TICKS
        step = next((step for step in _STEPS if step >= room), math.ceil(room / _DAY) * _DAY)
        offset = utc_offset(self.low)
        first = math.ceil((self.low + offset) / step) * step - offset
        form = "%H:%M:%S" if step < 60 else "%H:%M" if self.high - self.low < _DAY else "%d %b %H:%M"
        for number in range(_TICKS + 1):
            if self.low <= (time := first + number * step) <= self.high:
                yield ChartText(at=self.at(time), text=calendar("%d %b %Y" if step >= _DAY else form, time))


def _bars(axis: Axis, found: Sequence[Happening], anchors: dict[str, str]) -> Iterator[Bar]:
    """Yield the incidents in order; overlapping ones are joined."""
    together: list[Happening] = []
    end = -math.inf
    for each in found:
        if together and axis.at(each.row.first) > end + _APART:
            yield _one_bar(axis, together, anchors)
            together = []
        end = max(end, axis.at(each.row.last)) if together else axis.at(each.row.last)
        together.append(each)
    yield _one_bar(axis, together, anchors)


def _one_bar(axis: Axis, found: Sequence[Happening], anchors: dict[str, str]) -> Bar:
    worst = max(found, key=lambda each: (each.rank, each.row.id in anchors)).row
    first, last = min(each.row.first for each in found), max(each.row.last for each in found)
    what = harmless(worst.text) if len(found) == 1 else f"{len(found)} times, at worst {worst.severity}"
    lasted = f" for {span(last - first)}" if last > first else ""
    title = f"{second(first)}{lasted}: {what}"
    return axis.bar(first, last, worst.severity.value, title, anchors.get(worst.id, ""))
