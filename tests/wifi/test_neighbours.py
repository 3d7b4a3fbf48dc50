from __future__ import annotations

from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.neighbours import Neighbour


def element(number: int, payload: bytes) -> bytes:
    return bytes([number, len(payload)]) + payload


def parse(*parts: bytes) -> Elements:
    raw = b"".join(parts)
    return parse_elements(raw, 0, len(raw))


def test_neighbours_by_the_size_of_their_sets() -> None:
    first, second = bytes.fromhex("0200000000aa"), bytes.fromhex("0200000000bb")
    short = (0x11223344).to_bytes(4, "little")
    full = b"\xff" + first + short + b"\x4e\x14" + b"\x7f" + second + short + b"\x4e\x14"
    report = (
        b"\x10\x0d\x83\x25" + full
        + b"\x00\x05\x51\x06\xff" + short
        + b"\x00\x07\x73\x24\xff" + second
        + b"\x00\x01\x00\x24\xff"
    )  # fmt: skip
    assert parse(element(201, report)).neighbours == (
        Neighbour(131, 37, 6135, (first, second), (0x11223344, 0x11223344)),
        Neighbour(81, 6, 2437, (None,), (0x11223344,)),
        Neighbour(115, 36, 5180, (second,), (None,)),
        Neighbour(0, 36, 0, (None,), (None,)),
    )


def test_report_ends_where_it_breaks() -> None:
    good = b"\x00\x07\x51\x01\xff\x02\x00\x00\x00\x00\x01"
    assert len(parse(element(201, good + b"\xf0\xff\x51\x01\x00")).neighbours) == 1
    assert parse(element(201, b"\x00\x00\x51\x01")).neighbours == (Neighbour(81, 1, 2412, (), ()),)
