"""Data between a station and its access point: one exchange at a time, with what protects and acknowledges it."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building import mac
from tools.wids_benchmark.building.air import Counter, Phy, Radio
from tools.wids_benchmark.building.stations import Station


def sealed(size: int, station: Station, *, key: int = 0x20) -> bytes:
    """Return the body of an encrypted data frame of `size` octets, with room for its packet number."""
    return bytes([0, 0, 0, key, 0, 0, 0, 0]) + station.air.rng.randbytes(size + 8)


def plain(size: int, station: Station) -> bytes:
    """Return the body of a data frame of an open network: UDP to the discard port, correct in itself."""
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, station.air.rng.randrange(65536), 0, 64, 17, 0)
    header += bytes([192, 168, 7, station.address[5]]) + bytes([192, 168, 7, 1])
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + header[12:]
    return mac.RFC1042 + mac.IPV4 + header + struct.pack(">HHHH", 40000, 9, size, 0) + bytes(max(0, size - 8))


def exchange(
    station: Station, at: float, *, up: bool, frames: int = 1, reserve: int = 0, retries: float = 0.08
) -> float:
    """Send `frames` data frames as one aggregate; return the time after it.

    `reserve` in microseconds: where it is more than zero, RTS and CTS protect the exchange for so long.
    """
    air, ap = station.air, station.ap
    sender: Radio = station if up else ap
    receiver: Radio = ap if up else station
    own, other = (station.address, ap.bssid) if up else (ap.bssid, station.address)
    legacy = 24.0
    if reserve:
        air.send(sender, at, mac.rts(other, own, reserve), rate=legacy)
        air.send(receiver, at + 0.00005, mac.cts(own, max(0, reserve - 50)), rate=legacy)
        at += 0.0001
    data_frames(station, at, up=up, frames=frames)
    at += 0.0002 * frames + 0.0002
    if frames > 1 or station.phy is Phy.HE:
        counter = numbers(station, up=up)
        air.send(receiver, at, lambda: mac.block_ack(own, other, 0, counter.value - frames + 1), rate=legacy)
    elif air.rng.random() < retries:
        air.repeat(air.sent[-1], at + 0.0005)
        air.send(receiver, at + 0.001, mac.ack(own), rate=legacy)
        at += 0.001
    else:
        air.send(receiver, at, mac.ack(own), rate=legacy)
    return at + 0.0001


def numbers(station: Station, *, up: bool) -> Counter:
    """Return the counter of the data's sequence numbers in one direction (TID 0)."""
    return station.counter("0") if up else station.ap.counter(f"0 {station.address.hex()}")


def data_frames(station: Station, at: float, *, up: bool, frames: int) -> None:
    """Send data frames without their acknowledgement."""
    air, ap = station.air, station.ap
    counter = numbers(station, up=up)
    packets = station.up_packets if up else station.down_packets
    gateway = ap.bssid[:5] + bytes([ap.bssid[5] ^ 1])
    encrypted = bool(ap.protection.akms)
    for number in range(frames):
        size = air.rng.choice((60, 90, 250, 400))
        body = sealed(size, station) if encrypted else plain(size, station)
        flags = mac.PROTECTED if encrypted else 0
        if up:
            frame = mac.to_ap(ap.bssid, station.address, gateway, body, flags=flags, tid=0)
        else:
            frame = mac.from_ap(station.address, ap.bssid, gateway, body, flags=flags, tid=0)
        air.send(
            station if up else ap,
            at + 0.0002 * number,
            frame,
            phy=station.phy,
            rate=24.0 if station.phy is Phy.LEGACY else air.rng.choice((3, 4, 5, 7)),
            sequence=counter,
            packet_number=packets if encrypted else None,
        )


def traffic(station: Station, start: float, end: float, *, rate: float = 1.5, reserve: int = 0) -> None:
    """Exchange data from `start` to `end`, `rate` times a second on average, in bursts with pauses between them.

    Between bursts the station sleeps: it says so by null frames with the power save bit (9.2.4.1.7).
    """
    rng = station.air.rng
    at = start + rng.uniform(0, 1 / rate)
    while at < end:
        length = rng.expovariate(1 / 3.0)
        stop = min(end, at + length)
        while at < stop:
            frames = rng.choice((1, 1, 2, 4)) if station.phy is not Phy.LEGACY else 1
            held = 0
            if station.phy is Phy.HE and rng.random() < 0.5:
                held = reserve or rng.choice((620, 1800, 3200, 5100))
            at = exchange(station, at, up=rng.random() < 0.4, frames=frames, reserve=held)
            at += rng.expovariate(rate * 2)
        if stop < end:
            doze(station, at)
        at += rng.expovariate(1 / 3.0)


def doze(station: Station, at: float) -> None:
    """Say that the station sleeps from now on, and wake up 0.2 s later for what waits."""
    bssid, own = station.ap.bssid, station.address
    for delay, flags in ((0.0, mac.POWER_SAVE), (0.2, 0)):
        station.up(at + delay, mac.to_ap(bssid, own, bssid, b"", flags=flags, subtype=4))
