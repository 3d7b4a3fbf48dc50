"""Frames of handshakes, set-up and fragments, built octet by octet."""

from __future__ import annotations

from typing import Any

from tests.survey.air import AP, RSN, STA, frame, from_ap, to_ap

from whimbrel.wifi.frames import Frame

OTHER_AP = bytes.fromhex("001122334466")
OTHER = bytes.fromhex("00aabbccddff")
LLC = bytes.fromhex("aaaa030000000800")
EAPOL_LLC = bytes.fromhex("aaaa03000000888e")
INFO = {1: 0x008A, 2: 0x010A, 3: 0x13CA, 4: 0x030A}
PMKID = bytes.fromhex("dd14000fac04") + b"\x5a" * 16


def nonce(seed: int) -> bytes:
    return seed.to_bytes(4, "big") * 8


def eapol(
    body: bytes, *, up: bool, kind: int, station: bytes = STA, bssid: bytes = AP, flags: int = 0, **more: Any
) -> Frame:
    packet = EAPOL_LLC + bytes((2, kind)) + len(body).to_bytes(2, "big") + body
    if up:
        return to_ap(packet, ta=station, bssid=bssid, da=bssid, flags=0x01 | flags, **more)
    return from_ap(packet, ra=station, bssid=bssid, sa=bssid, flags=0x02 | flags, **more)


def key(
    number: int, replay: int, value: bytes | None = None, *, data: bytes | None = None, info: int | None = None,
    length: int | None = None, **more: Any,
) -> Frame:  # fmt: skip
    """Return message `number` of a 4-way handshake with the nonce `value`."""
    if data is None:
        data = b"" if number in {1, 4} else RSN
    if value is None:
        value = bytes(32) if number == 4 else nonce(1 if number % 2 else 2)
    body = b"\x02" + (INFO[number] if info is None else info).to_bytes(2, "big") + b"\0\x10" + replay.to_bytes(8, "big")
    body += value + bytes(48) + (len(data) if length is None else length).to_bytes(2, "big") + data
    return eapol(body, up=number % 2 == 0, kind=3, **more)


def handshake(time: float, replay: int = 1, anonce: int = 1, snonce: int = 2, **more: Any) -> list[Frame]:
    first, second = nonce(anonce), nonce(snonce)
    return [
        key(1, replay, first, time=time, seq=1, **more),
        key(2, replay, second, time=time + 0.01, seq=2, **more),
        key(3, replay + 1, first, time=time + 0.02, seq=3, **more),
        key(4, replay + 1, time=time + 0.03, seq=4, **more),
    ]


def secret(number: int, *, up: bool = True, filler: int = 0, flags: int = 0, **more: Any) -> Frame:
    """Return a data frame encrypted with CCMP, with packet number `number`."""
    low, high = number & 0xFFFF, number >> 16
    body = low.to_bytes(2, "little") + b"\0\x20" + high.to_bytes(4, "little") + bytes((filler,)) * 24
    return to_ap(body, flags=0x41 | flags, **more) if up else from_ap(body, flags=0x42 | flags, **more)


def authentication(station: bytes = STA, bssid: bytes = AP, **more: Any) -> Frame:
    return frame(0x0B, bssid, station, bssid, b"\0\0\1\0\0\0", **more)


def deauthentication(ra: bytes, ta: bytes, bssid: bytes = AP, *, leave: bool = False, **more: Any) -> Frame:
    return frame(0x0A if leave else 0x0C, ra, ta, bssid, b"\x07\0", **more)


def wps(message: int, *, up: bool, operation: int = 4, identifier: int = 1, **more: Any) -> Frame:
    attributes = b"\x10\x4a\0\1\x10\x10\x22\0\1" + bytes((message,)) + b"\x10\x3c\0\1\1"
    eap = b"\xfe\x00\x37\x2a\0\0\0\1" + bytes((operation, 0)) + attributes
    eap = bytes((2 if up else 1, identifier)) + (len(eap) + 4).to_bytes(2, "big") + eap
    return eapol(eap, up=up, kind=0, **more)
