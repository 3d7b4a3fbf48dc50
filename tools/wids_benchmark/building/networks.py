"""Access points: beacons by their own clock, probe responses, frames to groups."""

from __future__ import annotations

import struct
from collections.abc import Callable

from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building import mac
from tools.wids_benchmark.building.air import Air, Counter, Phy, Radio
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.security import WPA2, Protection

TIME_UNIT = 1024e-6
PHYS = {"g": Phy.LEGACY, "n": Phy.HT, "ac": Phy.VHT, "ax": Phy.HE, "be": Phy.HE}


def frequency(channel: int) -> int:
    """Return the frequency in MHz of a channel at 2.4 or 5 GHz."""
    return 2407 + 5 * channel if channel < 14 else 5000 + 5 * channel


class AccessPoint(Radio):
    """One BSS. `up` is for how long it has been running at the start, in seconds; `drift` in parts per million."""

    def __init__(
        self,
        air: Air,
        ssid: bytes,
        bssid: bytes,
        channel: int,
        level: float,
        protection: Protection = WPA2,
        *,
        generation: str = "n",
        up: float | None = None,
        interval: int = 100,
        code: bytes = b"DE",
        wps: bool = False,
        extra: bytes = b"",
        hidden: bool = False,
    ) -> None:
        super().__init__(air.rng, level, frequency(channel))
        self.air, self.ssid, self.bssid, self.channel, self.protection = air, ssid, bssid, channel, protection
        self.generation, self.interval, self.code, self.wps, self.extra = generation, interval, code, wps, extra
        self.hidden = hidden
        self.up = air.rng.uniform(3e3, 3e6) if up is None else up
        self.drift = air.rng.uniform(-18, 18)
        self.group_packets = Counter(air.rng.randrange(1000, 1_000_000))
        self.announcing: Callable[[float], bytes] | None = None
        """Elements that a beacon has besides, by its time."""
        self._aid = 0

    @property
    def phy(self) -> Phy:
        """How it sends data."""
        return PHYS[self.generation]

    def timestamp(self, at: float) -> int:
        """Return its timing synchronisation function in microseconds."""
        return round((at + self.up) * 1e6 * (1 + self.drift * 1e-6)) & 0xFFFFFFFFFFFFFFFF

    def capabilities(self) -> int:
        """Return the capability information, 9.4.1.4."""
        return 0x0401 | (0x0010 if self.protection.privacy else 0)

    def elements(self, at: float, *, beacon: bool) -> bytes:
        """Return the elements of a beacon or of a probe response."""
        b = self.channel < 14
        name = b"" if self.hidden and beacon else self.ssid
        body = el.ssid(name) + el.rates(b=b) + el.element(3, bytes([self.channel]))
        if beacon:
            beacons = round((at + self.up) / (self.interval * TIME_UNIT))
            body += el.tim(beacons % 2)
        body += el.country(self.code, first=1 if b else 36, channels=13 if b else 4) + el.element(42, b"\0") * b
        body += self.protection.elements()
        if self.generation != "g":
            body += el.ht(self.channel)
        body += el.extended_capabilities()
        if self.generation in {"ac", "ax", "be"}:
            body += el.vht()
        if self.generation in {"ax", "be"}:
            body += el.he(access_point=True)
        body += el.wmm() if self.generation != "g" else b""
        body += el.wps() if self.wps else b""
        if self.announcing is not None:
            body += self.announcing(at)
        return body + self.extra

    def announcement(self, at: float, *, beacon: bool) -> bytes:
        """Return the body of a beacon or probe response, 9.3.3.2."""
        head = struct.pack("<QHH", self.timestamp(at), self.interval, self.capabilities())
        return head + self.elements(at, beacon=beacon)

    def beacons(self, start: float, end: float, *, share: float = 1.0) -> None:
        """Send beacons from `start` to `end`; of them a `share` reaches the ear."""
        step = self.interval * TIME_UNIT
        number = int((start + self.up) / step) + 1
        rng = self.air.rng
        while (at := number * step - self.up) < end:
            number += 1
            if share < 1 and rng.random() > share:
                self.counter().next()
                continue
            at += rng.expovariate(1 / 0.0006)
            self.manage(at, Management.BEACON, mac.EVERYONE, self.announcement(at, beacon=True))

    def manage(self, at: float, subtype: int, to: bytes, body: bytes) -> None:
        """Send a management frame; one station acknowledges it."""
        rate = 1.0 if self.channel < 14 else 6.0
        frame = mac.management(subtype, to, self.bssid, self.bssid, body, duration=0 if to[0] & 1 else 314)
        self.air.send(self, at, frame, sequence=self.counter(), rate=rate)

    def answer_probe(self, at: float, station: bytes, *, tries: int = 1) -> None:
        """Send a probe response, and again where it is not acknowledged."""
        frame = mac.management(
            Management.PROBE_RESPONSE,
            station,
            self.bssid,
            self.bssid,
            self.announcement(at, beacon=False),
            duration=314,
        )
        sent = self.air.send(self, at, frame, sequence=self.counter(), rate=1.0)
        for number in range(1, tries):
            self.air.repeat(sent, at + number * 0.004)

    def group_data(self, at: float) -> None:
        """Send a frame to everyone: ARP or multicast DNS of the wired side, encrypted where the network is."""
        rng = self.air.rng
        source = self.bssid[:5] + bytes([self.bssid[5] ^ 1])
        to = rng.choice((mac.EVERYONE, bytes.fromhex("01005e0000fb")))
        if self.protection.akms:
            body = bytes([0, 0, 0, 0x60, 0, 0, 0, 0]) + rng.randbytes(rng.choice((44, 120, 250)))
            frame = mac.from_ap(to, self.bssid, source, body, flags=mac.PROTECTED)
            self.air.send(self, at, frame, sequence=self.counter(), packet_number=self.group_packets, rate=1.0)
        elif not self.protection.privacy:
            body = mac.RFC1042 + mac.ARP + bytes.fromhex("0001080006040001") + source + rng.randbytes(20)
            self.air.send(self, at, mac.from_ap(to, self.bssid, source, body), sequence=self.counter(), rate=1.0)

    def next_aid(self) -> int:
        """Return the next association identifier."""
        self._aid += 1
        return self._aid
