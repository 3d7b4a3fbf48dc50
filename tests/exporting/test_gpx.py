from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st
from tests.exporting.places import ROW, ROWS, TRACKS, WAY

from whimbrel.exporting.common import label
from whimbrel.exporting.gpx import write
from whimbrel.geo import Position
from whimbrel.rows import SightingRow

ORDER = ["ele", "time", "name", "desc", "type"]
"""Of the elements in a wptType of the schema, those that are used."""


def read(text: str) -> tuple[list[Element], list[list[Element]]]:
    """Return way points and segments, as a reader that holds to the schema."""
    root = fromstring(text)
    assert root.tag == "{http://www.topografix.com/GPX/1/1}gpx"
    assert root.get("version") == "1.1"
    kinds = [local(child) for child in root]
    assert kinds == sorted(kinds, key=["wpt", "trk"].index)
    for point in root.iter():
        if local(point) in {"wpt", "trkpt"}:
            inside = [local(child) for child in point]
            assert inside == [name for name in ORDER if name in inside]
            assert -90 <= float(point.attrib["lat"]) <= 90
            assert -180 <= float(point.attrib["lon"]) <= 180
    return [child for child in root if local(child) == "wpt"], [
        list(part) for part in root.iter() if local(part) == "trkseg"
    ]


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def text_of(element: Element, name: str) -> str:
    return next(child.text or "" for child in element if local(child) == name)


def test_a_file() -> None:
    (place,), segments = read(write([ROW], WAY, "0.1"))
    assert (place.get("lat"), place.get("lon")) == ("59.3294000", "18.0687000")
    assert text_of(place, "name") == "Café, 🦆"
    assert "security: WPA2/WPA3-Personal" in text_of(place, "desc")
    assert [[text_of(point, "time") for point in part] for part in segments] == [
        ["2026-06-28T12:00:00Z", "2026-06-28T12:00:10Z"],
        ["2026-06-28T12:05:00Z", "2026-06-28T12:05:10Z"],
    ]


@given(st.lists(ROWS, max_size=4), TRACKS)
def test_whatever_is_in_it(rows: list[SightingRow], track: list[Position]) -> None:
    places, segments = read(write(rows, track, "0.1"))
    assert [text_of(place, "name") for place in places] == [label(row) for row in rows]
    assert sum(map(len, segments)) == len(track)
