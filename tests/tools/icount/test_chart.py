from __future__ import annotations

from xml.etree import ElementTree

import pytest
from tools.icount import chart, measures

KEPT = {
    "known beacon, bytes to findings": 30_000,
    "real capture heard again, each frame: a storm": 90_000,
    "real capture heard again, each frame: a home": 40_000,
    measures.WAKE: 132_000,
    measures.EACH: 33_500,
}
"""The source's own work is 2,000 for a frame less the rounding, and a wake without its frame about 100,000."""


def test_frames_and_wakes_are_added_and_wakes_are_bounded() -> None:
    slow, busy = (chart.share(KEPT, 30_000, rate) * measures.WORTH for rate in (5, 1000))
    assert slow == pytest.approx(5 * 132_000, rel=0.01)
    assert busy == pytest.approx(10 * 100_000 + 1000 * 32_000, rel=0.01)
    assert chart.share(KEPT, 90_000, 1000) > chart.share(KEPT, 30_000, 1000)


def test_each_air_is_drawn_and_explained_the_cheapest_first() -> None:
    assert [curve.name for curve in chart.curves(KEPT)] == ["known beacons", "a home", "a storm"]
    drawing = ElementTree.fromstring(chart.svg(KEPT))
    lines = drawing.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 3
    for line in lines:
        heights = [float(point.split(",")[1]) for point in line.attrib["points"].split()]
        assert heights == sorted(heights, reverse=True)
    texts = {text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"known beacons", "a home", "a storm", "goals", "frames a second"} <= texts
