"""The traffic of connected devices, as bursts that end within seconds."""

from __future__ import annotations

from collections.abc import Callable

from whimbrel.drivers.sim.access_point import SIFS
from whimbrel.drivers.sim.link import PAYLOADS, StationLink
from whimbrel.drivers.sim.medium import Life

_SMALL, _VOICE, _MIDDLE, _LARGE = PAYLOADS
_AGGREGATE = 16
"""Frames sent at once, acknowledged together."""


def burst(link: StationLink, habit: str, volume: float) -> Life:
    """Perform `habit` once; `volume` scales the amount."""
    yield from _HABITS[habit](link, volume)


def transfer(link: StationLink, frames: int, *, up: bool) -> Life:
    """Send `frames` large frames one way, aggregated and reserved by RTS and CTS where both sides can."""
    air, kit, freq = link.air, link.kit, link.bss.freq
    sender, receiver = (link.station, link.bss) if up else (link.bss, link.station)
    flow = link.up_flow if up else link.down_flow
    template = link.data(_LARGE, up=up)
    if not kit.qos:
        for _ in range(frames):
            yield from link.exchange(up, template, flow)
            yield link.rng.randrange(200, 2500)
        return
    rts, cts = link.own((up, kit.rts[up])), link.own((not up, kit.cts[up]))
    reply = link.own((not up, kit.block_ack[up]))
    while frames > 0:
        some = min(frames, _AGGREGATE)
        frames -= some
        air.send(sender, rts, freq)
        yield rts.airtime + SIFS
        air.send(receiver, cts, freq)
        yield cts.airtime + SIFS
        for _ in range(some):
            air.send(sender, template, freq, flow)
            yield max(20, template.airtime - 40)
        yield SIFS
        air.send(receiver, reply, freq)
        yield link.rng.randrange(1500, 12_000)


def wake(link: StationLink, *, up: bool) -> Life:
    """Announce to the access point that the station is awake, or goes back to sleep."""
    kit = link.kit
    yield from link.exchange(True, link.own((True, kit.awake if up else kit.asleep)))
    link.bss.asleep = max(0, link.bss.asleep + (-1 if up else 1))


def _fetch(link: StationLink) -> Life:
    """Request one frame kept by the access point, and stay asleep (PS-Poll)."""
    poll = link.own((True, link.kit.poll)).patched(2, link.aid.to_bytes(2, "little"))
    link.air.send(link.station, poll, link.bss.freq)
    yield poll.airtime + SIFS
    yield from link.exchange(False, link.data(_SMALL, up=False), link.down_flow)
    yield link.rng.randrange(50_000, 400_000)


def _asleep(link: StationLink, volume: float) -> Life:
    yield link.rng.randrange(8_000_000, 30_000_000)
    for _ in range(link.rng.randrange(3)):
        yield from _fetch(link)
    yield from wake(link, up=True)
    yield from link.exchange(False, link.data(_SMALL, up=False), link.down_flow)
    yield from wake(link, up=False)


def _idle(link: StationLink, volume: float) -> Life:
    yield from wake(link, up=True)
    for _ in range(link.rng.randint(1, 4)):
        yield from link.exchange(True, link.data(_SMALL, up=True), link.up_flow)
        yield link.rng.randrange(5000, 40_000)
        yield from link.exchange(False, link.data(_MIDDLE, up=False), link.down_flow)
    yield from wake(link, up=False)
    yield round(link.rng.expovariate(1 / 9e6)) + 200_000


def _browse(link: StationLink, volume: float) -> Life:
    yield from wake(link, up=True)
    for _ in range(link.rng.randint(1, 3)):
        yield from link.exchange(True, link.data(_MIDDLE, up=True), link.up_flow)
        yield link.rng.randrange(20_000, 90_000)
        yield from transfer(link, 1 + round(volume * link.rng.randint(6, 40)), up=False)
    yield from wake(link, up=False)
    yield round(link.rng.expovariate(1 / 14e6)) + 500_000


def _stream(link: StationLink, volume: float) -> Life:
    yield from link.exchange(True, link.data(_MIDDLE, up=True), link.up_flow)
    yield from transfer(link, 1 + round(volume * link.rng.randint(60, 110)), up=False)
    yield link.rng.randrange(2_000_000, 4_500_000)


def _call(link: StationLink, volume: float) -> Life:
    for _ in range(max(1, round(volume * 50))):
        for up in (True, False):
            yield from link.exchange(up, link.data(_VOICE, up=up), link.up_flow if up else link.down_flow)
        yield link.rng.randrange(16_000, 21_000)


def _sensor(link: StationLink, volume: float) -> Life:
    yield from link.exchange(True, link.data(_SMALL, up=True), link.up_flow)
    yield 1200
    yield from link.exchange(False, link.data(_SMALL, up=False), link.down_flow)
    yield link.rng.randrange(12_000_000, 40_000_000)


def _upload(link: StationLink, volume: float) -> Life:
    yield from transfer(link, 1 + round(volume * link.rng.randint(40, 160)), up=True)
    yield link.rng.randrange(300_000, 2_500_000)


_HABITS: dict[str, Callable[[StationLink, float], Life]] = {
    "asleep": _asleep,
    "idle": _idle,
    "browse": _browse,
    "stream": _stream,
    "call": _call,
    "sensor": _sensor,
    "upload": _upload,
}
