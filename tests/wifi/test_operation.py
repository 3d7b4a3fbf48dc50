from __future__ import annotations

import pytest

from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.operation import NOWHERE, Operation


def element(number: int, payload: bytes) -> bytes:
    return bytes([number, len(payload)]) + payload


def extension(number: int, payload: bytes) -> bytes:
    return element(255, bytes([number]) + payload)


def parse(*parts: bytes) -> Elements:
    raw = b"".join(parts)
    return parse_elements(raw, 0, len(raw))


def ht(primary: int, second: int = 0, *, ccfs2: int = 0) -> bytes:
    """Build HT operation: `second` is the offset of the second channel (1 above, 3 below)."""
    info = ccfs2 << 5
    return element(61, bytes([primary, second | (4 if second else 0), info & 0xFF, info >> 8]) + bytes(18))


def vht(code: int, first: int, second: int) -> bytes:
    return element(192, bytes([code, first, second, 0xFC, 0xFF]))


def he(*, six: bytes = b"", copy: bytes = b"", cohosted: bool = False) -> bytes:
    parameters = (0x4000 if copy else 0) | (0x8000 if cohosted else 0) | (0x20000 if six else 0)
    return extension(
        36, parameters.to_bytes(3, "little") + b"\x2a\xfc\xff" + copy + (b"\x03" if cohosted else b"") + six
    )


def eht(code: int, first: int, second: int) -> bytes:
    return extension(106, b"\x01\x44\x44\x44\x44" + bytes([code, first, second]))


@pytest.mark.parametrize(
    ("parts", "operation"),
    [
        ([], NOWHERE),
        ([element(3, b"\x0d")], Operation(13, 2472, 20, 2472)),
        ([element(3, b"\x06"), ht(6)], Operation(6, 2437, 20, 2437)),
        ([ht(6, 1)], Operation(6, 2437, 40, 2447)),
        ([ht(6, 3)], Operation(6, 2437, 40, 2427)),
        ([ht(36, 1), vht(0, 0, 0)], Operation(36, 5180, 40, 5190)),
        ([ht(36, 1), vht(1, 42, 0)], Operation(36, 5180, 80, 5210)),
        ([ht(36, 1), vht(1, 42, 50)], Operation(36, 5180, 160, 5250)),
        ([ht(36, 1, ccfs2=50), vht(1, 42, 0)], Operation(36, 5180, 160, 5250)),
        ([ht(36, 1), vht(1, 42, 155)], Operation(36, 5180, 160, 5210, 5775)),
        ([ht(36, 1), vht(1, 0, 0)], Operation(36, 5180, 40, 5190)),
        ([ht(36, 1), vht(4, 42, 0)], Operation(36, 5180, 40, 5190)),
        ([ht(36, 1), vht(2, 50, 0)], Operation(36, 5180, 160, 5250)),
        ([ht(36, 1), vht(3, 42, 106)], Operation(36, 5180, 160, 5210, 5530)),
        ([ht(36, 1), he(copy=b"\x01\x2a\x00")], Operation(36, 5180, 80, 5210)),
        ([he(six=b"\x25\x00\x25\x00\x06")], Operation(37, 6135, 20, 6135)),
        ([he(six=b"\x25\x01\x23\x00\x06")], Operation(37, 6135, 40, 6125)),
        ([he(six=b"\x25\x02\x27\x00\x06")], Operation(37, 6135, 80, 6145)),
        ([he(six=b"\x25\x03\x27\x2f\x06", cohosted=True)], Operation(37, 6135, 160, 6185)),
        ([he(six=b"\x25\x03\x27\x2f\x06", copy=b"\x00\x00\x00")], Operation(37, 6135, 160, 6185)),
        ([he(six=b"\x25\x03\x27\x2f\x06"), eht(4, 0x2F, 0x3F)], Operation(37, 6135, 320, 6265)),
        ([ht(36, 1), vht(1, 42, 0), eht(3, 42, 50)], Operation(36, 5180, 160, 5250)),
        ([ht(36, 1), vht(1, 42, 0), extension(106, b"\x00\x44\x44\x44\x44")], Operation(36, 5180, 80, 5210)),
        ([ht(250)], NOWHERE),
        ([he(six=b"\xff\x02\x27\x00\x06")], NOWHERE),
        ([element(61, b"\x24")], Operation(36, 5180, 20, 5180)),
    ],
)
def test_channel_and_width(parts: list[bytes], operation: Operation) -> None:
    assert parse(*parts).operation == operation


@pytest.mark.parametrize(
    ("parts", "duplicate"),
    [
        ([he(six=b"\x25\x06\x27\x00\x06")], True),
        ([he(six=b"\x25\x06\x27\x00\x06", copy=b"\x04\x04\x04", cohosted=True)], True),
        ([he(six=b"\x25\x02\x27\x00\x06")], False),
        ([he(six=b"\x25\x06\x27\x00")], False),
        ([he()], False),
        ([], False),
    ],
)
def test_whether_beacons_are_sent_on_the_whole_width(parts: list[bytes], duplicate: bool) -> None:
    assert parse(*parts).duplicates is duplicate
