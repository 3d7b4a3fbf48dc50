from __future__ import annotations

from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.neighbours import Neighbour


def element(number: int, payload: bytes) -> bytes:
    return bytes([number, len(payload)]) + payload


def extension(number: int, payload: bytes) -> bytes:
    return element(255, bytes([number]) + payload)


def parse(*parts: bytes) -> Elements:
    raw = b"".join(parts)
    return parse_elements(raw, 0, len(raw))


CAPABILITY = element(83, b"\x11\x04")


def profile(*parts: bytes) -> bytes:
    return element(0, b"".join(parts))


def test_profiles_are_networks_of_their_own() -> None:
    rsn = bytes.fromhex("0100000fac040100000fac040100000fac020000")
    elements = parse(
        element(0, b"main"),
        element(
            71,
            b"\x03"
            + profile(CAPABILITY, element(0, b"guests"), element(85, b"\x02"), extension(56, b"\x01\x30\x01\x6a"))
            + profile(CAPABILITY, element(0, b"things"), element(85, b"\x05\x01\x00"), element(48, rsn)),
        ),
    )
    guests, things = elements.multiple_bssid
    assert (guests.ssid, guests.index, guests.capability, guests.max_indicator) == (b"guests", 2, 0x0411, 3)
    assert guests.elements.rsn is None
    assert not guests.inherits(48)
    assert not guests.inherits(256 + 106)
    assert guests.inherits(61)
    assert guests.inherits(256 + 36)
    assert (things.ssid, things.index) == (b"things", 5)
    assert things.elements.rsn is not None
    assert not things.inherits(48)
    assert things.inherits(61)


def test_addresses_count_up_in_the_low_bits() -> None:
    (network,) = parse(element(71, b"\x03" + profile(CAPABILITY, element(85, b"\x05")))).multiple_bssid
    assert network.bssid(bytes.fromhex("02000000100a")) == bytes.fromhex("02000000100f")
    assert network.bssid(bytes.fromhex("02000000100c")) == bytes.fromhex("020000001009")


def test_profile_goes_on_in_the_next_element() -> None:
    elements = parse(
        element(71, b"\x02" + profile(CAPABILITY, element(0, b"long"))),
        element(71, b"\x02" + profile(element(85, b"\x01"))),
    )
    (network,) = elements.multiple_bssid
    assert (network.ssid, network.index) == (b"long", 1)


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
