from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hearing.frames import ACCESS_POINTS, beacon, data, deauthentication, fcs, garbage

from whimbrel.hearing.tails import LONGEST, octets_behind_fcs, possible_tails

AP = ACCESS_POINTS[0]
ACK = b"\xd4\0\0\0" + AP
NULL = b"\x48\x01\0\0" + AP * 3 + b"\0\0"
EAPOL = b"\x08\x02\0\0" + AP * 3 + b"\0\0" + bytes.fromhex("aaaa03000000888e") + b"\x02\x03\0\x05abcde"


@pytest.mark.parametrize(
    "frame", [beacon(AP), deauthentication(AP), data(AP), ACK], ids=["beacon", "deauth", "data", "ack"]
)
@pytest.mark.parametrize("extra", range(17))
def test_a_check_sequence_is_found_with_up_to_sixteen_octets_behind_it(frame: bytes, extra: int) -> None:
    raw = b"header" + frame + fcs(frame) + garbage(frame, extra)
    assert octets_behind_fcs(raw, 6) == extra
    assert octets_behind_fcs(raw[:-1] if not extra else raw[:5] + b"\xff" + raw[6:-extra] + b"\0" * 17, 6) is None


@pytest.mark.parametrize("frame", [beacon(AP), deauthentication(AP), ACK, NULL, EAPOL])
@pytest.mark.parametrize("tail", [b"", b"\0" * 4, b"\xff" * 4, b"\0" * 8, b"\x01\x02\x03\x04\x05\x06\x07\x08"])
def test_the_shape_of_a_frame_tells_its_end(frame: bytes, tail: bytes) -> None:
    found = possible_tails(b"header" + frame + tail, 6)
    assert found >> len(tail) & 1
    # Elements may go on by chance, but zeros are none.
    if not any(tail):
        assert found & ((1 << len(tail)) - 1) == 0


def test_what_is_encrypted_or_shapeless_tells_nothing() -> None:
    assert possible_tails(data(AP), 0) == 0
    assert possible_tails(b"\xc0\x40" + deauthentication(AP)[2:], 0) == 0
    assert possible_tails(b"\xd0\0" + deauthentication(AP)[2:], 0) == 0


@given(st.binary(max_size=80), st.integers(0, 80))
def test_any_octets_are_looked_at(raw: bytes, start: int) -> None:
    start = min(start, len(raw))
    behind = octets_behind_fcs(raw, start)
    assert behind is None or 0 <= behind <= 16
    assert 0 <= possible_tails(raw, start) < 1 << LONGEST + 1
