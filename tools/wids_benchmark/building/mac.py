"""MAC headers of IEEE 802.11-2020, clause 9.3. Sequence numbers are zero: `Air.finish` counts them in order of time."""

from __future__ import annotations

import struct
from enum import IntEnum

EVERYONE = bytes([255] * 6)
SEQUENCE_AT = 22
"""Offset of the sequence control field in management and data frames."""
TO_DS, FROM_DS, MORE_FRAGMENTS, RETRY, POWER_SAVE, MORE_DATA, PROTECTED, ORDER = (1 << bit for bit in range(8))

RFC1042 = bytes.fromhex("aaaa03000000")
IPV4, ARP, EAPOL, IPV6 = (struct.pack(">H", number) for number in (0x0800, 0x0806, 0x888E, 0x86DD))


class Management(IntEnum):
    """Subtypes of management frames, table 9-1."""

    ASSOCIATION_REQUEST = 0
    ASSOCIATION_RESPONSE = 1
    REASSOCIATION_REQUEST = 2
    REASSOCIATION_RESPONSE = 3
    PROBE_REQUEST = 4
    PROBE_RESPONSE = 5
    BEACON = 8
    DISASSOCIATION = 10
    AUTHENTICATION = 11
    DEAUTHENTICATION = 12
    ACTION = 13


def address(text: str) -> bytes:
    """Return the six octets of an address such as ``aa:bb:cc:dd:ee:ff``."""
    octets = bytes.fromhex(text.replace(":", ""))
    if len(octets) != 6:
        raise ValueError(f"{text!r} is not an address: six octets in hexadecimal, with colons")
    return octets


def written(octets: bytes) -> str:
    """Return an address as people write it."""
    return octets.hex(":")


def management(
    subtype: int, to: bytes, sender: bytes, bssid: bytes, body: bytes = b"", *, flags: int = 0, duration: int = 0
) -> bytes:
    """Return a management frame, 9.3.3.1; `duration` in microseconds."""
    return struct.pack("<BBH", subtype << 4, flags, duration) + to + sender + bssid + b"\0\0" + body


def data(
    to: bytes,
    sender: bytes,
    third: bytes,
    body: bytes = b"",
    *,
    flags: int,
    tid: int | None = None,
    subtype: int = 0,
    fragment: int = 0,
    amsdu: bool = False,
    fourth: bytes = b"",
    duration: int = 44,
) -> bytes:
    """Return a data frame, 9.3.2.1: QoS data where `tid` is given, four addresses where `fourth` is."""
    kind = subtype | (8 if tid is not None else 0)
    frame = struct.pack("<BBH", kind << 4 | 8, flags, duration) + to + sender + third
    frame += struct.pack("<H", fragment) + fourth
    if tid is not None:
        frame += struct.pack("<H", tid | (0x80 if amsdu else 0))
    return frame + body


def rts(to: bytes, sender: bytes, duration: int) -> bytes:
    """Return an RTS frame, 9.3.1.2."""
    return struct.pack("<BBH", 0xB4, 0, duration) + to + sender


def cts(to: bytes, duration: int) -> bytes:
    """Return a CTS frame, 9.3.1.3; to oneself where `to` is the sender's own address."""
    return struct.pack("<BBH", 0xC4, 0, duration) + to


def ack(to: bytes) -> bytes:
    """Return an acknowledgement, 9.3.1.4."""
    return struct.pack("<BBH", 0xD4, 0, 0) + to


def ps_poll(bssid: bytes, sender: bytes, aid: int) -> bytes:
    """Return a PS-Poll, 9.3.1.5: its second field is the association identifier."""
    return struct.pack("<BBH", 0xA4, 0, 0xC000 | aid) + bssid + sender


def block_ack_request(to: bytes, sender: bytes, tid: int, start: int) -> bytes:
    """Return a compressed block acknowledgement request, 9.3.1.7; `start` is a sequence number."""
    return struct.pack("<BBH", 0x84, 0, 116) + to + sender + struct.pack("<HH", tid << 12 | 4, (start & 0xFFF) << 4)


def block_ack(to: bytes, sender: bytes, tid: int, start: int, bitmap: int = 0xFFFFFFFFFFFFFFFF) -> bytes:
    """Return a compressed block acknowledgement, 9.3.1.8."""
    control = struct.pack("<HHQ", tid << 12 | 4, (start & 0xFFF) << 4, bitmap)
    return struct.pack("<BBH", 0x94, 0, 0) + to + sender + control


def from_ap(to: bytes, bssid: bytes, source: bytes, body: bytes, *, flags: int = 0, **more: int | None) -> bytes:
    """Return a data frame from an access point to one of its stations or to a group."""
    return data(to, bssid, source, body, flags=FROM_DS | flags, **more)  # type: ignore[arg-type]


def to_ap(bssid: bytes, station: bytes, to: bytes, body: bytes, *, flags: int = 0, **more: int | None) -> bytes:
    """Return a data frame from a station to its access point, for `to`."""
    return data(bssid, station, to, body, flags=TO_DS | flags, **more)  # type: ignore[arg-type]


def numbered(frame: bytes, sequence: int) -> bytes:
    """Return the frame with this sequence number; its fragment number stays."""
    control = (sequence & 0xFFF) << 4 | frame[SEQUENCE_AT] & 0xF
    return frame[:SEQUENCE_AT] + struct.pack("<H", control) + frame[SEQUENCE_AT + 2 :]


def again(frame: bytes) -> bytes:
    """Return the frame with the retry flag."""
    return frame[:1] + bytes([frame[1] | RETRY]) + frame[2:]
