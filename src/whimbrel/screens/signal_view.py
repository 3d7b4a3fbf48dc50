"""The signal of one address over the last seconds, large enough to walk by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Generic

from whimbrel.screens.icons import signal_icon
from whimbrel.screens.inks import LIGHT, MUTED, RULE, STRONG, WEAK, of_strength
from whimbrel.screens.page import View
from whimbrel.screens.styles import WIDE
from whimbrel.screens.survey_rows import STRONGEST, WEAKEST, Heard, R, bars
from whimbrel.text import mac
from whimbrel.wording.quantities import age

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

_SPAN = 30.0
"""Seconds that the graph is wide."""
_TREND = 4.0
"""The mean over this many seconds is compared with the mean over as many before."""
_TELLS = 2.0
"""dB that the means must differ by: less than that a hand in the way makes."""
_FRESH = 5.0
"""Seconds after which a signal is not the present one any more."""
_TALL = 46
"""Rows that large figures and a graph need."""

Sample = tuple[float, int]


class SignalView(View, Generic[R]):
    """A name, the dBm in large figures, the graph, and whether one comes closer."""

    live = True

    def __init__(
        self,
        address: bytes,
        row: Callable[[ScreenState, bytes], R | None],
        name: Callable[[R], str],
        facts: Callable[[R], Sequence[str]],
    ) -> None:
        """`facts` are short; a large panel shows as many as fit."""
        self._address = address
        self._row: Callable[[ScreenState, bytes], R | None] = row
        self._name: Callable[[R], str] = name
        self._facts: Callable[[R], Sequence[str]] = facts

    def follows(self) -> tuple[bytes, ...]:
        """Return the address of the drawn signal."""
        return (self._address,)

    def draw(self, canvas: Canvas, state: ScreenState, top: int) -> None:
        """Draw the name on top, the figures at the left, the graph at the right, the extremes below."""
        row = self._row(state, self._address)
        unit = canvas.style.unit
        name = self._name(row) if row else mac(self._address)
        canvas.sliding(unit, top, canvas.width - 2 * unit, name, state.now % 86400)
        samples = [sample for sample in state.signals.get(self._address, ()) if sample[0] > state.now - _SPAN]
        current = _current(samples, row, state.now)
        if canvas.height - top < _TALL:
            y = top + canvas.style.row
            canvas.text(0, y, "---" if current is None else str(current), "number")
            _draw_trend(canvas, y + 3, row, samples, state.now)
            return
        facts = self._facts(row) if row else ()
        below = canvas.height - canvas.style.line + 1
        if canvas.width >= WIDE:
            _draw_wide(canvas, top + canvas.style.row + 6, below - 8, current, facts, samples, state.now)
        else:
            _draw_narrow(canvas, top + 13, canvas.height - 10, current, facts, samples, state.now)
        _draw_foot(canvas, below, row, samples, state.now)


def _draw_narrow(
    canvas: Canvas, top: int, low: int, current: int | None, facts: Sequence[str], samples: Sequence[Sample], now: float
) -> None:
    """Draw the figures at the left, the graph at the right, and facts below the figures where there is room."""
    split = 48
    _draw_figures(canvas, top, current)
    if canvas.width > split + 8 and low > top + 6:
        _draw_graph(canvas, (split, top, canvas.width, low), samples, now, of_strength(bars(current)))
    for y, fact in zip(range(top + 34, low - 8, 10), facts, strict=False):
        canvas.cut(2, y, split - 4, fact, "small")


def _draw_wide(
    canvas: Canvas, top: int, low: int, current: int | None, facts: Sequence[str], samples: Sequence[Sample], now: float
) -> None:
    """Draw the figures, the facts beside them in columns, and the graph below with a scale over the whole width."""
    ink = of_strength(bars(current))
    end = canvas.text(4, top, "---" if current is None else str(current), "large", ink)
    canvas.text(end + 6, top + 12, "dBm", "small", MUTED)
    canvas.paste(end + 6, top - 4, signal_icon(bars(current), 2), ink)
    left, pitch = 116, canvas.style.line
    column = (canvas.width - left) // 2
    for i, fact in enumerate([fact for fact in facts if fact][:6]):
        canvas.cut(left + column * (i // 3), top - 6 + pitch * (i % 3), column - 4, fact, "small", MUTED)
    first = top + 3 * pitch + 4
    scale = canvas.face("tiny").width("-88") + 3
    for level in (-40, -60, -80):
        y = low - 1 - _height(level, low - first)
        canvas.box(scale, y, canvas.width, y + 1, RULE)
        canvas.text(0, y - 3, str(level), "tiny", MUTED)
    _draw_graph(canvas, (scale, first, canvas.width, low), samples, now, ink)


def _draw_figures(canvas: Canvas, y: int, rssi: int | None) -> None:
    ink = of_strength(bars(rssi))
    if rssi is None:
        canvas.text(2, y + 2, "---", "number")
    else:
        canvas.text(0, y, str(rssi), "large", ink)
    canvas.text(2, y + 21, "dBm", "small", MUTED)
    canvas.paste(22, y + 21, signal_icon(bars(rssi)), ink)


def trend(samples: Sequence[Sample], now: float) -> str:
    """Return closer, farther or steady; empty with too little data."""
    late = [rssi for at, rssi in samples if at > now - _TREND]
    early = [rssi for at, rssi in samples if now - 2 * _TREND < at <= now - _TREND]
    if not late or not early:
        return ""
    change = sum(late) / len(late) - sum(early) / len(early)
    return "steady" if abs(change) < _TELLS else "closer" if change > 0 else "farther"


def _current(samples: Sequence[Sample], row: Heard | None, now: float) -> int | None:
    if samples and samples[-1][0] > now - _FRESH:
        last = [rssi for _, rssi in samples[-3:]]
        return round(sum(last) / len(last))
    if row is not None and row.last > now - _FRESH:
        return row.rssi.smoothed
    return None


def _draw_graph(
    canvas: Canvas, area: tuple[int, int, int, int], samples: Sequence[Sample], now: float, ink: int
) -> None:
    left, top, right, bottom = area
    width, height = right - left, bottom - top
    columns = [-1] * width
    for at, rssi in samples:
        x = width - 1 - int((now - at) / _SPAN * width)
        if 0 <= x < width:
            columns[x] = max(columns[x], _height(rssi, height))
    canvas.dots(left, bottom, right)
    canvas.graph(left, top, height, _filled(columns, canvas.style.unit), ink)


def _height(rssi: int, height: int) -> int:
    share = (rssi - WEAKEST) / (STRONGEST - WEAKEST)
    return round(min(max(share, 0.0), 1.0) * (height - 1))


def _filled(columns: list[int], unit: int) -> list[int]:
    """Carry a height over the columns between two samples that are near each other."""
    out = list(columns)
    samples = [x for x, value in enumerate(columns) if value >= 0]
    for x, after in pairwise(samples):
        first, end = max(x + 1, after - 7 * unit), min(x + 9 * unit, after)
        if first < end:
            out[first:end] = [columns[x]] * (end - first)
    return out


def _draw_foot(canvas: Canvas, y: int, row: Heard | None, samples: Sequence[Sample], now: float) -> None:
    low, high = (row.rssi.min, row.rssi.max) if row else (None, None)
    if low is not None:
        canvas.text(canvas.style.unit, y, f"{low}..{high}", "small", MUTED)
    _draw_trend(canvas, y, row, samples, now)


def _draw_trend(canvas: Canvas, y: int, row: Heard | None, samples: Sequence[Sample], now: float) -> None:
    end = canvas.width - canvas.style.unit
    if row is None:
        canvas.right(end, y, "not heard any more", "small", MUTED)
        return
    way = trend(samples, now)
    if way:
        ink = {"closer": STRONG, "farther": WEAK}.get(way, LIGHT)
        start = canvas.right(end, y, way, "small", ink)
        canvas.icon(start - 10 * canvas.style.unit, y, way, ink)
    else:
        canvas.right(end, y, f"heard {age(now - row.last)} ago", "small", MUTED)
