from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.reporting.rows import access_point

from whimbrel.reporting.charts import DRAWN, LISTED, chart
from whimbrel.reporting.model import Hump
from whimbrel.wifi.channels import NUMBERS, frequency

CHANNELS = [(band, number) for band, numbers in NUMBERS.items() for number in numbers]


def corners(hump: Hump) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", hump.path)]


def test_an_access_point_is_as_wide_as_its_channel_and_as_high_as_it_is_heard() -> None:
    (hump,) = chart("2.4", [access_point(freq=2442, level=-60)]).humps
    (left, base), (_, top), _, (right, end) = corners(hump)
    assert (base, top, end) == (100, 50, 100)
    assert abs((right - left) / 1000 * 86 - 20) < 0.2  # MHz of the band's 86
    (wide,) = chart("5", [access_point(freq=5180, width=80, center=5210)]).humps
    assert abs((corners(wide)[-1][0] - corners(wide)[0][0]) / 1000 * 755 - 80) < 1


@given(
    st.sampled_from(CHANNELS), st.sampled_from([20, 40, 80, 160, 320]), st.integers(-200, 50) | st.none(),
    st.integers(0, 80000),
)  # fmt: skip
def test_nothing_is_drawn_outside(channel: tuple[str, int], width: int, level: int | None, center: int) -> None:
    band, number = channel
    row = access_point(freq=frequency(band, number), level=level, width=width, center=center)
    made = chart(band, [row, row.replace(bssid=b"\x02" * 6)])
    for hump in made.humps:
        assert all(0 <= x <= 1000 and 0 <= y <= 100 for x, y in corners(hump))
    assert all(0 <= mark.at <= 100 for mark in (*made.names, *made.channels))


def test_names_and_numbers_do_not_lie_on_each_other() -> None:
    rows = [
        access_point(b"network %d" % number, freq=2437, level=-40 - number, bssid=bytes([number] * 6))
        for number in range(40)
    ]
    names = chart("2.4", rows).names
    assert names[0].text == "network 0"
    assert 3 < len(names) < 20
    assert all(abs(a.height - b.height) >= 7 for a, b in pairwise(names))
    assert any(not mark.narrow for mark in chart("6", [access_point(freq=5955)]).channels)


def test_a_flood_is_counted_beyond_what_a_page_can_hold() -> None:
    rows = [access_point(level=-20 - number % 60, bssid=number.to_bytes(6, "big")) for number in range(1000)]
    made = chart("2.4", rows)
    assert (len(made.humps), made.left_out) == (DRAWN, 1000 - DRAWN)
    assert (len(made.access_points), made.more) == (LISTED, 1000 - LISTED)
    assert made.access_points[0].level == "-20 dBm"


def test_what_told_no_channel_is_listed_and_not_drawn() -> None:
    made = chart("", [access_point(freq=0)])
    assert (made.band, made.humps, made.channels, len(made.access_points)) == ("Band not known", (), (), 1)


def test_the_japanese_part_of_5_ghz_is_there_where_something_is() -> None:
    assert chart("5", [access_point(freq=4920)]).channels[0].text == "184"
    assert chart("5", [access_point(freq=5180)]).channels[0].text == "32"
