from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.exporting.places import ROW, ROWS, TRACKS, WAY

from whimbrel.exporting.geojson import write
from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.text import ssid


def refuse(constant: str) -> None:
    raise ValueError(constant)


def features(text: str) -> list[dict[str, Any]]:
    whole = json.loads(text, parse_constant=refuse)
    assert whole["type"] == "FeatureCollection"
    found: list[dict[str, Any]] = whole["features"]
    assert {feature["type"] for feature in found} <= {"Feature"}
    return found


def test_a_file() -> None:
    place, first, _second = features(write([ROW], WAY, "0.1"))
    assert place["geometry"] == {"type": "Point", "coordinates": [18.0687, 59.3294]}
    assert place["properties"] == {
        "bssid": "02:11:22:33:44:55", "ssid": "Café, 🦆", "ssid_hex": ROW.ssid.hex(), "vendor": "",
        "security": "WPA2/WPA3-Personal", "channel": 36, "freq": 5180, "rssi": -61,
        "strongest": [18.0686, 59.3293, 28.0], "error": 8.1, "spread": 12.3, "samples": 3,
        "first": "2026-06-28T12:00:00Z", "last": "2026-06-28T12:01:00Z",
    }  # fmt: skip
    assert first["geometry"] == {
        "type": "LineString",
        "coordinates": [[18.0686, 59.0, 28.0], [18.0686, 59.0001, 28.0]],
    }
    assert first["properties"] == {"first": "2026-06-28T12:00:00Z", "last": "2026-06-28T12:00:10Z"}


def test_a_way_of_one_point_is_no_line() -> None:
    assert features(write([], WAY[:1], "0.1")) == []


@given(st.lists(ROWS, max_size=4), TRACKS)
def test_whatever_is_in_it(rows: list[SightingRow], track: list[Position]) -> None:
    found = features(write(rows, track, "0.1"))
    for row, place in zip(rows, found[: len(rows)], strict=True):
        assert (place["properties"]["ssid"], bytes.fromhex(place["properties"]["ssid_hex"])) == (
            ssid(row.ssid),
            row.ssid,
        )
        east, north = place["geometry"]["coordinates"]
        assert -180 <= east <= 180
        assert -90 <= north <= 90
    for line in found[len(rows) :]:
        assert len(line["geometry"]["coordinates"]) >= 2  # RFC 7946, 3.1.4
