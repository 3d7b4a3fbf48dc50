from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.screenshots import scene

from whimbrel.rows import AccessPointRow
from whimbrel.wifi.security import Protection
from whimbrel.wording.air_tables import ACCESS_POINTS, access_points, stations, totals_told
from whimbrel.wording.styles import Look, Style, paint
from whimbrel.wording.tables import Column, fit, layout, text_width

END = "\x1b[0m"


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("ＡＢ", 4), ("", 0), ("grün", 4)]
)
def test_width_in_cells(text: str, width: int) -> None:
    assert text_width(text) == width


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_cutting(text: str, width: int, cut: str) -> None:
    assert fit(text, width) == cut


def test_columns_stay_columns() -> None:
    lines = layout([Column("NAME"), Column("N", right=True)], [("日本", "1"), ("abc", "22")])
    assert lines == ["NAME   N", "日本   1", "abc   22"]


def test_what_may_shrink_does() -> None:
    columns = [Column("A"), Column("LONG", least=4), Column("B")]
    lines = layout(columns, [("aa", "0123456789", "bb")], 12)
    assert lines == ["A   LONG  B", "aa  012…  bb"]


@given(
    st.lists(st.tuples(st.text(st.characters(categories=["L", "N", "So"]), max_size=40), st.text("abc", max_size=9))),
    st.integers(1, 60),
)
def test_no_line_is_wider_than_asked(rows: list[tuple[str, str]], width: int) -> None:
    lines = layout([Column("NAME", least=5), Column("B", right=True)], rows, width)
    assert len(lines) == len(rows) + 1
    assert all(text_width(line) <= width for line in lines)


def ap(ssid: bytes = b"home", most: int | None = -50, *, hidden: bool = False) -> AccessPointRow:
    row = scene.network("02:00:00:00:00:01", ssid, 2437, -50, scene.OPEN, "", 0, 0.0)
    return row.replace(hidden=hidden, rssi=row.rssi.replace(max=most))


def test_access_points_in_their_order() -> None:
    header, *rows = access_points([ap(b"far", -90), ap(b"mute", None), ap(b"near")])
    assert header.split() == ["BSSID", "SSID", "CH", "SECURITY", "PMF", "WPS", "VENDOR", "dBm", "BEACONS", "STATIONS"]
    assert [row.split()[1] for row in rows] == ["far", "mute", "near"]


def test_columns_leave_in_the_order_of_what_matters_least() -> None:
    gone: list[str] = []
    for width in range(200, 20, -1):
        shown = access_points([ap(b"a network with a long name")], Look(width))[0].split()
        gone += [title for title in (column.title for column in ACCESS_POINTS) if title not in {*shown, *gone}]
    assert gone[:7] == ["VENDOR", "BEACONS", "WPS", "PMF", "STATIONS", "dBm", "SECURITY"]


@pytest.mark.parametrize("width", [60, 80, 100, 132])
def test_what_stays_can_be_read(width: int) -> None:
    row = ap(b"Harbour House").replace(security=Protection.WPA2_PERSONAL | Protection.WPA3_PERSONAL)
    _, line = access_points([row], Look(width))
    assert "WPA2/WPA3-Personal" in line
    assert text_width(line) <= width


def test_colours_change_no_letter() -> None:
    found = [ap(b"home"), ap(b"", hidden=True)]
    plain, coloured = access_points(found, Look(80)), access_points(found, Look(80, coloured=True))
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in coloured] == plain
    assert "\x1b[31mopen" in coloured[1]


@pytest.mark.parametrize(
    ("protection", "style"),
    [
        (Protection.OPEN, Style.BAD),
        (Protection.OWE_TRANSITION, Style.BAD),
        (Protection.WEP, Style.BAD),
        (Protection.WPA_PERSONAL, Style.DOUBTFUL),
        (Protection.WPA_PERSONAL | Protection.WPA2_PERSONAL, Style.PLAIN),
        (Protection.WPA2_ENTERPRISE, Style.PLAIN),
        (Protection.WPA2_PERSONAL | Protection.WPA3_PERSONAL, Style.GOOD),
        (Protection.WPA3_ENTERPRISE_192, Style.GOOD),
        (Protection.OWE, Style.GOOD),
    ],
)
def test_colour_of_a_protection(protection: Protection, style: Style) -> None:
    line = access_points([ap().replace(security=protection)], Look(coloured=True))[1]
    assert "  " + paint(str(protection), style).removesuffix(END) in line


def test_a_network_that_is_called_hidden_has_a_name() -> None:
    named, hidden = access_points([ap(b"<hidden>"), ap(b"", hidden=True)], Look(coloured=True))[1:]
    assert paint("<hidden>", Style.STRONG).removesuffix(END) in named
    assert paint("<hidden>", Style.FAINT).removesuffix(END) in hidden


def test_hidden_names() -> None:
    _, *rows = access_points([ap(b"", hidden=True), ap(b"told", -60, hidden=True)])
    assert "<hidden>" in rows[0]
    assert "told (hidden)" in rows[1]


def test_rows_can_do_no_harm() -> None:
    hostile = scene.station("06:00:00:00:00:01", "\x1b[2J\n", None, -50, ("a\nb",), 0, 0.0)
    snapshot = scene.snapshot([ap(b"\x1b[2J\n")], [hostile])
    lines = [*access_points(snapshot.access_points), *stations(snapshot.stations)]
    assert all("\x1b" not in line and "\n" not in line for line in lines)


def test_nothing_is_said_too() -> None:
    assert (access_points([]), stations([])) == (["no access point"], ["no station"])


def test_totals_tell_what_is_usual_and_what_is_not_nothing() -> None:
    totals = scene.snapshot([], []).totals.replace(malformed=0, bad_fcs=0, disbelieved=3)
    assert totals_told(totals) == "frames 1284311, access points 0, stations 0, disbelieved 3"


def test_stations() -> None:
    row = scene.station("06:00:00:00:00:01", "", None, -50, ("a", "b\n"), 0, 0.0)
    assert stations([row])[1].split("  ")[0:2] == ["06:00:00:00:00:01", "random address"]
    assert stations([row])[1].endswith('"a", "b\\n"')
