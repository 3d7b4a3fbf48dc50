"""What stations do in any benign air: come, talk, sleep, and leave in the ways in which stations leave."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building.air import Air
from tools.wids_benchmark.building.exchanges import exchange, traffic
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.stations import Station

GENERATIONS = ("n", "n", "ac", "ax", "ax", "g")


def chatter(ap: AccessPoint, end: float, every: float = 2.0, start: float = 0.0) -> None:
    """Let an access point send frames to everyone now and then."""
    rng = ap.air.rng
    at = start + rng.expovariate(1 / every)
    while at < end:
        ap.group_data(at)
        at += rng.expovariate(1 / every)


def resident(air: Air, ap: AccessPoint, end: float, *, level: float | None = None, rate: float = 1.0) -> Station:
    """Let a station be there all the time, which had joined before."""
    rng = air.rng
    station = Station(
        air, addresses.device(rng), level or rng.uniform(-75, -50), ap, generation=rng.choice(GENERATIONS)
    )
    station.up_packets.value, station.down_packets.value = rng.randrange(1_000_000), rng.randrange(1_000_000)
    traffic(station, 0, end, rate=rate)
    return station


def visits(station: Station, end: float, *, stay: float, away: float, rate: float = 1.0) -> None:
    """Let a station come and go: it stays and is away so many seconds on average."""
    rng = station.air.rng
    at = rng.expovariate(1 / away)
    while at < end - 20:
        station.probe(at)
        begun = station.join(at + 0.3)
        gone = min(end, begun + 5 + rng.expovariate(1 / stay))
        traffic(station, begun, gone, rate=rate)
        farewell(station, gone)
        at = gone + 15 + rng.expovariate(1 / away)


def farewell(station: Station, at: float) -> None:
    """Leave: with a frame, without one, or in a way that the access point answers."""
    ways = (_says, _says, _vanishes, _vanishes, _is_thrown_out, _goes_on)
    station.air.rng.choice(ways)(station, at)


def _says(station: Station, at: float) -> None:
    station.leave(at, reason=station.air.rng.choice((3, 3, 8)))


def _vanishes(_station: Station, _at: float) -> None:
    return


def _is_thrown_out(station: Station, at: float) -> None:
    """The access point throws it out for inactivity, a few times, as nobody acknowledges."""
    body = struct.pack("<H", 4)
    if station.pmf:
        station.manage_down(at + 5, Management.DEAUTHENTICATION, body, protected=True)
        return
    station.manage_down(at + 5, Management.DEAUTHENTICATION, body)
    for number in range(1, station.air.rng.choice((1, 3, 6))):
        station.air.repeat(station.air.sent[-2], at + 5 + 0.004 * number)


def _goes_on(station: Station, at: float) -> None:
    """It leaves, but frames of its queue follow, each of which is answered with reason 6 or 7 in clear."""
    station.leave(at)
    for number in range(station.air.rng.choice((1, 2, 3))):
        late = exchange(station, at + 0.05 + 0.1 * number, up=True, retries=0)
        station.manage_down(
            late + 0.002, Management.DEAUTHENTICATION, struct.pack("<H", station.air.rng.choice((6, 7)))
        )


def restart(ap: AccessPoint, at: float, stations: list[Station]) -> float:
    """Restart an access point after a deauthentication of everyone; return when it beacons again, with a new clock."""
    rng = ap.air.rng
    for _ in range(rng.choice((1, 2))):
        ap.manage(at, Management.DEAUTHENTICATION, mac.EVERYONE, struct.pack("<H", 3))
        at += 0.05
    back = at + rng.uniform(25, 60)
    ap.up = -back + 1.0
    for station in stations:
        station.join(back + 2 + rng.uniform(0, 8))
    return back
