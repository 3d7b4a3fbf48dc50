"""GPX 1.1 (https://www.topografix.com/GPX/1/1/): a waypoint for each access point, and the track. The schema requires
this order of elements.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from whimbrel.exporting.common import degrees, facts, iso, label, parts
from whimbrel.geo import Position
from whimbrel.rows import SightingRow


def write(rows: Iterable[SightingRow], track: Iterable[Position], release: str) -> str:
    """Return the file; `release` is the version of this program."""
    root = Element("gpx", version="1.1", creator=f"Whimbrel {release}", xmlns="http://www.topografix.com/GPX/1/1")
    for row in rows:
        point = SubElement(root, "wpt", lat=degrees(row.latitude), lon=degrees(row.longitude))
        _text(point, "time", iso(row.last))
        _text(point, "name", label(row))
        _text(point, "desc", ", ".join(f"{name}: {value}" for name, value in facts(row) if value))
        _text(point, "type", "Wi-Fi access point")
    segments = parts(track)
    if segments:
        way = SubElement(root, "trk")
        for segment in segments:
            made = SubElement(way, "trkseg")
            for position in segment:
                _point(made, position)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _point(segment: Element, position: Position) -> None:
    point = SubElement(segment, "trkpt", lat=degrees(position.latitude), lon=degrees(position.longitude))
    if position.altitude is not None:
        _text(point, "ele", f"{position.altitude:.1f}")
    _text(point, "time", iso(position.time))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
