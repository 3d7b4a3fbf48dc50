"""KML 2.2 (OGC 07-147r2): a place mark for each access point, at its averaged position, and the way."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from whimbrel.exporting.common import degrees, facts, iso, label, parts
from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.wifi.security import Protection

_STYLES = {"open": "ff2020d0", "weak": "ff20a0ff", "protected": "ff40a040"}
"""Colours, as alpha, blue, green, red."""
_WEAK = Protection.WEP | Protection.WPA


def write(rows: Iterable[SightingRow], track: Iterable[Position], release: str) -> str:
    """Return the file; `release` is the version of this program."""
    root = Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = SubElement(root, "Document")
    _text(document, "name", f"Whimbrel {release}")
    for name, colour in _STYLES.items():
        style = SubElement(SubElement(document, "Style", id=name), "IconStyle")
        _text(style, "color", colour)
    for row in rows:
        _place(document, row)
    for number, part in enumerate(parts(track), 1):
        mark = SubElement(document, "Placemark")
        _text(mark, "name", f"Way {number}")
        line = SubElement(mark, "LineString")
        _text(line, "coordinates", " ".join(_coordinates(p.longitude, p.latitude, p.altitude) for p in part))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _place(document: Element, row: SightingRow) -> None:
    mark = SubElement(document, "Placemark", id=f"ap-{row.bssid.hex()}")
    _text(mark, "name", label(row))
    span = SubElement(mark, "TimeSpan")
    _text(span, "begin", iso(min(row.first, row.last)))
    _text(span, "end", iso(row.last))
    _text(mark, "styleUrl", f"#{_style(row)}")
    data = SubElement(mark, "ExtendedData")
    where = (row.strongest.latitude, row.strongest.longitude)
    for name, value in (*facts(row), ("strongest at", " ".join(map(degrees, where)))):
        _text(SubElement(data, "Data", name=name), "value", value)
    point = SubElement(mark, "Point")
    _text(point, "coordinates", _coordinates(row.longitude, row.latitude, None))


def _style(row: SightingRow) -> str:
    if row.security.is_open:
        return "open"
    return "weak" if not row.security & ~_WEAK else "protected"


def _coordinates(east: float, north: float, altitude: float | None) -> str:
    return f"{degrees(east)},{degrees(north)}{'' if altitude is None else f',{altitude:.1f}'}"


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
