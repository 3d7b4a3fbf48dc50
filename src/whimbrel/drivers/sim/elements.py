"""The elements of beacons, probes and associations, built by scapy, by generation and band."""

from __future__ import annotations

import functools
import struct
import zlib
from typing import NamedTuple

from whimbrel.wifi.channels import frequency

GENERATIONS = ("b", "g", "ht", "vht", "he")
"""802.11b, g/a, n, ac, ax."""


class ElementLayout(NamedTuple):
    """The channel of a radio, and its announcement."""

    band: str
    channel: int
    width: int
    generation: str

    @property
    def freq(self) -> int:
        """MHz of the primary channel."""
        return frequency(self.band, self.channel)

    @property
    def center(self) -> int:
        """Number of the channel in the middle of the whole width."""
        if self.width == 20:
            return self.channel
        if self.band == "2.4":
            return self.channel + (2 if self.channel <= 7 else -2)
        step, first = self.width // 5, 1 if self.band == "6" else 36 if self.channel < 149 else 149
        return first + (self.channel - first) // step * step + step // 2 - 2


def element(number: int, info: bytes) -> bytes:
    """Return one element."""
    from scapy.layers.dot11 import Dot11Elt

    return bytes(Dot11Elt(ID=number, info=info))


@functools.cache
def rates(band: str, generation: str) -> bytes:
    """Return Supported Rates and, where there are more than eight, Extended Supported Rates."""
    from scapy.layers.dot11 import Dot11EltRates

    if generation == "b":
        return bytes(Dot11EltRates(rates=[0x82, 0x84, 0x8B, 0x96]))
    if band != "2.4":
        return bytes(Dot11EltRates(rates=[0x8C, 0x12, 0x98, 0x24, 0xB0, 0x48, 0x60, 0x6C]))
    basic = bytes(Dot11EltRates(rates=[0x82, 0x84, 0x8B, 0x96, 0x0C, 0x12, 0x18, 0x24]))
    return basic + element(50, b"\x30\x48\x60\x6c")


def country(code: str, band: str) -> bytes:
    """Return the Country element with one run of channels (9.4.2.8)."""
    runs = {"2.4": (1, 13, 20), "5": (36, 8, 23), "6": (1, 93, 23)}
    return element(7, code.encode() + b" " + bytes(runs[band]) + (b"" if band == "5" else b"\0"))


def operation(layout: ElementLayout) -> bytes:
    """Return HT, VHT and HE capabilities and operation, as far as the generation has them."""
    out = capabilities(layout)
    if layout.generation in {"b", "g"}:
        return out
    seg0, seg1 = _segments(layout)
    if layout.band != "6":
        side = 0 if layout.width == 20 else 1 if layout.center > layout.channel else 3
        out += element(61, bytes((layout.channel, side | (4 if layout.width > 20 else 0))) + bytes(20))
        if layout.generation in {"vht", "he"} and layout.band == "5":
            out += element(192, bytes((int(layout.width >= 80), seg0, seg1)) + b"\xfc\xff")
    if layout.generation == "he":
        color = 1 + layout.channel % 62
        info = struct.pack("<I", 0x3FF4 | color << 24)[:4] + b"\xfc\xff"
        if layout.band == "6":
            info = struct.pack("<I", 0x23FF4 | color << 24) + b"\xfc\xff"
            control = {20: 0, 40: 1, 80: 2, 160: 3}[layout.width]
            info += bytes((layout.channel, control, seg0, seg1, 6))
        out += element(255, b"\x24" + info)
    return out


def _segments(layout: ElementLayout) -> tuple[int, int]:
    """Return the two channel centre fields for the width (table 9-274)."""
    if layout.width == 160:
        return layout._replace(width=80).center, layout.center
    return (layout.center if layout.width == 80 or layout.band == "6" else 0), 0


@functools.cache
def capabilities(layout: ElementLayout) -> bytes:
    """Return HT, VHT and HE capabilities, as a station sends them too."""
    wide = layout.width > 20
    out = b""
    if layout.generation in {"ht", "vht", "he"} and layout.band != "6":
        out += element(45, struct.pack("<HB", 0x09AD | 0x42 * wide, 0x17) + b"\xff\xff" + bytes(21))
    if layout.generation in {"vht", "he"} and layout.band == "5":
        out += element(191, struct.pack("<I", 0x0F8179B1) + b"\xfa\xff\0\0\xfa\xff\0\0")
    if layout.generation == "he":
        phy = bytes((0x02 if layout.band == "2.4" else 0x04 if layout.width < 160 else 0x0C,))
        extra = b"\xfa\xff\xfa\xff" if layout.width == 160 else b""
        out += element(
            255, b"\x23\x05\x00\x18\x12\x00\x10" + phy + b"\x20\x02\xc0\x0d" + bytes(6) + b"\xfa\xff\xfa\xff" + extra
        )
        if layout.band == "6":
            out += element(255, b"\x3b\x3f\x36")
    return out


def bss_load(stations: int, utilisation: int) -> bytes:
    """Return the BSS Load element (9.4.2.27); `utilisation` in 255ths."""
    return element(11, struct.pack("<HBH", stations, utilisation, 31250))


def mobility_domain(identifier: int) -> bytes:
    """Return the Mobility Domain element: fast transition over the air (9.4.2.46)."""
    return element(54, struct.pack("<HB", identifier, 0))


def neighbour_report(neighbours: list[tuple[ElementLayout, bytes, bytes]]) -> bytes:
    """Return a Reduced Neighbor Report (9.4.2.170) of (layout, BSSID, SSID), all on 6 GHz."""
    body = b""
    for layout, bssid, ssid in neighbours:
        operating_class = {20: 131, 40: 132, 80: 133, 160: 134}[layout.width]
        entry = b"\xff" + bssid + struct.pack("<I", zlib.crc32(ssid)) + b"\x40\xfe"
        body += struct.pack("<H", len(entry) << 8) + bytes((operating_class, layout.channel)) + entry
    return element(201, body)


@functools.cache
def wmm() -> bytes:
    """Return Microsoft's WMM parameter element with its usual values."""
    return element(221, bytes.fromhex("0050f2020101800003a4000027a4000042435e0062322f00"))


def wps(name: str) -> bytes:
    """Return Wi-Fi Simple Configuration's element of a configured access point: version, state, device name."""
    parts = [(0x104A, b"\x10"), (0x1044, b"\x02"), (0x1011, name.encode()), (0x1008, b"\x21\x08"), (0x103C, b"\x03")]
    return element(221, b"\0\x50\xf2\x04" + b"".join(struct.pack(">HH", *(kind, len(v))) + v for kind, v in parts))


def channel_switch(number: int, count: int) -> bytes:
    """Return the Channel Switch Announcement element (9.4.2.18): to channel `number` in `count` beacons."""
    return element(37, bytes((1, number, count)))
