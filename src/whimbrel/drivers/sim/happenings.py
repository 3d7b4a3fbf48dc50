"""Harmless events of a normal day: access points that restart, move and change their settings, stations that are
steered, disconnected or use a wrong password, and passing devices."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence

from whimbrel.drivers.sim import elements, joining, oddities, passing, steering
from whimbrel.drivers.sim.access_point import Bss
from whimbrel.drivers.sim.medium import Life, Medium
from whimbrel.drivers.sim.scene import SimulatedHappening
from whimbrel.drivers.sim.security import SECURITY
from whimbrel.drivers.sim.station import SimStation

_OFTEN = 3
"""Times that a station that is to go elsewhere is refused."""
_CHECK = 60_000_000
"""Microseconds of listening for radar before the use of a new channel (ETSI EN 301 893)."""


class Normal:
    """The tools of an event."""

    def __init__(
        self,
        happening: SimulatedHappening,
        air: Medium,
        networks: Sequence[Bss],
        clients: Sequence[SimStation],
        rng: random.Random,
    ) -> None:
        self.happening = happening
        self.air = air
        self.rng = rng
        self.clients = clients
        self.networks = [
            bss
            for bss in networks
            if happening.radio in {None, bss.radio.name} and happening.network in {None, bss.ssid}
        ]

    def members(self) -> list[SimStation]:
        """Return the stations that are connected now."""
        return [c for c in self.clients if c.link is not None and c.link.alive and c.link.bss in self.networks]

    def some(self) -> list[SimStation]:
        """Return `count` of them."""
        members = self.members()
        return self.rng.sample(members, min(self.happening.count, len(members)))


def live(normal: Normal) -> Life:
    """Let it happen, repeatedly if configured, with intervals that vary by a fifth."""
    happening, air, rng = normal.happening, normal.air, normal.rng
    begun = air.now
    while True:
        yield from _KINDS[happening.kind](normal)
        if not happening.every:
            return
        begun += round(happening.every * rng.uniform(0.8, 1.2) * 1e6)
        yield max(1, begun - air.now)


def _restart(normal: Normal) -> Life:
    """Restart all networks of a radio at once; a crash sends no disconnections."""
    for bss in normal.networks:
        bss.plan = functools.partial(bss.restart, farewell=normal.happening.kind == "restart")
    yield 1


def _other_channel(normal: Normal) -> Life:
    """Choose another channel in the night, and restart on it."""
    channel = _elsewhere(normal)
    for bss in normal.networks:
        bss.plan = functools.partial(bss.restart, functools.partial(bss.move, channel))
    yield 1


def _elsewhere(normal: Normal) -> int:
    """Return the next channel: that of the scene, or the original one."""
    bss = normal.networks[0]
    return normal.happening.channel if bss.layout.channel == bss.radio.channel else bss.radio.channel


def _channel_switch(normal: Normal) -> Life:
    """Count down to another channel and go there; after radar, be silent there for a minute first."""
    channel, count = _elsewhere(normal), normal.happening.count
    silent = _CHECK if normal.happening.kind == "radar" else 0
    for bss in normal.networks:
        bss.announce_switch(channel, count, functools.partial(_move, bss, channel, silent))
    yield 1


def _move(bss: Bss, channel: int, silent: int) -> Life:
    bss.move(channel)
    if silent:
        bss.up = False
        bss.drop_all()
        yield silent
        bss.up = True


def _firmware(normal: Normal) -> Life:
    """Restart with other capabilities and one more element."""
    for bss in normal.networks:
        bss.plan = functools.partial(bss.restart, functools.partial(_update, bss))
    yield 1


def _update(bss: Bss) -> None:
    bss.cap ^= 0x1000  # radio measurement
    bss.extra = elements.element(221, b"\x00\x90\x4c\x04\x08\xbf\x0c") if not bss.extra else b""
    bss.build(*bss.company)


def _security(normal: Normal) -> Life:
    """Restart with another kind of security, and later with the old one."""
    for bss in normal.networks:
        old = bss.network.security
        wanted = normal.happening.security if bss.security is SECURITY[old] else old
        bss.plan = functools.partial(bss.restart, functools.partial(bss.protect, wanted))
    yield 1


def _steering(normal: Normal) -> Life:
    """Ask stations to move to the other band; a station that does not is disconnected, and refused when it comes
    back."""
    for client in normal.some():
        link = client.link
        others = [bss for bss in normal.networks if link is not None and bss.layout.band != link.bss.layout.band]
        if link is None or not others or not link.alive:
            continue
        comply = normal.rng.random() < 0.5
        yield from steering.transition(link, normal.rng.choice(others), comply=comply)
        yield 300_000
        if not comply and link.alive:
            yield from steering.dismiss(link, 12, leave=True)
            link.bss.turned_away[client] = normal.rng.randint(1, _OFTEN)
        yield 2_000_000


def _idle(normal: Normal) -> Life:
    """Disconnect stations that were silent for long, one by one; half of them are gone."""
    for client in normal.some():
        if client.link is not None and client.link.alive:
            leave, heard = normal.happening.reason != 4, normal.rng.random() < 0.5
            yield from steering.dismiss(client.link, normal.happening.reason, leave=leave, heard=heard)
        yield round(normal.happening.lasts / normal.happening.count * 1e6)


def _fragments(normal: Normal) -> Life:
    for client in normal.some():
        if client.link is not None and client.link.alive:
            yield from joining.fragments(client.link)
        yield 1_000_000


def _wrong_password(normal: Normal) -> Life:
    bss = normal.rng.choice(normal.networks)
    client = joining.visitor(bss, normal.rng)
    for _ in range(normal.happening.count):
        yield from joining.wrong_password(normal.air, bss, client, normal.rng)
        yield round(normal.happening.lasts / normal.happening.count * normal.rng.uniform(0.8, 1.2) * 1e6)


def _push_button(normal: Normal) -> Life:
    bss = normal.rng.choice(normal.networks)
    yield from joining.push_button(normal.air, bss, joining.visitor(bss, normal.rng), normal.rng)


def _reservations(normal: Normal) -> Life:
    """Let stations exchange data behind long reservations, one after the other, for as long as it lasts."""
    end = normal.air.now + round(normal.happening.lasts * 1e6)
    while normal.air.now < end:
        for client in normal.some():
            if client.link is not None and client.link.alive:
                yield from oddities.reserved(client.link)
        yield normal.rng.randrange(1000, 60_000)


def _coexistence(normal: Normal) -> Life:
    """Let a station reserve the air for its Bluetooth, for as long as it lasts."""
    end = normal.air.now + round(normal.happening.lasts * 1e6)
    while normal.air.now < end:
        for client in normal.some()[:1]:
            if client.link is not None and client.link.alive:
                yield from oddities.coexistence(client.link)
        yield normal.rng.randrange(1_000_000, 20_000_000)


def _leaving(normal: Normal) -> Life:
    """Let stations leave that go on sending: up to thirty frames, or two or three."""
    for client in normal.some():
        if client.link is not None and client.link.alive:
            yield from oddities.leave_and_go_on(client.link, normal.rng.choice((3, 3, 30)))
        yield 2_000_000


def _passing(normal: Normal) -> Life:
    yield from passing.access_points(normal.happening, normal.air, normal.rng)


def _adhoc(normal: Normal) -> Life:
    yield from passing.adhoc(normal.happening, normal.air, normal.rng)


_KINDS: dict[str, Callable[[Normal], Life]] = {
    "restart": _restart,
    "crash": _restart,
    "other-channel": _other_channel,
    "channel-switch": _channel_switch,
    "radar": _channel_switch,
    "firmware": _firmware,
    "security": _security,
    "steering": _steering,
    "idle": _idle,
    "wrong-password": _wrong_password,
    "push-button": _push_button,
    "fragments": _fragments,
    "reservations": _reservations,
    "coexistence": _coexistence,
    "leaving": _leaving,
    "passing": _passing,
    "adhoc": _adhoc,
}
