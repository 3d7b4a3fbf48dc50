"""``python -m tools.icount.chart > docs/cost.svg``: the cost of frames on a Zero W, by frames a second.

It is computed from the kept figures.

The source is awake ten times a second at most (docs/architecture.md), whatever comes, so the share of the processor is
(wakes x a wake without its frame + frames x a frame) / `WORTH`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import NamedTuple

from tools.icount import figures
from tools.icount.measures import EACH, MANY, WAKE, WORTH

WAKES = 10
"""A second, while frames arrive all the time."""
RATES = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_GOALS = {100: 0.02, 1000: 0.12}
"""Shares of a Zero by frames a second (issue 13)."""

_WIDTH, _HEIGHT = 740, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 230, 30, 50
_SHARES = (0.001, 0.01, 0.1, 1.0)
_COLOURS = ("#1b6ca8", "#2a8a4a", "#b8860b", "#c0392b")


class Curve(NamedTuple):
    """An air whose frames cost the same each."""

    name: str
    frame: int
    """Instructions from bytes to findings."""


def curves(kept: dict[str, int]) -> list[Curve]:
    """Return the airs to draw, the cheapest first."""
    mixes = {name.split(": ", 1)[1]: cost for name, cost in kept.items() if name.startswith("real capture heard again")}
    known = Curve("known beacons", kept["known beacon, bytes to findings"])
    return sorted([known, *(Curve(name, cost) for name, cost in mixes.items())], key=lambda curve: curve.frame)


def share(kept: dict[str, int], frame: int, rate: float) -> float:
    """Return the share of a Zero for `rate` frames a second that cost `frame` instructions each, beside their wakes."""
    beacon = kept["known beacon, bytes to findings"]
    # A batch of 64 spreads its wake over its frames; what is left is the source's own work for each.
    source = max(kept[EACH] - beacon - (kept[WAKE] - kept[EACH]) / MANY, 0.0)
    wake = kept[WAKE] - beacon - source
    return (min(rate, WAKES) * wake + rate * (frame + source)) / WORTH


def svg(kept: dict[str, int]) -> str:
    """Return the drawing: both axes logarithmic."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_axes(),
    ]
    for colour, curve in zip(_COLOURS, curves(kept), strict=False):
        inside = [(rate, share(kept, curve.frame, rate)) for rate in RATES]
        points = " ".join(f"{_x(rate):.1f},{_y(part):.1f}" for rate, part in inside if part <= _SHARES[-1])
        last = max(part for _, part in inside if part <= _SHARES[-1])
        rate = max(rate for rate, part in inside if part <= _SHARES[-1])
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<circle cx="{_x(rate):.1f}" cy="{_y(last):.1f}" r="3" fill="{colour}"/>')
    lines += _legend(curves(kept))
    for rate, part in _GOALS.items():
        lines.append(f'<path d="M{_x(rate) - 5:.1f},{_y(part):.1f}h10m-5,-5v10" stroke="#333333" stroke-width="2"/>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _axes() -> Iterable[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for part in _SHARES:
        y = _y(part)
        yield f'<path d="M{_LEFT},{y:.1f}H{right}" stroke="#dddddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{part:.1%}</text>'
    for rate in RATES:
        if math.log10(rate) == int(math.log10(rate)):
            x = _x(rate)
            yield f'<path d="M{x:.1f},{_TOP}V{bottom}" stroke="#dddddd"/>'
            yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{rate:,}</text>'
    middle = (_LEFT + right) / 2
    yield f'<text x="{middle:.0f}" y="{_HEIGHT - 12}" text-anchor="middle">frames a second</text>'
    yield f'<text x="{_LEFT}" y="{_TOP - 12}">share of a Zero W, at {WORTH // 1_000_000} M instructions a second</text>'


def _legend(drawn: list[Curve]) -> Iterable[str]:
    x = _WIDTH - _RIGHT + 15
    for place, (colour, curve) in enumerate(zip(_COLOURS, drawn, strict=False)):
        y = _TOP + 20 + 40 * place
        yield f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
        name, _, more = curve.name.partition(", ")
        yield f'<text x="{x + 16}" y="{y}">{name}{"," if more else ""}</text>'
        yield f'<text x="{x + 16}" y="{y + 14}" fill="#555555">{more + ": " if more else ""}{curve.frame:,}</text>'
    y = _TOP + 20 + 40 * len(drawn)
    yield f'<path d="M{x},{y - 4}h10m-5,-5v10" stroke="#333333" stroke-width="2"/>'
    yield f'<text x="{x + 16}" y="{y}">goals</text>'


def _x(rate: float) -> float:
    span = math.log10(RATES[-1] / RATES[0])
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log10(rate / RATES[0]) / span


def _y(part: float) -> float:
    span = math.log10(_SHARES[-1] / _SHARES[0])
    height = _HEIGHT - _TOP - _BOTTOM
    return _HEIGHT - _BOTTOM - height * math.log10(max(part, _SHARES[0]) / _SHARES[0]) / span


def main() -> None:
    """Print the drawing."""
    sys.stdout.write(svg(figures.load()["figures"]))


if __name__ == "__main__":
    main()
