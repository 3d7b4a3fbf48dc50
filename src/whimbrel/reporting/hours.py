"""The traffic of the channels by the hour: a square for each channel and interval, darker with more airtime."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from whimbrel.reporting.model import Hours, HoursLane, Square, StretchLine
from whimbrel.reporting.time_line import Axis
from whimbrel.verbs.history import CrowdRow, HourRow
from whimbrel.wifi.channels import channel_label, channel_number
from whimbrel.wording.quantities import count, minute, short_count, span

LANES = 40
"""Channels that are drawn: those that carried most."""
STRETCHES = 60
"""Stretches of time that are drawn and listed: the newest ones."""
_HOUR = 3600
_FAINTEST = 0.15
"""Share of full colour: any traffic at all is visible."""


def hours(rows: Sequence[HourRow], crowds: Sequence[CrowdRow], step: int) -> Hours | None:
    """Return the picture of what was carried in stretches of `step` hours, and how much was around; None for nothing.

    What is from before the clock was set has no place in it.
    """
    known = [row for row in rows if row.clock and row.frames]
    begins = sorted({row.hour for row in known})[-STRETCHES:]
    if not begins:
        return None
    known = [row for row in known if row.hour >= begins[0]]
    carried: dict[int, int] = defaultdict(int)
    for row in known:
        carried[row.freq] += row.airtime_us
    drawn = sorted(sorted(carried, key=lambda freq: -carried[freq])[:LANES])
    axis = Axis(begins[0], begins[-1] + step * _HOUR)
    most = max(row.airtime_us for row in known)
    return Hours(
        lanes=tuple(_lane(axis, freq, [row for row in known if row.freq == freq], most, step) for freq in drawn),
        ticks=tuple(axis.ticks()),
        span=f"{minute(axis.low)} to {minute(axis.high)}",
        step=count(step, "hour") if step > 1 else "hour",
        left_out=len(carried) - len(drawn),
        stretches=tuple(_stretches(known, crowds, begins)),
    )


def _lane(axis: Axis, freq: int, rows: Sequence[HourRow], most: int, step: int) -> HoursLane:
    return HoursLane(channel=_channel(freq), squares=tuple(_square(axis, row, most, step) for row in rows))


def _square(axis: Axis, row: HourRow, most: int, step: int) -> Square:
    start, end = axis.at(row.hour), axis.at(row.hour + step * _HOUR)
    strength = row.airtime_us / most if most else 0.0
    what = f"{short_count(row.frames)} frames, {span(row.airtime_us / 1e6)} on the air"
    return Square(
        start=start,
        length=end - start,
        strength=_FAINTEST + (1 - _FAINTEST) * strength,
        title=f"channel {_channel(row.freq)}, from {minute(row.hour)}: {what}",
    )


def _stretches(rows: Sequence[HourRow], crowds: Sequence[CrowdRow], begins: Sequence[float]) -> Iterator[StretchLine]:
    around = {row.hour: row for row in crowds}
    for begin in begins:
        of_it = [row for row in rows if row.hour == begin]
        crowd = around.get(begin)
        yield StretchLine(
            began=minute(begin),
            frames=short_count(sum(row.frames for row in of_it)),
            airtime=span(sum(row.airtime_us for row in of_it) / 1e6),
            busiest=_channel(max(of_it, key=lambda row: (row.airtime_us, row.frames)).freq),
            access_points=str(crowd.access_points) if crowd else "",
            devices=str(crowd.stations) if crowd else "",
        )


def _channel(freq: int) -> str:
    return channel_label(freq, channel_number(freq)) or (f"{freq} MHz" if freq else "not told")
