"""A usual air for the screen, and an OLED on a bus that takes everything and counts its octets."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from whimbrel.drivers.panel.oled import OledPanel
from whimbrel.drivers.panel.settings import OledSettings
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

NETWORKS = 20
STATIONS = 40
HEARD = 6
"""Networks, and as many stations, that a hopping radio hears in the half second between two snapshots."""
SECONDS = 20
"""For how long the screen is watched at its usual rate."""
HALF_SECOND, SNAPSHOT = "half a second heard", "half a second heard and a snapshot made"
"""Names of two cases, one of which is part of the other."""
_DOT11 = 105
# Rates, channel, TIM, and RSN, as every access point sends them.
_ELEMENTS = bytes.fromhex("010882848b960c121824 030106 050400010000 30140100000fac040100000fac040100000fac020000")


class Octets:
    """The octets sent on the bus."""

    sent = 0


def beacon(number: int, time: float) -> Frame:
    """Return a beacon of network `number`."""
    name = b"Network %02d" % number
    clock = round(time * 1e6) + (number << 40)  # each was started at another time
    body = clock.to_bytes(8, "little") + b"\x64\0\x11\0\0" + bytes((len(name),)) + name + _ELEMENTS
    return _heard(b"\x80\0\0\0" + b"\xff" * 6 + _network(number) * 2 + b"\0\0" + body, number, time)


def data(number: int, time: float) -> Frame:
    """Return a data frame of station `number` to its network."""
    network = _network(number % NETWORKS)
    station = b"\x00\x1d\x7e\x10\x00" + bytes((number,))
    return _heard(b"\x88\x01\0\0" + network + station + network + bytes(4) + bytes(60), number, time)


def heard(turn: int, time: float) -> list[Frame]:
    """Return the frames heard between two snapshots: different ones for each `turn`."""
    numbers = range(turn * HEARD, (turn + 1) * HEARD)
    return [
        frame
        for number in numbers
        for frame in (beacon(number % NETWORKS, time), data(number % STATIONS, time))
    ]  # fmt: skip


def everything(time: float) -> list[Frame]:
    """Return the frames that make the whole air known."""
    return [beacon(number, time) for number in range(NETWORKS)] + [data(number, time) for number in range(STATIONS)]


def plug_in() -> OledPanel:
    """Return a panel, not opened yet, on a bus that takes everything."""
    sys.modules.setdefault("spidev", ModuleType("spidev"))
    import smbus2

    class Bus:
        def __init__(self, _port: int) -> None:
            pass

        def write_i2c_block_data(self, _address: int, _register: int, values: list[int]) -> None:
            Octets.sent += 2 + len(values)

        def i2c_rdwr(self, message: Any) -> None:
            Octets.sent += 1 + message.len

        def close(self) -> None:
            pass

    smbus2.SMBus = Bus  # type: ignore[assignment, misc]
    OledSettings.node = "/dev/null"  # type: ignore[assignment, method-assign]
    return OledPanel(OledSettings())


def _network(number: int) -> bytes:
    return b"\x00\x22\x33\x44\x55" + bytes((number,))


def _heard(raw: bytes, number: int, time: float) -> Frame:
    frame = parse(_DOT11, (time, raw, len(raw)))
    frame.rssi = -40 - number
    return frame
