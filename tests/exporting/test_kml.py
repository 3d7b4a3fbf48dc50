from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exporting.places import ROW, ROWS, TRACKS, WAY

from whimbrel.exporting.common import facts, label
from whimbrel.exporting.kml import write
from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.wifi.security import Protection

NAMES = {"": "http://www.opengis.net/kml/2.2"}


def texts(element: Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, NAMES)]


def marks(text: str) -> list[Element]:
    return fromstring(text).findall("Document/Placemark", NAMES)


def test_a_file() -> None:
    place, first, second = marks(write([ROW], WAY, "0.1"))
    assert texts(place, "name") == ["Café, 🦆"]
    assert texts(place, "Point/coordinates") == ["18.0687000,59.3294000"]
    assert texts(place, "TimeSpan/begin") + texts(place, "TimeSpan/end") == [
        "2026-06-28T12:00:00Z",
        "2026-06-28T12:01:00Z",
    ]
    told = dict(zip((d.get("name") for d in place.iter() if d.get("name")), texts(place, "*/Data/value"), strict=True))
    assert (told["security"], told["strongest"], told["spread"]) == ("WPA2/WPA3-Personal", "-61 dBm", "12 m")
    assert told["strongest at"] == "59.3293000 18.0686000"
    for way, begin in ((first, "18.0686000,59.0000000,28.0"), (second, "18.0686000,59.0030000,28.0")):
        (line,) = texts(way, "LineString/coordinates")
        assert line.split()[0] == begin
        assert len(line.split()) == 2


@pytest.mark.parametrize(
    ("security", "style"),
    [("open", "#open"), ("WEP", "#weak"), ("WPA-Personal", "#weak"), ("WPA/WPA2-Personal", "#protected")],
)
def test_colours(security: str, style: str) -> None:
    (place,) = marks(write([ROW.replace(security=Protection.parse(security))], [], "0.1"))
    assert texts(place, "styleUrl") == [style]


@given(st.lists(ROWS, max_size=4), TRACKS)
def test_whatever_is_in_it(rows: list[SightingRow], track: list[Position]) -> None:
    found = marks(write(rows, track, "0.1"))
    for row, place in zip(rows, found[: len(rows)], strict=True):
        assert texts(place, "name") == [label(row)]
        assert texts(place, "*/Data/value")[:-1] == [value for _, value in facts(row)]
        east, north = map(float, texts(place, "Point/coordinates")[0].split(","))
        assert (abs(east - row.longitude) < 1e-6, abs(north - row.latitude) < 1e-6) == (True, True)
        (begin,), (end,) = texts(place, "TimeSpan/begin"), texts(place, "TimeSpan/end")
        assert begin <= end
    points = [point for way in found[len(rows) :] for point in texts(way, "LineString/coordinates")[0].split()]
    assert len(points) == len(track)
