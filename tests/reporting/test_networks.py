from __future__ import annotations

import pytest
from tests.reporting.rows import AP, access_point

from whimbrel.reporting.networks import (
    BEST,
    BROKEN,
    FAIR,
    MIXED,
    OPEN,
    OTHER,
    Notes,
    bands,
    by_band,
    category,
    line,
    strength,
)
from whimbrel.wifi.security import Protection


@pytest.mark.parametrize(
    ("protection", "wanted"),
    [
        ("open", OPEN), ("OWE transition", OPEN), ("WEP", BROKEN), ("WPA/WPA2-Personal", BROKEN), ("WPA", BROKEN),
        ("WPA2-Personal", FAIR), ("WPA2-Enterprise", FAIR), ("WPA2-Personal + OSEN", FAIR),
        ("WPA2/WPA3-Personal", MIXED), ("WPA3-Personal", BEST), ("WPA3-Enterprise 192-bit", BEST), ("OWE", BEST),
        ("DPP", OTHER), ("encrypted", OTHER), ("WPA3-Personal + DPP", OTHER),
    ],
)  # fmt: skip
def test_the_weakest_way_in_decides(protection: str, wanted: object) -> None:
    assert category(Protection.parse(protection)) is wanted


def test_no_way_in_is_not_told() -> None:
    assert category(Protection(0)) is OTHER


def test_the_bar_has_a_stretch_for_each_category_and_no_gap() -> None:
    rows = [access_point(security=Protection.WPA3_PERSONAL), *[access_point(security=Protection.OPEN)] * 3]
    assert [(band.style, band.number, band.start, band.length) for band in bands(rows)] == [
        ("open", 3, 0.0, 75.0), ("best", 1, 75.0, 25.0),
    ]  # fmt: skip
    assert bands([]) == ()


@pytest.mark.parametrize(("level", "wanted"), [(None, 0), (-120, 0), (-60, 50), (-25, 100), (0, 100)])
def test_the_scale_of_strength_has_ends(level: int | None, wanted: float) -> None:
    assert strength(level) == wanted


def test_bands_in_order_and_those_of_none_last() -> None:
    rows = [access_point(freq=freq) for freq in (5955, 2412, 0, 5180, 2437)]
    assert [(band, len(members)) for band, members in by_band(rows).items()] == [
        ("2.4", 2),
        ("5", 1),
        ("6", 1),
        ("", 1),
    ]


def test_a_row_says_what_is_special_about_a_network() -> None:
    row = access_point(b"a\n", hidden=True, adhoc=True, freq=5180, width=80, level=None)
    shown = line(row, Notes(frozenset({b"a\n"})))
    assert (shown.name, shown.note, shown.channel, shown.level) == (
        "a\\n",
        "yours, hidden, ad hoc",
        "36/80",
        "not told",
    )
    assert line(access_point(b"", mesh_id=b"m"), Notes(frozenset({b""}))).note == "hidden, mesh"
    gone = line(access_point(), Notes(earlier=frozenset({AP}))).note
    assert gone.startswith("last heard 2026-")
