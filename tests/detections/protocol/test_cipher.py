from __future__ import annotations

import pytest

from whimbrel.detections.protocol.cipher import is_header, packet_number


@pytest.mark.parametrize(
    ("octets", "number"),
    [
        ("0102002003040506", 0x060504030201),  # CCMP, GCMP
        ("0102006003040506", 0x060504030201),  # under key 1
        ("0222012003040506", 0x060504030201),  # TKIP: the second octet keeps weak keys out
        ("0102030003040506", None),  # WEP
        ("01020020030405", None),  # cut short
    ],
)
def test_the_packet_number(octets: str, number: int | None) -> None:
    raw = b"\xff" + bytes.fromhex(octets)
    assert packet_number(raw, 1, len(raw)) == number


@pytest.mark.parametrize(
    ("octets", "is_one"),
    [
        ("0102002003040506", True),
        ("010200e003040506", True),
        ("0102012003040506", False),
        ("aaaa030000000800", False),
        ("0102003003040506", False),
        ("01020020030405", False),
    ],
)
def test_what_begins_like_an_encrypted_frame(octets: str, is_one: bool) -> None:
    raw = bytes.fromhex(octets)
    assert is_header(raw, 0, len(raw)) is is_one
