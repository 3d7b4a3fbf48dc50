"""Every way in which a data frame wraps a packet, made by hand from IEEE 802.11-2020, 9.2.4 and 9.3.2."""

from __future__ import annotations

from collections.abc import Callable

from tests.survey.air import AP, RAW

from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

MESH_PEER, PROXIED = bytes.fromhex("00deadbeef01"), bytes.fromhex("00deadbeef02")
IP = bytes.fromhex("aaaa030000000800") + bytes(range(40))
QOS = 0x88
A_MSDU = 0x80
"""Of QoS control's first octet."""


def header(control: int, flags: int, addresses: list[bytes], seq: int, qos: bytes = b"") -> bytes:
    """Return a MAC header; the fourth address stands behind the sequence number."""
    first, fourth = b"".join(addresses[:3]), b"".join(addresses[3:])
    return bytes((control, flags, 0, 0)) + first + (seq << 4).to_bytes(2, "little") + fourth + qos


def subframe(packet: bytes, *, da: bytes = PROXIED, sa: bytes = MESH_PEER, size: int | None = None) -> bytes:
    """Return a subframe of an A-MSDU, without the octets that fill it up."""
    return da + sa + (len(packet) if size is None else size).to_bytes(2, "big") + packet


def filled(part: bytes) -> bytes:
    """Fill a subframe up to four octets."""
    return part + bytes(-len(part) % 4)


def mesh_control(extension: int) -> bytes:
    """Return mesh control with no, one or two more addresses."""
    return bytes((extension, 31)) + (7).to_bytes(4, "little") + (PROXIED + MESH_PEER)[: 6 * extension]


def made(raw: bytes, time: float = 1000.0) -> Frame:
    """Parse a frame that was heard on channel 6."""
    frame = parse(RAW, (time, raw, len(raw)))
    frame.freq, frame.rssi = 2437, -50
    return frame


Wrap = Callable[[bytes, bytes, bytes, int], bytes]
"""From a packet, its receiver, its transmitter (a station and an access point, either way round) and a sequence
number to the octets of a frame."""


def _from_ap(ra: bytes, ta: bytes) -> bool:
    return ta[:5] == AP[:5]


def _three(ra: bytes, ta: bytes) -> tuple[int, list[bytes]]:
    return (0x02 if _from_ap(ra, ta) else 0x01), [ra, ta, ta if _from_ap(ra, ta) else ra]


def plain(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    flags, addresses = _three(ra, ta)
    return header(0x08, flags, addresses, seq) + packet


def qos(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    flags, addresses = _three(ra, ta)
    return header(QOS, flags, addresses, seq, b"\x06\x01") + packet


def ht_control(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    flags, addresses = _three(ra, ta)
    return header(QOS, flags | 0x80, addresses, seq, b"\x06\x00" + bytes(4)) + packet


def amsdu(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    flags, addresses = _three(ra, ta)
    return header(QOS, flags, addresses, seq, bytes((A_MSDU, 0))) + subframe(packet, da=ra, sa=ta)


def amsdu_second(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    flags, addresses = _three(ra, ta)
    first = filled(subframe(IP[:43]))
    return header(QOS, flags, addresses, seq, bytes((A_MSDU, 0))) + first + subframe(packet, da=ra, sa=ta)


def amsdu_behind_an_empty_one(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    flags, addresses = _three(ra, ta)
    first = filled(subframe(b""))
    return header(QOS, flags, addresses, seq, bytes((A_MSDU, 0))) + first + subframe(packet, da=ra, sa=ta)


def amsdu_whose_length_lies(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    flags, addresses = _three(ra, ta)
    return header(QOS, flags, addresses, seq, bytes((A_MSDU, 0))) + subframe(packet, size=0x7FFF)


def posing_as_amsdu(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    """CVE-2020-26144."""
    flags, addresses = _three(ra, ta)
    return header(QOS, flags, addresses, seq, bytes((A_MSDU, 0))) + packet


def four_addresses(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    return header(0x08, 0x03, [ra, ta, ra, ta], seq) + packet


def four_addresses_qos(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    return header(QOS, 0x03, [ra, ta, ra, ta], seq, b"\0\x01") + packet  # between access points: a queue size


def four_addresses_amsdu(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    return header(QOS, 0x03, [ra, ta, ra, ta], seq, bytes((A_MSDU, 0))) + filled(subframe(IP)) + subframe(packet)


def mesh(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    return header(QOS, 0x03, [ra, ta, ra, ta], seq, b"\0\x01") + mesh_control(0) + packet


def mesh_extended(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    return header(QOS, 0x03, [ra, ta, ra, ta], seq, b"\0\x01") + mesh_control(2) + packet


def _mesh_amsdu(packet: bytes, ra: bytes, ta: bytes, seq: int, *, counted: bool) -> bytes:
    parts = []
    for each, extension in ((IP, 2), (packet, 0)):
        control = mesh_control(extension)
        size = len(each) + (len(control) if counted else 0)
        parts.append(filled(subframe(control + each, size=size)))
    return header(QOS, 0x03, [ra, ta, ra, ta], seq, bytes((A_MSDU, 1))) + b"".join(parts)


def mesh_amsdu(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    return _mesh_amsdu(packet, ra, ta, seq, counted=False)


def mesh_amsdu_as_linux_sent_it(packet: bytes, ra: bytes, ta: bytes, seq: int) -> bytes:
    return _mesh_amsdu(packet, ra, ta, seq, counted=True)


THREE: tuple[Wrap, ...] = (
    plain, qos, ht_control, amsdu, amsdu_second, amsdu_behind_an_empty_one, amsdu_whose_length_lies, posing_as_amsdu,
)  # fmt: skip
FOUR: tuple[Wrap, ...] = (
    four_addresses, four_addresses_qos, four_addresses_amsdu, mesh, mesh_extended, mesh_amsdu,
    mesh_amsdu_as_linux_sent_it,
)  # fmt: skip
WRAPS = THREE + FOUR


def name_of(wrap: Wrap) -> str:
    """Name a way for the list of tests."""
    return wrap.__name__
