"""Scripted attacks: frames as they would arrive from an attacker, for demonstrations and tests.

Nothing here can leave the machine: an incident only adds frames for the simulated radio to hear.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from whimbrel.drivers.sim import elements, frames, space
from whimbrel.drivers.sim.access_point import Bss, basic_rate
from whimbrel.drivers.sim.elements import ElementLayout
from whimbrel.drivers.sim.link import NOBODY, StationLink
from whimbrel.drivers.sim.medium import Life, Medium, Transmitter
from whimbrel.drivers.sim.rates import legacy
from whimbrel.drivers.sim.scene import Radio, SimulatedIncident
from whimbrel.drivers.sim.scene import ScriptedNetwork as NetworkSettings
from whimbrel.drivers.sim.station import SimStation, made_up
from whimbrel.drivers.sim.template import Template
from whimbrel.wifi.kinds import CTS

HOSTILE_NAMES = (
    b"two\nlines",
    b"\x1b[31mred\x1b[0m",
    b"\x1b]0;title\x07",
    b"nul\x00inside",
    b"\xe2\x80\xaeright to left",
    b"\xff" * 32,
    b"<b>bold</b>&amp;",
    b"'; DROP TABLE networks;--",
    b"%s%s%n%x",
    b"\xc3\x28 not UTF-8",
    b"\r\nMESSAGE=forged",
    b"{{7*7}}",
)
"""Names that try to break a terminal, a journal, a page or a query."""

_SSID_AT = 38
"""Offset of the name in a beacon with the SSID as its first element."""
_WORDS = (
    "Free",
    "Guest",
    "Airport",
    "Hotel",
    "Lounge",
    "Office",
    "Public",
    "Home",
    "Station",
    "Library",
    "Mobile",
    "Fast",
)


class Staging:
    """The tools of an incident."""

    def __init__(
        self,
        incident: SimulatedIncident,
        air: Medium,
        networks: Sequence[Bss],
        clients: Sequence[SimStation],
        rng: random.Random,
    ) -> None:
        self.incident = incident
        self.air = air
        self.rng = rng
        self.networks = networks
        self.clients = clients
        hit = [bss for bss in networks if bss.ssid == incident.target and bss.layout.band == incident.band]
        self.target = hit[0] if hit else None
        channel = self.target.layout.channel if self.target else incident.channel
        self.layout = ElementLayout(incident.band, channel, 20, "he" if incident.band == "6" else "ht")
        place = space.Spot((incident.position[0], incident.position[1]))
        self.sender = Transmitter(made_up(rng), place, incident.power, self.layout.freq, rng)
        self.rate = basic_rate(self.layout)
        self.plain: dict[int, Template] = {}
        """Beacons by the length of their name."""

    @property
    def victim(self) -> Bss:
        """The network aimed at."""
        if self.target is None:
            raise ValueError(f"{self.incident.kind} without a target")
        return self.target

    def members(self) -> list[SimStation]:
        """Return the stations that are connected to the target now."""
        return [client for client in self.clients if client.link is not None and client.link.bss is self.target]

    def repeat(self, send: Callable[[], Template], sender: Callable[[], Transmitter] | None = None) -> Life:
        """Send the frames returned by `send`, at the incident's rate, while it lasts."""
        end = self.air.now + round(self.incident.lasts * 1e6)
        pause = 1e6 / self.incident.rate
        while self.air.now < end:
            self.air.send(sender() if sender else self.sender, send(), self.layout.freq)
            yield max(1, round(pause * self.rng.uniform(0.9, 1.1)))


def live(
    incident: SimulatedIncident, air: Medium, networks: Sequence[Bss], clients: Sequence[SimStation], rng: random.Random
) -> Life:
    """Let an incident happen, repeatedly if configured."""
    staging = Staging(incident, air, networks, clients, rng)
    begun = air.now
    while True:
        yield from _KINDS[incident.kind](staging)
        if not incident.every:
            return
        begun += round(incident.every * 1e6)
        yield max(1, begun - air.now)


def _disconnect(staging: Staging) -> Life:
    incident, victim = staging.incident, staging.victim
    leave = incident.kind == "disassociation"
    bssid = victim.address
    mpdu = frames.deauthentication(frames.BROADCAST, bssid, bssid, incident.reason, leave=leave)
    down = Template(staging.rate, mpdu)
    up = Template(staging.rate, frames.deauthentication(bssid, NOBODY, bssid, incident.reason, leave=leave))
    members = staging.members()
    station = staging.rng.choice(members).address if members else made_up(staging.rng)
    turn = 0

    def send() -> Template:
        nonlocal turn
        turn += 1
        if incident.broadcast:
            return down
        return down.addressed(station) if turn & 1 else up.addressed(bssid, station)

    if incident.broadcast and victim.security.pmf != "required":
        victim.drop_all()  # and they come back, handshakes and all
    yield from staging.repeat(send)


def _name(rng: random.Random) -> bytes:
    return f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} {rng.randrange(1000):03}".encode()


def _announcement(staging: Staging, ssid: bytes, address: bytes) -> Template:
    """Return a beacon as simple as tools make them."""
    template = staging.plain.get(len(ssid))
    if template is None:
        channel = elements.element(3, bytes((staging.layout.channel,)))
        body = elements.element(0, ssid) + elements.rates("2.4", "g") + channel
        cap = frames.capability(private=False, band="2.4")
        template = staging.plain[len(ssid)] = Template(staging.rate, frames.beacon(address, 100, cap, body))
    return template.addressed(frames.BROADCAST, address, address).patched(_SSID_AT, ssid)


def _beacon_flood(staging: Staging) -> Life:
    beacons = [_announcement(staging, _name(staging.rng), made_up(staging.rng)) for _ in range(staging.incident.count)]
    yield from staging.repeat(lambda: staging.rng.choice(beacons))


def _hostile_names(staging: Staging) -> Life:
    beacons = [_announcement(staging, name, made_up(staging.rng)) for name in HOSTILE_NAMES]
    turn = iter(range(1 << 62))
    yield from staging.repeat(lambda: beacons[next(turn) % len(beacons)])


def _imitation(staging: Staging) -> Bss:
    """Return an access point with the target's name, at the sender's place, on the incident's channel."""
    incident, victim = staging.incident, staging.victim
    network = NetworkSettings(ssid=victim.network.ssid, security=incident.security)
    radio = Radio(
        name="imitation",
        networks=(network,),
        band=incident.band,
        channel=incident.channel,
        generation="he" if incident.band == "6" else "ht",
        position=incident.position,
        power=incident.power,
    )
    address = victim.address if incident.same_bssid else made_up(staging.rng)
    bss = Bss(staging.air, radio, network, address, staging.rng, 100)
    bss.build(None, [])
    return bss


def _evil_twin(staging: Staging) -> Life:
    twin = _imitation(staging)
    end = staging.air.now + round(staging.incident.lasts * 1e6)
    fooled = 0
    for wait in twin.live():
        if staging.air.now >= end:
            break
        members = staging.members()
        if members and not staging.incident.same_bssid and fooled < 2 and staging.rng.random() < 0.02:
            fooled += 1
            client = staging.rng.choice(members)
            link = StationLink(staging.air, client, twin, "ht", staging.rng, again=False)
            staging.air.add(link.join(), staging.air.now + 500)
        yield wait


def _karma(staging: Staging) -> Life:
    """Answer in the name of every network that stations nearby have probed for."""
    asked: list[bytes] = sorted({name for client in staging.clients for name in client.station.asks}) or [b"anything"]
    bssid = made_up(staging.rng)
    stations = [client.address for client in staging.clients] or [made_up(staging.rng)]
    cap = frames.capability(private=False, band="2.4")
    answers = []
    for name in (*asked, *(_name(staging.rng) for _ in range(max(0, staging.incident.count - len(asked))))):
        body = (
            elements.element(0, name)
            + elements.rates("2.4", "g")
            + elements.element(3, bytes((staging.layout.channel,)))
        )
        answers.append(Template(staging.rate, frames.probe_response(bssid, 100, cap, body)))
    yield from staging.repeat(lambda: staging.rng.choice(answers).addressed(staging.rng.choice(stations)))


def _channel_switch(staging: Staging) -> Life:
    """Beacon in the target's name that it is about to leave for another channel."""
    victim = staging.victim
    mpdu = victim.beacon.mpdu + elements.channel_switch(staging.incident.channel, 3)
    template = Template(staging.rate, mpdu)
    yield from staging.repeat(lambda: template)


def _authentication_flood(staging: Staging) -> Life:
    bssid, sae = staging.victim.address, staging.incident.kind == "sae-flood"
    step = (3, 1, 0) if sae else (0, 1, 0)
    body = b"\x13\0" + staging.rng.randbytes(96) if sae else b""
    template = Template(staging.rate, frames.authentication(bssid, NOBODY, bssid, step, body))
    addresses = [made_up(staging.rng) for _ in range(staging.incident.count)]
    yield from staging.repeat(lambda: template.addressed(bssid, staging.rng.choice(addresses)))


def _pmkid_harvest(staging: Staging) -> Life:
    """Associate for nothing but message 1 and the PMKID in it, and never answer."""
    victim = staging.victim
    end = staging.air.now + round(staging.incident.lasts * 1e6)
    while staging.air.now < end:
        link = StationLink(staging.air, staging.sender, victim, "g", staging.rng, again=False)
        for step in link.kit.opening:
            yield 1500
            yield from link.exchange(step[0], link.own(step))
        if link.kit.keys:
            yield from link.first_message()
        yield round(1e6 / staging.incident.rate)


def _probe_flood(staging: Staging) -> Life:
    body = elements.element(0, b"") + elements.rates("2.4", "g")
    template = Template(staging.rate, frames.probe_request(NOBODY, body))
    addresses = [made_up(staging.rng) for _ in range(staging.incident.count)]
    yield from staging.repeat(lambda: template.addressed(frames.BROADCAST, staging.rng.choice(addresses)))


def _reserve_air(staging: Staging) -> Life:
    """Request the longest possible reservation again and again, and use none of it."""
    template = Template(legacy(2), frames.control(CTS, made_up(staging.rng), duration=32767))
    yield from staging.repeat(lambda: template)


def _malformed(staging: Staging) -> Life:
    """Send management frames with wrong lengths."""
    bssid = staging.target.address if staging.target else made_up(staging.rng)
    cap = frames.capability(private=True, band="2.4")
    bodies = (
        b"\0\x40" + b"A" * 64,  # a name of 64 octets
        b"\0\x04home\x30\xff\x01\0",  # RSN that claims more than there is
        b"\0\x04home\x30\x14\x01\0\0\x0f\xac\x04\xff\xff\0\x0f\xac\x04\x01\0\0\x0f\xac\x02\0\0",  # 65535 suites
        b"\0\x04home\x03\x05\1\2\3\4\5",  # a channel of five octets
        b"\0\x04home\x05\x01\0",  # TIM of one octet
    )
    beacons = [Template(staging.rate, frames.beacon(bssid, 100, cap, body)) for body in bodies]
    beacons.append(Template(staging.rate, frames.deauthentication(frames.BROADCAST, bssid, bssid, 7)[:25]))
    turn = iter(range(1 << 62))
    yield from staging.repeat(lambda: beacons[next(turn) % len(beacons)])


_KINDS: dict[str, Callable[[Staging], Life]] = {
    "deauthentication": _disconnect,
    "disassociation": _disconnect,
    "beacon-flood": _beacon_flood,
    "hostile-names": _hostile_names,
    "evil-twin": _evil_twin,
    "karma": _karma,
    "channel-switch": _channel_switch,
    "authentication-flood": _authentication_flood,
    "sae-flood": _authentication_flood,
    "pmkid-harvest": _pmkid_harvest,
    "probe-flood": _probe_flood,
    "reserve-air": _reserve_air,
    "malformed": _malformed,
}
