"""Small scenes, and helpers for their frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whimbrel.drivers.sim import library, world
from whimbrel.drivers.sim.world import World
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import RADIOTAP, parser_for

START = 1_000_000.0

_RADIO = (
    "{{name: ap, channel: {channel}, band: {band}, generation: {generation}, position: [3, 1], networks: [{networks}]}}"
)


def one(
    security: str = "wpa2-psk",
    *,
    band: str = "2.4",
    channel: int = 6,
    generation: str = "ht",
    station: str = "",
    more: str = "",
) -> str:
    """Return a scene with one network and, where `station` says more of it, one station."""
    network = f"{{ssid: net, security: {security}}}"
    radio = _RADIO.format(channel=channel, band=band, generation=generation, networks=network)
    client = f"{{name: sta, network: net, generation: {generation}, bands: [{band}], position: [1, 1], {station}}}"
    return f"radios: [{radio}]\nstations: [{client if station else ''}]\n{more}"


def build(text: str, seed: int = 1, **options: float) -> World:
    """Build the world of a scene given as YAML."""
    return world.build(library.parse(text, "test.yaml"), seed, start=START, **options)  # type: ignore[arg-type]


def parsed(records: Iterable[CaptureRecord]) -> Iterator[Frame]:
    """Parse records as the sniffer does."""
    parse = parser_for(RADIOTAP)
    return (parse(record) for record in records)


def play(text: str, seconds: float, seed: int = 1) -> list[Frame]:
    """Return everything that is heard of a scene, parsed."""
    return list(parsed(build(text, seed).air.until(seconds)))
