"""Access points and their imitators, beacon by beacon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.survey.air import AP, RATES, RSN, beacon, ds, element, tim

from whimbrel.wifi.frames import Frame

TU = 0.001024
BEGIN = 1_700_000_000.0


def elements(
    *, name: bytes = b"harbour", channel: int = 6, country: bytes = b"", extra: bytes = b"", security: bytes = RSN
) -> bytes:
    """Return the elements of a beacon; `country` is two letters."""
    told = element(7, country + b" \x01\x0d\x14") if country else b""
    return element(0, name) + RATES + ds(channel) + tim() + told + security + extra


class Sender:
    """One transmitter: its clock, its counter, its level."""

    def __init__(
        self, *, bssid: bytes = AP, up: float = 100_000.0, seq: int = 100, step: int = 1, rssi: int = -50,
        freq: int = 2437, said: bytes | None = None, drift: float = 0.0, **more: Any,
    ) -> None:  # fmt: skip
        """`up`: seconds that its clock had run at `BEGIN`; `step`: frames it numbers per beacon; `drift` in ppm."""
        self.bssid, self.up, self.seq, self.step = bssid, up, seq, step
        self.rssi, self.freq, self.drift, self.more = rssi, freq, drift, more
        self.said = elements() if said is None else said

    def beacon(self, at: float, **more: Any) -> Frame:
        """Return the beacon that it sends `at` seconds after `BEGIN`."""
        self.seq = (self.seq + self.step) & 0xFFF
        tsf = int((self.up + at) * (1 + self.drift * 1e-6) * 1e6)
        given = {"time": BEGIN + at, "seq": self.seq, "rssi": self.rssi, "freq": self.freq, **self.more, **more}
        return beacon(self.said, bssid=self.bssid, tsf=tsf, **given)

    def beacons(self, since: float, until: float, every: float = 100 * TU) -> Iterator[Frame]:
        at = since
        while at < until:
            yield self.beacon(at)
            at += every


def together(*streams: Iterator[Frame]) -> list[Frame]:
    """Return the frames of all in the order of time."""
    return sorted((frame for stream in streams for frame in stream), key=lambda frame: frame.time)
