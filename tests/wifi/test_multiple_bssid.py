from __future__ import annotations

from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.multiple_bssid import nontransmitted


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
    guests, things = nontransmitted(elements)
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
    (network,) = nontransmitted(parse(element(71, b"\x03" + profile(CAPABILITY, element(85, b"\x05")))))
    assert network.bssid(bytes.fromhex("02000000100a")) == bytes.fromhex("02000000100f")
    assert network.bssid(bytes.fromhex("02000000100c")) == bytes.fromhex("020000001009")


def test_profile_goes_on_in_the_next_element() -> None:
    elements = parse(
        element(71, b"\x02" + profile(CAPABILITY, element(0, b"long"))),
        element(71, b"\x02" + profile(element(85, b"\x01"))),
    )
    (network,) = nontransmitted(elements)
    assert (network.ssid, network.index) == (b"long", 1)
