"""A chart of a band's access points over its channels: each is a trapezoid with the width of its channel and the height
of its level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from whimbrel.reporting.model import Chart, ChartText, Hump
from whimbrel.reporting.networks import STRONGEST, Notes, category, line, loudest, strength
from whimbrel.rows import AccessPointRow
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import NUMBERS, frequency
from whimbrel.wording.quantities import dbm
from whimbrel.wording.tables import fit, text_width

DRAWN = 80
"""Access points that are drawn; more would be a mere spot."""
LISTED = 300
"""Rows of a table; a flood of made-up access points must not make a page that no browser opens."""
_EDGES = {"2.4": (2400, 2486), "5": (5150, 5905), "6": (5935, 7125), "60": (57240, 74520)}
"""MHz at both ends of a band."""
_JAPAN = 4900
"""MHz at which the band of 5 GHz begins where something is heard in its Japanese part."""
_NARROWEST = {"60": 2160}
"""MHz of a channel where that is not 20."""
_SLOPE = 0.12
"""Of its width: each flank of a trapezoid."""
_LABEL = 18
"""Letters of a name in the chart."""
_WIDE, _NARROW = 880.0, 300.0
"""Pixels of the chart on a screen and on a phone, at least."""
_LETTER, _LINE, _HEIGHT = 7.6, 14.0, 200.0
"""Pixels of a letter's width, of a line of text, and of the chart's height."""
_GRID = range(-90, STRONGEST, 20)


def chart(band: str, rows: Sequence[AccessPointRow], notes: Notes = Notes()) -> Chart:  # noqa: B008  # it is immutable
    """Return the chart and the table of a band; where `band` is empty, the table alone."""
    strongest = sorted(rows, key=lambda row: (-loudest(row), row.bssid))
    placed = [row for row in strongest if row.freq and band][:DRAWN]
    low, high = _edges(band, placed)
    listed = sorted(strongest[:LISTED], key=lambda row: row.freq)
    return Chart(
        band=f"{band} GHz" if band else "Band not known",
        humps=tuple(_hump(row, low, high) for row in reversed(placed)),
        names=tuple(_names(placed, low, high)),
        channels=tuple(_channels(band, low, high)) if placed else (),
        levels=tuple(ChartText(at=0.0, height=100 - strength(level), text=dbm(level)) for level in _GRID),
        left_out=len(rows) - len(placed),
        access_points=tuple(line(row, notes) for row in listed),
        more=len(rows) - len(listed),
    )


def _edges(band: str, rows: Sequence[AccessPointRow]) -> tuple[float, float]:
    low, high = _EDGES.get(band, (0, 1))
    if band == "5" and any(row.freq < low for row in rows):
        low = _JAPAN
    return low, high


def _extent(row: AccessPointRow, low: float, high: float) -> tuple[float, float]:
    """Return where an access point's channel begins and ends, in per cent of the axis."""
    width = max(row.width, _NARROWEST.get(row.band, 20))
    center = row.center if row.width > 20 and row.center else row.freq
    left, right = (100 * (edge - low) / (high - low) for edge in (center - width / 2, center + width / 2))
    return min(max(left, 0.0), 100.0), min(max(right, 0.0), 100.0)


def _hump(row: AccessPointRow, low: float, high: float) -> Hump:
    left, right = (10 * edge for edge in _extent(row, low, high))
    top = 100 - strength(row.rssi.max)
    slope = (right - left) * _SLOPE
    path = f"M{left:.1f} 100L{left + slope:.1f} {top:.1f}L{right - slope:.1f} {top:.1f}L{right:.1f} 100Z"
    name = f"{_name(row)}, {mac(row.bssid)}: channel {row.channel}, {dbm(row.rssi.max)}, {row.security or 'unknown'}"
    return Hump(path=path, style=category(row.security).style, title=name)


def _name(row: AccessPointRow) -> str:
    return ssid(row.ssid or row.mesh_id or b"") or "hidden"


def _names(rows: Sequence[AccessPointRow], low: float, high: float) -> Iterator[ChartText]:
    """Yield the names of the strongest that have room, on a screen or even on a phone."""
    wide: list[tuple[float, float, float]] = []
    narrow: list[tuple[float, float, float]] = []
    for row in rows:
        left, right = _extent(row, low, high)
        text = fit(_name(row), _LABEL)
        at, top = (left + right) / 2, 100 - strength(row.rssi.max)
        if _finds_room(wide, text, at, top, _WIDE):
            yield ChartText(at=at, height=top, text=text, narrow=_finds_room(narrow, text, at, top, _NARROW))


def _finds_room(taken: list[tuple[float, float, float]], text: str, at: float, top: float, width: float) -> bool:
    """Reserve the room for a text if it is free: `taken` has left, right and bottom of each text, in pixels."""
    half = (text_width(text) * _LETTER + 8) / 2
    left, right, bottom = at * width / 100 - half, at * width / 100 + half, top * _HEIGHT / 100
    if left < 0 or right > width:
        return False
    if any(left < end and start < right and abs(bottom - line) < _LINE for start, end, line in taken):
        return False
    taken.append((left, right, bottom))
    return True


def _channels(band: str, low: float, high: float) -> Iterator[ChartText]:
    """Yield the numbers of the channels, as many as there is room for."""
    ends = {_WIDE: -1e9, _NARROW: -1e9}
    for number in sorted(NUMBERS[band], key=lambda number: frequency(band, number)):
        at = 100 * (frequency(band, number) - low) / (high - low)
        if 0 <= at <= 100:
            half = len(str(number)) * _LETTER / 2 + 3
            room = {width: at * width / 100 - half >= ends[width] for width in ends}
            for width in (width for width, fits in room.items() if fits):
                ends[width] = at * width / 100 + half
            if room[_WIDE]:
                yield ChartText(at=at, text=str(number), narrow=room[_NARROW])
