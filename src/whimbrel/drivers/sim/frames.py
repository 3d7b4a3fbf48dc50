"""Frames of every kind. scapy builds each shape once; addresses and the parts that change are patched into it."""

from __future__ import annotations

import functools
import struct
from typing import Any

from whimbrel.wifi import kinds
from whimbrel.wifi.kinds import FROM_DS, POWER_MANAGEMENT, PROTECTED, TO_DS

BROADCAST = b"\xff" * 6
NOBODY = bytes(6)

SNAP_EAPOL = bytes.fromhex("aaaa03000000888e")
SNAP_IPV4 = bytes.fromhex("aaaa030000000800")

REPLAY_AT, NONCE_AT, MIC_AT = 9, 17, 81
"""Offsets in an EAPOL-Key frame (IEEE 802.11-2020, 12.7.2), from its EAPOL header on."""


def capability(*, private: bool, band: str, ess: bool = True) -> int:
    """Return the Capability Information field."""
    return int(ess) | private << 4 | (0x0420 if band == "2.4" else 0x0100)


def _lasting(mpdu: bytes, duration: int) -> bytes:
    """Return the frame with its Duration/ID field set; versions of scapy disagree on its byte order."""
    return mpdu[:2] + struct.pack("<H", duration) + mpdu[4:]


@functools.cache
def _header(kind: int, flags: int = 0, tid: int | None = None) -> bytes:
    """Return the header of a frame with addresses of zeros; with QoS Control if there is a `tid`."""
    from scapy.layers.dot11 import Dot11, Dot11QoS

    header: Any = Dot11(type=kind >> 4, subtype=kind & 15, FCfield=flags)
    return bytes(header if tid is None else header / Dot11QoS(TID=tid))


def _addressed(header: bytes, *addresses: bytes) -> bytes:
    """Return `header` with its first addresses, the Duration/ID field as for a unicast or a group address."""
    octets = b"".join(addresses)
    return _lasting(header[:4] + octets + header[4 + len(octets) :], 0 if addresses[0] == BROADCAST else 44)


def _management(kind: int, ra: bytes, ta: bytes, bssid: bytes, body: Any, flags: int = 0) -> bytes:
    return _addressed(_header(kind, flags), ra, ta, bssid) + bytes(body)


def _with(body: Any, elements: bytes) -> Any:
    from scapy.packet import Raw

    return body / Raw(elements) if elements else body


def _swapped(value: int) -> int:
    """Return the capability field as scapy numbers its bits: most significant octet first."""
    return value >> 8 | (value & 0xFF) << 8


def beacon(bssid: bytes, interval: int, cap: int, elements: bytes) -> bytes:
    """Return a beacon; `interval` in TU."""
    from scapy.layers.dot11 import Dot11Beacon

    return _management(
        kinds.BEACON, BROADCAST, bssid, bssid, _with(Dot11Beacon(beacon_interval=interval, cap=_swapped(cap)), elements)
    )


def probe_response(bssid: bytes, interval: int, cap: int, elements: bytes) -> bytes:
    """Return a probe response without a receiver."""
    from scapy.layers.dot11 import Dot11ProbeResp

    return _management(
        kinds.PROBE_RESP,
        NOBODY,
        bssid,
        bssid,
        _with(Dot11ProbeResp(beacon_interval=interval, cap=_swapped(cap)), elements),
    )


def probe_request(station: bytes, elements: bytes) -> bytes:
    """Return a broadcast probe request."""
    from scapy.layers.dot11 import Dot11ProbeReq

    return _management(kinds.PROBE_REQ, BROADCAST, station, BROADCAST, _with(Dot11ProbeReq(), elements))


def authentication(ra: bytes, ta: bytes, bssid: bytes, step: tuple[int, int, int], body: bytes = b"") -> bytes:
    """Return an authentication frame; `step` is (algorithm, transaction, status)."""
    from scapy.layers.dot11 import Dot11Auth

    algo, number, status = step
    return _management(kinds.AUTH, ra, ta, bssid, _with(Dot11Auth(algo=algo, seqnum=number, status=status), body))


def association_request(
    station: bytes, bssid: bytes, cap: int, elements: bytes, previous: bytes | None = None
) -> bytes:
    """Return an association request, or a reassociation request where there was a `previous` access point."""
    from scapy.layers.dot11 import Dot11AssoReq, Dot11ReassoReq

    if previous is None:
        return _management(
            kinds.ASSOC_REQ, bssid, station, bssid, _with(Dot11AssoReq(cap=_swapped(cap), listen_interval=10), elements)
        )
    body = Dot11ReassoReq(cap=_swapped(cap), listen_interval=10, current_AP=previous.hex(":"))
    return _management(kinds.REASSOC_REQ, bssid, station, bssid, _with(body, elements))


def association_response(bssid: bytes, station: bytes, cap: int, elements: bytes, *, again: bool = False) -> bytes:
    """Return a successful (re)association response with association identifier 1."""
    from scapy.layers.dot11 import Dot11AssoResp, Dot11ReassoResp

    body = (Dot11ReassoResp if again else Dot11AssoResp)(cap=_swapped(cap), status=0, AID=0xC001)
    return _management(kinds.REASSOC_RESP if again else kinds.ASSOC_RESP, station, bssid, bssid, _with(body, elements))


def deauthentication(ra: bytes, ta: bytes, bssid: bytes, reason: int, *, leave: bool = False) -> bytes:
    """Return a deauthentication frame, a disassociation frame where `leave`."""
    from scapy.layers.dot11 import Dot11Deauth, Dot11Disas

    return _management(
        kinds.DISASSOC if leave else kinds.DEAUTH, ra, ta, bssid, (Dot11Disas if leave else Dot11Deauth)(reason=reason)
    )


def protected_deauthentication(ra: bytes, ta: bytes, bssid: bytes, noise: bytes) -> bytes:
    """Return a deauthentication frame as PMF encrypts it: CCMP header, two octets of reason, MIC."""
    from scapy.packet import Raw

    return _management(kinds.DEAUTH, ra, ta, bssid, Raw(b"\1\0\0\x20\0\0\0\0" + noise[:10]), PROTECTED)


def action(ra: bytes, ta: bytes, bssid: bytes, body: bytes, *, secret: bool = False) -> bytes:
    """Return an action frame; `body` starts with its category, or with the cipher's header where it is `secret`."""
    from scapy.packet import Raw

    return _management(kinds.ACTION, ra, ta, bssid, Raw(body), PROTECTED if secret else 0)


def control(kind: int, ra: bytes, ta: bytes | None = None, duration: int = 0) -> bytes:
    """Return an ACK, CTS, RTS or PS-Poll (its duration is the association identifier)."""
    addresses = (ra,) if ta is None else (ra, ta)
    return _lasting(_addressed(_header(kind), *addresses), duration)


def block_ack(ra: bytes, ta: bytes) -> bytes:
    """Return a compressed block acknowledgement of 64 frames (9.3.1.8)."""
    return control(kinds.BLOCK_ACK, ra, ta) + b"\x05\0\0\0" + b"\xff" * 8


def null(station: bytes, bssid: bytes, *, asleep: bool) -> bytes:
    """Return a null frame by which a station announces that it goes to sleep or woke up."""
    flags = TO_DS | (POWER_MANAGEMENT if asleep else 0)
    return _addressed(_header(kinds.NULL, flags), bssid, station, bssid)


def data(
    ra: bytes, ta: bytes, third: bytes, payload: bytes, *, up: bool, qos: bool, tid: int = 0, secret: bool = True
) -> bytes:
    """Return a data frame to (`up`) or from the distribution system; `payload` is its body."""
    flags = (TO_DS if up else FROM_DS) | (PROTECTED if secret else 0)
    header = _header(kinds.QOS_DATA, flags, tid) if qos else _header(kinds.DATA, flags)
    return _addressed(header, ra, ta, third) + payload


def eapol(kind: int, body: bytes = b"", version: int = 2) -> bytes:
    """Return LLC/SNAP and an EAPOL packet: 0 EAP, 1 start, 2 logoff, 3 key."""
    from scapy.layers.eap import EAPOL

    return SNAP_EAPOL + bytes(_with(EAPOL(version=version, type=kind), body))


def key(info: int, length: int, key_data: bytes, *, rsn: bool, mic: int = 16) -> bytes:
    """Return LLC/SNAP and an EAPOL-Key frame with nonce, counter and MIC of zeros, to be patched."""
    body = struct.pack(">BHHQ", 2 if rsn else 254, info, length, 0) + bytes(32 + 16 + 8 + 8 + mic)
    return eapol(3, body + struct.pack(">H", len(key_data)) + key_data, 2 if rsn else 1)
