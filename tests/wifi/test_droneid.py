from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wifi.droneid import parse_element

DEGREE = 174532.925


def place(value: float) -> bytes:
    return round(value * DEGREE).to_bytes(4, "little", signed=True)


def flight(version: int = 2) -> bytes:
    """Return the payload behind the OUI: a drone at 12.5 N 13.25 E, that took off at 56 N 43 E."""
    head = bytes.fromhex("58621310") + bytes((version,)) + bytes(4) + b"SERIAL0123456789" + place(13.25) + place(12.5)
    if version < 2:
        return head + bytes(16) + place(43) + place(56) + bytes(22)
    return head + bytes(12) + bytes(8) + place(56) + place(43) + place(43) + place(56) + bytes(22)


@pytest.mark.parametrize("version", [1, 2])
def test_a_flight(version: int) -> None:
    payload = flight(version)
    said = parse_element(b"\xff" + payload, 1, 1 + len(payload))
    assert said is not None
    assert (said.aircraft, said.uas_id) == ("DJI drone", b"SERIAL0123456789")
    assert said.position == pytest.approx((12.5, 13.25), abs=1e-5)
    assert said.pilot == pytest.approx((56, 43), abs=1e-5)


def test_the_purpose_of_a_flight_has_the_serial_number_alone() -> None:
    said = parse_element(bytes.fromhex("58621311") + b"SERIAL01".ljust(40, b"\0"), 0, 44)
    assert said is not None
    assert (said.uas_id, said.position, said.pilot) == (b"SERIAL01", None, None)


def test_what_is_cut_short_or_something_else() -> None:
    assert parse_element(b"\x58\x62\x13\x12" + bytes(60), 0, 64) is None
    said = parse_element(flight()[:25], 0, 25)
    assert said is not None
    assert (said.uas_id, said.position) == (b"SERIAL0123456789", None)


@given(st.binary(max_size=80), st.integers(0, 80))
def test_total(octets: bytes, end: int) -> None:
    parse_element(octets, 0, end)
    parse_element(bytes.fromhex("58621310") + octets, 0, end)
