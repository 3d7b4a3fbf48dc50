"""A station and its access point: the frames between them, built once for a kind of station and then only addressed."""

from __future__ import annotations

import random
import struct

from whimbrel.drivers.sim import elements, frames, space
from whimbrel.drivers.sim.access_point import SIFS, Bss, ack_rate, basic_rate
from whimbrel.drivers.sim.elements import GENERATIONS, ElementLayout
from whimbrel.drivers.sim.medium import Flow, Life, Medium, Transmitter
from whimbrel.drivers.sim.rates import Rate, legacy, modern
from whimbrel.drivers.sim.security import elements as security_elements
from whimbrel.drivers.sim.template import Template
from whimbrel.wifi.kinds import CTS, PS_POLL, RTS

Step = tuple[bool, Template]
"""Whether a frame goes up, to the access point, and the frame."""

PAYLOADS = (86, 172, 420, 1440)
"""Octets of the data frames there are."""
NOBODY = b"\x02\0\0\0\0\0"
_OFDM = (6, 9, 12, 18, 24, 36, 48, 54)
_DSSS = (1, 2, 5.5, 11)
_KEY_AT = 8  # LLC and SNAP before EAPOL
_STATUS_AT = 28
"""Offset of the status in an authentication; in an association response it is two octets earlier."""


class Kit:
    """The frames between one network and one kind of station, without addresses."""

    def __init__(self, bss: Bss, generation: str, *, again: bool) -> None:
        rng = random.Random(f"{bss.address.hex()} {generation}")  # noqa: S311
        common = min(generation, bss.layout.generation, key=GENERATIONS.index)
        widest = {"b": 20, "g": 20, "ht": 40}.get(common, 80)
        self.layout = bss.layout._replace(generation=common, width=min(bss.layout.width, widest))
        self.qos = common not in {"b", "g"}
        self.bss = bss
        self.rng = rng
        self.rate = basic_rate(bss.layout)
        self.control = ack_rate(self.layout)
        self.router = bss.address[:5] + bytes((bss.address[5] ^ 0x10,))
        self.fast = again and bss.radio.mobility_domain is not None and bool({3, 4, 9} & set(bss.security.akms))
        self.opening = self._authentication(again=again) + self._association(again=again)
        self.aid_at = 28
        self.eap = self._eap() if bss.security.enterprise and not again else []
        self.keys = self._keys() if bss.security.keyed and not self.fast else []
        self.awake = self.up(frames.null(NOBODY, bss.address, asleep=False))
        self.asleep = self.up(frames.null(NOBODY, bss.address, asleep=True))
        self.poll = Template(self.control, frames.control(PS_POLL, bss.address, NOBODY))
        self.leaving = self.up(
            frames.deauthentication(bss.address, NOBODY, bss.address, 3)
            if bss.security.pmf == "none"
            else frames.protected_deauthentication(bss.address, NOBODY, bss.address, rng.randbytes(10))
        )
        control = self.control
        self.rts = {up: Template(control, frames.control(RTS, *self._ends(up), duration=300)) for up in (True, False)}
        self.cts = {up: Template(control, frames.control(CTS, self._ends(up)[1], duration=250)) for up in (True, False)}
        self.block_ack = {up: Template(control, frames.block_ack(*self._ends(not up))) for up in (True, False)}
        self._data = {(octets, up): self._payload(octets, up) for octets in PAYLOADS for up in (True, False)}

    def _ends(self, up: bool) -> tuple[bytes, bytes]:
        return (self.bss.address, NOBODY) if up else (NOBODY, self.bss.address)

    def up(self, mpdu: bytes) -> Template:
        """Return a frame at the basic rate."""
        return Template(self.rate, mpdu)

    def _authentication(self, *, again: bool) -> list[Step]:
        steps: list[tuple[bool, tuple[int, int, int], bytes]] = [(True, (0, 1, 0), b""), (False, (0, 2, 0), b"")]
        if self.bss.security.sae and not again:
            # Commit: group 19, scalar, element; confirm: counter and MIC (12.4.8.6). Status 126: hash to element.
            status = 126 if self.bss.security.hash_to_element else 0
            commit, confirm = b"\x13\0", b"\1\0"
            steps = [
                (True, (3, 1, status), commit + self.rng.randbytes(96)),
                (False, (3, 1, status), commit + self.rng.randbytes(96)),
                (True, (3, 2, 0), confirm + self.rng.randbytes(32)),
                (False, (3, 2, 0), confirm + self.rng.randbytes(32)),
            ]
        if self.fast:
            # FTE: MIC control, MIC, ANonce, SNonce (9.4.2.47); the keys are agreed on here, without a handshake.
            fte = elements.element(55, bytes(18) + self.rng.randbytes(64))
            body = security_elements(self.bss.security, station=True)
            body += elements.mobility_domain(self.bss.radio.mobility_domain or 0) + fte
            steps = [(True, (2, 1, 0), body), (False, (2, 2, 0), body)]
        return [
            (up, self.up(frames.authentication(*self._ends(up), self.bss.address, step, body)))
            for up, step, body in steps
        ]

    def _association(self, *, again: bool) -> list[Step]:
        bss, layout = self.bss, self.layout
        own = elements.element(0, bss.ssid) + elements.rates(layout.band, layout.generation)
        own += security_elements(bss.security, station=True) + elements.capabilities(layout)
        own += elements.element(127, b"\x04\0\x0a\x02\0\0\0\x40") if layout.generation != "b" else b""
        reply = elements.rates(layout.band, layout.generation) + elements.capabilities(layout)
        if 18 in bss.security.akms:
            # Diffie-Hellman parameter of OWE: group 19 and a public key (RFC 8110, 4.3).
            own += elements.element(255, b"\x20\x13\0" + self.rng.randbytes(32))
            reply += elements.element(255, b"\x20\x13\0" + self.rng.randbytes(32))
        if bss.radio.mobility_domain is not None:
            own += elements.mobility_domain(bss.radio.mobility_domain)
        previous = bss.address if again else None
        request = frames.association_request(NOBODY, bss.address, bss.cap, own, previous)
        response = frames.association_response(bss.address, NOBODY, bss.cap, reply, again=again)
        return [(True, self.up(request)), (False, self.up(response))]

    def _packet(self, up: bool, packet: bytes) -> Step:
        ra, ta = self._ends(up)
        third = self.bss.address
        mpdu = frames.data(ra, ta, third, packet, up=up, qos=self.qos, secret=False)
        return up, self.up(mpdu)

    def _eap(self) -> list[Step]:
        from scapy.layers.eap import EAP
        from scapy.packet import Raw

        def eap(code: int, number: int, kind: int, body: bytes) -> bytes:
            return frames.eapol(0, bytes(EAP(code=code, id=number, type=kind, len=5 + len(body)) / Raw(body)))

        steps = [
            (True, frames.eapol(1)),
            (False, eap(1, 1, 1, b"")),
            (True, eap(2, 1, 1, b"anonymous@example.org")),
        ]
        for number, (down, up) in enumerate(((1, 180), (1000, 2), (420, 130), (70, 60)), 2):
            steps.append((False, eap(1, number, 25, b"\0" + self.rng.randbytes(down))))
            steps.append((True, eap(2, number, 25, b"\0" + self.rng.randbytes(up))))
        steps.append((False, frames.eapol(0, bytes(EAP(code=3, id=6, len=4)))))
        return [self._packet(up, packet) for up, packet in steps]

    def _keys(self) -> list[Step]:
        """Return messages 1 to 4 with nonces, counters and MICs of zeros."""
        security, rsn = self.bss.security, bool(self.bss.security.akms)
        version, mic = security.key_version, 24 if 12 in security.akms else 16
        length = 32 if security.pairwise[0] in {2, 9} else 16
        pmkid = b"\xdd\x14\x00\x0f\xac\x04" + bytes(16) if rsn and self.bss.network.pmkid else b""
        request = security_elements(security, station=True)
        sealed = self.rng.randbytes(56 if rsn else len(security_elements(security)))
        third = 0x13C8 if rsn else 0x01C8
        messages = [
            (False, 0x0088, length, pmkid),
            (True, 0x0108, 0 if rsn else length, request),
            (False, third, length, sealed),
            (True, 0x0308 if rsn else 0x0108, 0 if rsn else length, b""),
        ]
        return [
            self._packet(up, frames.key(info | version, size, data, rsn=rsn, mic=mic))
            for up, info, size, data in messages
        ]

    def _payload(self, octets: int, up: bool) -> bytes:
        payload = self.bss.payload(octets, self.rng)
        return frames.data(*self._ends(up), self.router, payload, up=up, qos=self.qos, secret=self.bss.secret)

    def data(self, octets: int, *, up: bool, rate: Rate) -> Template:
        """Return a data frame of `octets` payload, one of `PAYLOADS`, at `rate`."""
        return Template(rate, self._data[octets, up])


def kit(bss: Bss, generation: str, *, again: bool) -> Kit:
    """Return the frames between `bss` and stations of `generation`, built at their first use."""
    known = bss.kits.get((generation, again))
    if not isinstance(known, Kit):
        known = bss.kits[generation, again] = Kit(bss, generation, again=again)
    return known


class StationLink:
    """One station at one access point, from authentication to the end."""

    def __init__(
        self, air: Medium, station: Transmitter, bss: Bss, generation: str, rng: random.Random, *, again: bool
    ) -> None:
        self.air = air
        self.station = station
        self.bss = bss
        self.kit = kit(bss, generation, again=again)
        self.rng = rng
        self.epoch = bss.epoch
        self.over = False
        """Whether the access point has sent the station away."""
        self.aid = 0xC001
        """Its association identifier, as a PS-Poll carries it."""
        self.up_flow, self.down_flow = Flow(rng), Flow(rng)
        self.ack_up = bss.ack  # the station's frames after one from the access point: to its address
        self.ack_down = Template(self.kit.control, bss.ack.mpdu).addressed(station.address)
        self._data: dict[tuple[int, bool], Template] = {}
        self.rate = self._rate()

    @property
    def alive(self) -> bool:
        """Whether the access point has neither restarted since nor disconnected the station."""
        return self.bss.up and self.bss.epoch == self.epoch and not self.over

    def own(self, step: Step) -> Template:
        """Address a frame of the kit."""
        up, template = step
        if up:
            return template.addressed(self.bss.address, self.station.address)
        return template.addressed(self.station.address)

    def exchange(self, up: bool, template: Template, flow: Flow | None = None) -> Life:
        """Send a frame, again where the first was not understood, and its acknowledgement."""
        sender, receiver = (self.station, self.bss) if up else (self.bss, self.station)
        freq = self.bss.freq
        self.air.send(sender, template, freq, flow)
        yield template.airtime + SIFS
        if self.rng.random() < 0.06:
            yield 220
            self.air.again(sender, template, freq, flow)
            yield template.airtime + SIFS
        self.air.send(receiver, self.ack_up if up else self.ack_down, freq)
        yield 60

    def join(self) -> Life:
        """Authenticate, associate, and make the keys; end without a link where the access point refuses."""
        if self.station in self.bss.turned_away:
            yield from self._refused()
            return
        self.aid = 0xC000 | self.bss.admit()
        aid = struct.pack("<H", self.aid)
        for up, template in self.kit.opening:
            own = self.own((up, template))
            if template is self.kit.opening[-1][1]:
                own = own.patched(self.kit.aid_at, aid)
            yield self.rng.randrange(600, 2500)
            yield from self.exchange(up, own)
        for up, template in self.kit.eap:
            yield self.rng.randrange(3000, 25_000)
            yield from self.exchange(up, self.own((up, template)), self.up_flow if up else self.down_flow)
        if self.kit.keys:
            yield from self.handshake()

    def _refused(self) -> Life:
        """Receive a refusal because the access point has no room (status 17), for example if another band is free."""
        away, station = self.bss.turned_away, self.station
        self.over = True
        away[station] -= 1
        if not away[station]:
            del away[station]
        # Authentication is refused where that is all there is of it, association after SAE and fast transition.
        steps = self.kit.opening if len(self.kit.opening) > 4 or self.kit.fast else self.kit.opening[:2]
        for index, step in enumerate(steps):
            own = self.own(step)
            if index == len(steps) - 1:
                own = own.patched(_STATUS_AT if len(steps) == 2 else _STATUS_AT - 2, b"\x11\0")
            yield self.rng.randrange(600, 2500)
            yield from self.exchange(step[0], own)

    def handshake(self) -> Life:
        """The 4-way handshake (12.7.6); now and then message 1 is repeated with the next counter."""
        nonces = self.rng.randbytes(32), self.rng.randbytes(32)
        counter = 1
        yield self.rng.randrange(2000, 6000)
        while self.rng.random() < 0.06 and counter < 3:
            yield from self._message(1, counter, nonces)
            yield 100_000
            counter += 1
        for number, step in ((1, 0), (2, 0), (3, 1), (4, 1)):
            yield from self._message(number, counter + step, nonces)
            yield self.rng.randrange(1500, 9000)

    def first_message(self) -> Life:
        """Message 1 alone, without an answer."""
        yield from self._message(1, 1, (self.rng.randbytes(32), b""))

    def in_vain(self, times: int) -> Life:
        """Messages 1 and 2, `times` over: the access point cannot verify message 2, and repeats message 1."""
        nonces = self.rng.randbytes(32), self.rng.randbytes(32)
        for counter in range(1, times + 1):
            yield from self._message(1, counter, nonces)
            yield self.rng.randrange(1500, 9000)
            yield from self._message(2, counter, nonces)
            yield 1_000_000

    def _message(self, number: int, counter: int, nonces: tuple[bytes, bytes]) -> Life:
        up, template = self.kit.keys[number - 1]
        first = (26 if self.kit.qos else 24) + _KEY_AT
        own = self.own((up, template)).patched(first + frames.REPLAY_AT, struct.pack(">Q", counter))
        if number < 4:
            own = own.patched(first + frames.NONCE_AT, nonces[number == 2])
        if number > 1:
            own = own.patched(first + frames.MIC_AT, self.rng.randbytes(16))
        elif self.bss.network.pmkid and self.bss.security.akms:
            mic = 24 if 12 in self.bss.security.akms else 16
            own = own.patched(first + frames.MIC_AT + mic + 2 + 6, self.rng.randbytes(16))
        yield from self.exchange(up, own, self.up_flow if up else self.down_flow)

    def data(self, octets: int, *, up: bool) -> Template:
        """Return an addressed data frame at the present rate."""
        template = self._data.get((octets, up))
        if template is None:
            template = self._data[octets, up] = self.own((up, self.kit.data(octets, up=up, rate=self.rate)))
        return template

    def refresh(self) -> None:
        """Choose the rate again after the station has moved."""
        rate = self._rate()
        if rate is not self.rate:
            self.rate = rate
            self._data.clear()

    def _rate(self) -> Rate:
        layout: ElementLayout = self.kit.layout
        here = self.station.place.at(self.air.now)
        level = space.loudness(self.station.power, here, self.bss.place.at(0)) - (0 if layout.band == "2.4" else 6)
        step = max(0, int((level + 84) / 4) + self.rng.randint(-1, 0))
        if layout.generation == "b":
            return legacy(_DSSS[min(step // 2, 3)])
        if layout.generation == "g":
            return legacy(_OFDM[min(step, 7)])
        top = {"ht": 7, "vht": 9 if layout.width > 20 else 8, "he": 11}[layout.generation]
        phy = "ht" if layout.generation == "vht" and layout.band == "2.4" else layout.generation
        return modern(phy, layout.width, min(step, 7 if phy == "ht" else top), 2 if level > -66 else 1)

    def leave(self) -> Life:
        """Send a disconnection."""
        yield from self.exchange(True, self.own((True, self.kit.leaving)))
        self.forget()

    def forget(self) -> None:
        """Be no member any more."""
        if self.alive and self.bss.members:
            self.bss.members -= 1
