"""Stations: probing, joining by every protection, leaving."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building import eapol, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Air, Counter, Phy, Radio
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.networks import PHYS, AccessPoint

SIFS = 0.00001


def authentication(algorithm: int, number: int, status: int = 0, more: bytes = b"") -> bytes:
    """Return the body of an authentication frame, 9.3.3.11."""
    return struct.pack("<HHH", algorithm, number, status) + more


def sae_commit(scalar: bytes, point: bytes, *, group: int = 19, token: bytes = b"") -> bytes:
    """Return what follows the status in an SAE commit of a group with elements of 64 octets, 9.4.1.2 to 9.4.1.42."""
    return struct.pack("<H", group) + token + scalar + point


class Station(Radio):
    """A station; after `join` it has keys with its access point."""

    def __init__(self, air: Air, address: bytes, level: float, ap: AccessPoint, *, generation: str = "n") -> None:
        super().__init__(air.rng, level, ap.freq)
        self.air, self.address, self.generation = air, address, generation
        self.ap = ap
        self.akm = ap.protection.best if ap.protection.akms else 0
        self.pmf = bool(ap.protection.caps & el.MFPC)
        self.replay = 0
        self.anonce = self.snonce = bytes(32)
        self.new_keys()

    def new_keys(self) -> None:
        """Count the packets of new keys from 1 on."""
        self.up_packets, self.down_packets = Counter(0), Counter(0)

    def at_home(self, ap: AccessPoint) -> None:
        """Belong to another access point of the network from now on."""
        self.ap, self.freq = ap, ap.freq

    @property
    def phy(self) -> Phy:
        """How the two send data: as the older one of them can."""
        order = ["g", "n", "ac", "ax", "be"]
        return PHYS[min(self.generation, self.ap.generation, key=order.index)]

    @property
    def basic(self) -> float:
        """The rate of management and control frames."""
        return 1.0 if self.ap.channel < 14 else 6.0

    def up(self, at: float, frame: bytes, *, sequence: str = "", acknowledged: bool = True, rate: float = 0.0) -> None:
        """Send one frame at a legacy rate, which the access point acknowledges."""
        self.air.send(self, at, frame, sequence=self.counter(sequence), rate=rate or self.basic)
        if acknowledged:
            self.air.send(self.ap, at + 0.0004, mac.ack(self.address), rate=self.basic)

    def down(self, at: float, frame: bytes, *, sequence: str = "", acknowledged: bool = True) -> None:
        """Have the access point send one frame at a legacy rate, which the station acknowledges."""
        self.air.send(self.ap, at, frame, sequence=self.ap.counter(sequence), rate=self.basic)
        if acknowledged:
            self.air.send(self, at + 0.0004, mac.ack(self.ap.bssid), rate=self.basic)

    def manage_up(self, at: float, subtype: int, body: bytes, *, protected: bool = False) -> None:
        """Send a management frame to the access point."""
        flags = mac.PROTECTED if protected else 0
        body = self._sealed(body, self.up_packets) if protected else body
        bssid = self.ap.bssid
        self.up(at, mac.management(subtype, bssid, self.address, bssid, body, flags=flags, duration=314))

    def manage_down(self, at: float, subtype: int, body: bytes, *, protected: bool = False) -> None:
        """Have the access point send a management frame to the station."""
        flags = mac.PROTECTED if protected else 0
        body = self._sealed(body, self.down_packets) if protected else body
        bssid = self.ap.bssid
        self.down(at, mac.management(subtype, self.address, bssid, bssid, body, flags=flags, duration=314))

    def _sealed(self, body: bytes, packets: Counter) -> bytes:
        number = packets.next()
        return struct.pack("<HBBI", number & 0xFFFF, 0, 0x20, number >> 16) + self.air.rng.randbytes(len(body) + 8)

    def probe(self, at: float, name: bytes = b"", *, answered: bool = True) -> None:
        """Look for networks on this channel; the own access point answers."""
        body = el.ssid(name) + el.rates(b=self.ap.channel < 14) + el.ht(0)
        frame = mac.management(Management.PROBE_REQUEST, mac.EVERYONE, self.address, mac.EVERYONE, body)
        self.air.send(self, at, frame, sequence=self.counter(), rate=1.0)
        if answered:
            self.ap.answer_probe(at + 0.0015, self.address)
            self.air.send(self, at + 0.0035, mac.ack(self.ap.bssid), rate=1.0)

    def join(self, at: float, *, again: bool = False, wrong_password: bool = False) -> float:
        """Authenticate, associate and take keys; return the time at which that is done."""
        self.new_keys()
        if self.akm == el.SAE:
            at = self._authenticate_by_sae(at)
            if wrong_password:
                return at
        else:
            self.manage_up(at, Management.AUTHENTICATION, authentication(0, 1))
            self.manage_down(at + 0.002, Management.AUTHENTICATION, authentication(0, 2))
            at += 0.004
        at = self.associate(at, again=again)
        if self.akm in {el.EAP, el.EAP_SHA256}:
            at = self.log_in(at)
        return self.handshake(at, wrong_password=wrong_password) if self.ap.protection.akms else at

    def _authenticate_by_sae(self, at: float) -> float:
        rng = self.air.rng
        for sender in (self.manage_up, self.manage_down):
            commit = sae_commit(rng.randbytes(32), rng.randbytes(64))
            sender(at, Management.AUTHENTICATION, authentication(3, 1, 0, commit))
            at += 0.015
        for sender in (self.manage_up, self.manage_down):
            sender(at, Management.AUTHENTICATION, authentication(3, 2, 0, struct.pack("<H", 0) + rng.randbytes(32)))
            at += 0.003
        return at

    def associate(self, at: float, *, again: bool = False, akm: int | None = None, caps: int | None = None) -> float:
        """Exchange association request and response; `akm` and `caps` other than its usual ones are possible."""
        chosen = self.akm if akm is None else akm
        protection = self.ap.protection
        body = struct.pack("<HH", self.ap.capabilities() & ~0x0400, 10) + (self.ap.bssid if again else b"")
        body += el.ssid(self.ap.ssid) + el.rates(b=self.ap.channel < 14)
        mine = (protection.caps & ~el.MFPR if self.pmf else 0) if caps is None else caps
        body += protection.elements(chosen, mine) if chosen else b""
        body += (el.ht(0) if self.generation != "g" else b"") + el.extended_capabilities()
        body += el.he(access_point=False) if self.generation in {"ax", "be"} else b""
        subtype = Management.REASSOCIATION_REQUEST if again else Management.ASSOCIATION_REQUEST
        self.manage_up(at, subtype, body)
        answer = struct.pack("<HHH", self.ap.capabilities(), 0, 0xC000 | self.ap.next_aid())
        answer += (
            el.rates(b=self.ap.channel < 14) + (el.ht(self.ap.channel) if self.generation != "g" else b"") + el.wmm()
        )
        self.manage_down(at + 0.002, subtype + 1, answer)
        return at + 0.004

    def log_in(self, at: float, *, accepted: bool = True) -> float:
        """Log in by PEAP with an anonymous name: a dozen packets of TLS, and the end."""
        name = b"anonymous@example.org"
        self.eapol_down(at, eapol.eap(eapol.REQUEST, 1, eapol.IDENTITY))
        self.eapol_up(at + 0.01, eapol.eap(eapol.RESPONSE, 1, eapol.IDENTITY, name))
        for number, size in enumerate((6, 180, 1000, 6, 340, 90, 60, 60), 2):
            at += 0.025
            self.eapol_down(at, eapol.eap(eapol.REQUEST, number, eapol.PEAP, b"\0" + self.air.rng.randbytes(size)))
            self.eapol_up(
                at + 0.01, eapol.eap(eapol.RESPONSE, number, eapol.PEAP, b"\0" + self.air.rng.randbytes(size // 2))
            )
        self.eapol_down(at + 0.03, eapol.eap(eapol.SUCCESS if accepted else eapol.FAILURE, 10))
        return at + 0.035

    def eapol_up(self, at: float, body: bytes) -> None:
        """Send an EAPOL packet in clear."""
        frame = mac.to_ap(self.ap.bssid, self.address, self.ap.bssid, body, tid=7)
        self.up(at, frame, sequence="7", rate=self.basic if self.ap.channel > 13 else 11.0)

    def eapol_down(self, at: float, body: bytes, *, acknowledged: bool = True) -> None:
        """Have the access point send an EAPOL packet in clear."""
        frame = mac.from_ap(self.address, self.ap.bssid, self.ap.bssid, body, tid=7)
        self.down(at, frame, sequence=f"7 {self.address.hex()}", acknowledged=acknowledged)

    @property
    def descriptor(self) -> int:
        """The version of key descriptors: 2 for PSK and EAP, 3 with SHA-256, 0 for SAE and OWE (12.7.2)."""
        return {el.PSK: 2, el.EAP: 2, el.EAP_SHA256: 3, el.PSK_SHA256: 3}.get(self.akm, 0)

    def handshake(self, at: float, *, wrong_password: bool = False) -> float:
        """Make the 4-way handshake; with a wrong password message 1 and 2 repeat, and the access point gives up."""
        rng, version = self.air.rng, self.descriptor
        self.anonce, self.snonce = rng.randbytes(32), rng.randbytes(32)
        self.replay = 0
        rsn = self.ap.protection.elements(self.akm, self.ap.protection.caps & ~el.MFPR if self.pmf else 0)
        for _ in range(4 if wrong_password else 1):
            self.replay += 1
            self.eapol_down(at, eapol.message_1(self.replay, self.anonce, version=version))
            self.eapol_up(
                at + 0.006, eapol.message_2(self.replay, self.snonce, rng.randbytes(16), rsn, version=version)
            )
            at += 1.0 if wrong_password else 0.012
        if wrong_password:
            self.manage_down(at, Management.DEAUTHENTICATION, struct.pack("<H", 15))
            return at
        self.replay += 1
        self.new_keys()
        self.eapol_down(
            at, eapol.message_3(self.replay, self.anonce, rng.randbytes(16), rng.randbytes(56), version=version)
        )
        self.eapol_up(at + 0.005, eapol.message_4(self.replay, rng.randbytes(16), version=version))
        self._agree_on_blocks(at + 0.03)
        return at + 0.04

    def _agree_on_blocks(self, at: float) -> None:
        if self.generation != "g":
            request = struct.pack("<BBBHHH", 3, 0, 7, 0x1003, 0, 0)
            self.manage_up(at, Management.ACTION, request, protected=self.pmf)
            self.manage_down(
                at + 0.003, Management.ACTION, struct.pack("<BBBHHH", 3, 1, 7, 0, 0x1003, 0), protected=self.pmf
            )

    def leave(self, at: float, *, reason: int = 3) -> None:
        """Say good-bye, encrypted where management frames are protected."""
        self.manage_up(at, Management.DEAUTHENTICATION, struct.pack("<H", reason), protected=self.pmf)
