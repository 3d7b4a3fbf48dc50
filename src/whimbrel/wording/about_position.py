"""Sentences about the device's position."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import harmless, printable
from whimbrel.wording.quantities import count

if TYPE_CHECKING:
    from whimbrel.events import position
    from whimbrel.geo import Position


def coordinates(place: Position) -> str:
    """Return a position with five decimals, about a metre: ``59.32932 N, 18.06858 E, ±8 m``."""
    north, east = place.latitude, place.longitude
    latitude = f"{abs(north):.5f} {'S' if north < 0 else 'N'}"
    longitude = f"{abs(east):.5f} {'W' if east < 0 else 'E'}"
    return f"{latitude}, {longitude}, ±{place.error:.0f} m"


def _position_changed(body: position.PositionChanged) -> str:
    zones = f", in {printable(', '.join(zone.name for zone in body.zones))}" if body.zones else ""
    satellites = f", by {count(body.satellites, 'satellite')}" if body.satellites is not None else ""
    return f"The position is {coordinates(body.position)}{satellites}{zones}"


def _position_lost(body: position.PositionLost) -> str:
    return f"The position is not known any more: {harmless(body.reason)}"


def _zones_drawn(body: position.ZonesDrawn) -> str:
    return f"Zones of the settings: {printable(', '.join(zone.name for zone in body.zones)) or 'none'}"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "position-changed": _position_changed,
    "position-lost": _position_lost,
    "zones-drawn": _zones_drawn,
}
