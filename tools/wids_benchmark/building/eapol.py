"""EAPOL: keys (IEEE 802.11-2020, 12.7.2), EAP (RFC 3748), WPS in EAP (Wi-Fi Simple Configuration 2.0.8)."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building.mac import EAPOL, RFC1042

SNAP = RFC1042 + EAPOL
PAIRWISE, INSTALL, ACK, MIC, SECURE, ENCRYPTED = 0x0008, 0x0040, 0x0080, 0x0100, 0x0200, 0x1000
START, LOGOFF = 1, 2
REQUEST, RESPONSE, SUCCESS, FAILURE = 1, 2, 3, 4
IDENTITY, MD5, GTC, TLS, LEAP, PEAP, MSCHAPV2, EXPANDED = 1, 4, 6, 13, 17, 25, 26, 254


def packet(kind: int, body: bytes = b"") -> bytes:
    """Return an EAPOL packet with the LLC header before it: 0 EAP, 1 start, 2 logoff, 3 key."""
    return SNAP + bytes([2, kind]) + struct.pack(">H", len(body)) + body


def key(
    info: int, counter: int, nonce: bytes, *, mic: bytes = bytes(16), key_data: bytes = b"", version: int = 2
) -> bytes:
    """Return a key packet: `counter` is the replay counter, `version` that of the descriptor (0 for SAE)."""
    body = bytes([2]) + struct.pack(">HHQ", info | version, 16 if info & ACK and info & PAIRWISE else 0, counter)
    body += nonce + bytes(32) + mic + struct.pack(">H", len(key_data)) + key_data
    return packet(3, body)


def message_1(counter: int, nonce: bytes, *, pmkid: bytes = b"", version: int = 2) -> bytes:
    """Return message 1 of the 4-way handshake, with a PMKID if there is one."""
    data = b"\xdd\x14\x00\x0f\xac\x04" + pmkid if pmkid else b""
    return key(PAIRWISE | ACK, counter, nonce, key_data=data, version=version)


def message_2(counter: int, nonce: bytes, mic: bytes, rsn: bytes, *, version: int = 2) -> bytes:
    """Return message 2, with the station's RSN element."""
    return key(PAIRWISE | MIC, counter, nonce, mic=mic, key_data=rsn, version=version)


def message_3(counter: int, nonce: bytes, mic: bytes, wrapped: bytes, *, version: int = 2) -> bytes:
    """Return message 3, with the wrapped group key."""
    info = PAIRWISE | INSTALL | ACK | MIC | SECURE | ENCRYPTED
    return key(info, counter, nonce, mic=mic, key_data=wrapped, version=version)


def message_4(counter: int, mic: bytes, *, version: int = 2) -> bytes:
    """Return message 4."""
    return key(PAIRWISE | MIC | SECURE, counter, bytes(32), mic=mic, version=version)


def eap(code: int, identifier: int, method: int | None = None, body: bytes = b"") -> bytes:
    """Return an EAP packet in EAPOL; success and failure have no method."""
    rest = b"" if method is None else bytes([method]) + body
    return packet(0, struct.pack(">BBH", code, identifier, 4 + len(rest)) + rest)


def wps(code: int, identifier: int, message: int, size: int = 300, opcode: int = 4) -> bytes:
    """Return a WPS message (4 is M1, 5 M2, 7 M3, 8 M4, 14 NACK) of about `size` octets in an expanded EAP packet."""

    def attribute(number: int, value: bytes) -> bytes:
        return struct.pack(">HH", number, len(value)) + value

    body = attribute(0x104A, b"\x10") + attribute(0x1022, bytes([message]))
    body += attribute(0x101A, bytes(16)) + attribute(0x1005, bytes(8))
    body += attribute(0x1018, bytes(max(0, size - len(body) - 4)))
    return eap(code, identifier, EXPANDED, bytes.fromhex("00372a00000001") + bytes([opcode, 0]) + body)
