"""GeoJSON (RFC 7946): a point for each access point, at its averaged position, and the way as lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from whimbrel.exporting.common import iso, parts
from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.text import mac, ssid
from whimbrel.wifi.vendors import vendor


def write(rows: Iterable[SightingRow], track: Iterable[Position], release: str) -> str:
    """Return the file; `release` is the version of this program."""
    ways = [_feature("LineString", [_place(p) for p in part], _span(part)) for part in parts(track) if len(part) > 1]
    whole = {"type": "FeatureCollection", "generator": f"Whimbrel {release}", "features": [*map(_point, rows), *ways]}
    return json.dumps(whole, allow_nan=False, indent=1) + "\n"


def _point(row: SightingRow) -> dict[str, Any]:
    properties = {
        "bssid": mac(row.bssid),
        "ssid": ssid(row.ssid),
        "ssid_hex": row.ssid.hex(),
        "vendor": vendor(row.bssid),
        "security": str(row.security),
        "channel": row.channel,
        "freq": row.freq,
        "rssi": row.rssi,
        "strongest": _place(row.strongest),
        "error": round(row.strongest.error, 1),
        "spread": round(row.spread, 1),
        "samples": row.samples,
        "first": iso(row.first),
        "last": iso(row.last),
    }
    return _feature("Point", [round(row.longitude, 7), round(row.latitude, 7)], properties)


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def _place(position: Position) -> list[float]:
    place = [round(position.longitude, 7), round(position.latitude, 7)]
    return place if position.altitude is None else [*place, round(position.altitude, 1)]


def _span(part: list[Position]) -> dict[str, str]:
    return {"first": iso(part[0].time), "last": iso(part[-1].time)}
