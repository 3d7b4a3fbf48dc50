"""Frames of invented networks and stations, as a monitor interface would deliver them, for the pictures."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import NamedTuple

from whimbrel.drivers.sim import elements, frames
from whimbrel.drivers.sim.elements import ElementLayout
from whimbrel.drivers.sim.security import SECURITY
from whimbrel.drivers.sim.security import elements as security_elements
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import band_of, channel_number

_HEADER = struct.Struct("<BBHIBBHHb")
"""Radiotap with flags, rate, channel and antenna signal."""
_PRESENT = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5
_SPAN = 34.0
"""Seconds of hearing each: a little more than a signal's graph shows."""
_PAUSE = 0.3
_FAST = 108
"""Half Mb/s of data frames: 54 Mb/s."""
_STARTED = 788_523.0
"""Seconds that access points have been up."""
_APPROACH = 28.0
"""dB by which an approaching device gets louder meanwhile."""


class Network(NamedTuple):
    """An access point."""

    bssid: str
    name: str | bytes
    freq: int
    rssi: int
    """dBm at the end."""
    security: str
    """As in a scene of the simulated air."""
    load: int
    """The announced number of stations."""
    ago: float
    """Seconds since it was last heard."""
    closer: bool = False
    """Whether the listener walks towards it."""
    hidden: bool = False


class Client(NamedTuple):
    """A station."""

    address: str
    bssid: str | None
    freq: int
    rssi: int
    probed: tuple[str, ...]
    frames: int
    """Data frames that it sends."""
    ago: float
    closer: bool = False


def octets(address: str) -> bytes:
    """Return an address in octets."""
    return bytes.fromhex(address.replace(":", ""))


def beacon(network: Network) -> bytes:
    """Return a beacon of a network, its times and numbers still 0."""
    band, security = band_of(network.freq), SECURITY[network.security]
    layout = ElementLayout(
        band, channel_number(network.freq), 20 if band == "2.4" else 80, {"2.4": "ht", "5": "vht", "6": "he"}[band]
    )
    name = network.name.encode() if isinstance(network.name, str) else network.name
    told = elements.element(0, b"" if network.hidden else name) + elements.rates(band, layout.generation)
    if band == "2.4":
        told += elements.element(3, bytes((layout.channel,)))
    told += elements.element(5, b"\0\3\0\0") + elements.country("DE", band) + security_elements(security)
    told += elements.bss_load(network.load, 79) + elements.operation(layout)
    if network.security == "wpa2-psk":
        told += elements.wps(str(network.name))
    cap = frames.capability(private=security.private, band=band)
    return frames.beacon(octets(network.bssid), 100, cap, told)


def announced(network: Network, now: float) -> Iterator[CaptureRecord]:
    """Yield the beacons of a network for half a minute."""
    template = bytearray(beacon(network))
    for number, (at, rssi) in enumerate(_levels(network.rssi, now - network.ago, closer=network.closer)):
        template[22:24] = (number % 4096 << 4).to_bytes(2, "little")
        template[24:32] = round((_STARTED + at - now) * 1e6).to_bytes(8, "little")
        yield captured(bytes(template), at, network.freq, rssi)


def sent(client: Client, now: float) -> Iterator[CaptureRecord]:
    """Yield the probes and frames of a station for half a minute."""
    address = octets(client.address)
    asks = [
        frames.probe_request(address, elements.element(0, name.encode()) + elements.rates("2.4", "ht"))
        for name in ("", *client.probed)
    ]
    sends = b""
    if client.bssid is not None:
        third = octets(client.bssid)[:5] + b"\x77"
        payload = b"\1\0\0\x20\0\0\0\0" + bytes(1400)
        sends = frames.data(octets(client.bssid), address, third, payload, up=True, qos=True)
    left = client.frames
    for number, (at, rssi) in enumerate(_levels(client.rssi, now - client.ago, closer=client.closer)):
        if left and sends:
            left -= 1
            yield captured(sends, at, client.freq, rssi, _FAST)
        else:
            yield captured(asks[number % len(asks)], at, client.freq, rssi)


def captured(mpdu: bytes, at: float, freq: int, rssi: int, rate: int = 0) -> CaptureRecord:
    """Return a frame with a capture header; `rate` in half Mb/s, 0 for the slowest of the band."""
    slow = freq < 5000
    header = _HEADER.pack(
        0, 0, _HEADER.size, _PRESENT, 0, rate or (2 if slow else 12), freq, 0x80 if slow else 0x100, rssi
    )
    raw = header + mpdu
    return (at, raw, len(raw))


def _levels(near: int, end: float, *, closer: bool) -> Iterator[tuple[float, int]]:
    """Yield when something is heard, and how loud: with a wobble, and louder from one to the next if `closer`."""
    for i in range(round(_SPAN / _PAUSE) + 1):
        at = end - _SPAN + _PAUSE * i
        wobble = (3.1 if closer else 1.2) * math.sin(i * 0.9) + (2.0 if closer else 0.8) * math.sin(i * 0.37)
        yield at, round(near - (_APPROACH * (end - at) / _SPAN if closer else 0) + wobble)
