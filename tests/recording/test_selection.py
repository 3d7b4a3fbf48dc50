from __future__ import annotations

import pytest
from tests.lab import frames as made
from tests.recording.frames import data_frame, heard

from whimbrel.recording.selection import Payload, is_interesting, kept_octets

EAPOL = made.LLC_EAPOL + bytes.fromhex("02030000")


@pytest.mark.parametrize(
    ("octets", "interesting"),
    [
        (made.BEACON, True),
        (made.radiotap(made.management(12, b"\x07\x00")), True),
        (made.radiotap(made.control(13)), False),
        (made.radiotap(made.data(0, EAPOL)), True),
        (made.radiotap(made.data(8, EAPOL)), True),
        (made.radiotap(made.data(8, EAPOL, flags=0x41)), False),
        (made.radiotap(made.data(8, made.LLC_IPV4 + bytes(20))), False),
        (made.radiotap(made.data(4)), False),
        (made.RADIOTAP, False),
    ],
)
def test_management_and_eapol_are_interesting(octets: bytes, interesting: bool) -> None:
    assert is_interesting(heard(octets)) is interesting


def test_the_encrypted_part_of_data_is_cut_and_nothing_else() -> None:
    secret = data_frame(bytes(100), protected=True)
    assert kept_octets(secret, Payload.CUT, 0) == secret.body + 8
    assert kept_octets(secret, Payload.KEEP, 0) == len(secret.raw)
    assert kept_octets(data_frame(bytes(100), protected=False), Payload.CUT, 0) == len(secret.raw)
    management = heard(made.radiotap(made.management(13, bytes(60))[:1] + b"\x40" + made.management(13, bytes(60))[2:]))
    assert management.protected
    assert kept_octets(management, Payload.CUT, 0) == len(management.raw)


def test_no_more_than_the_snap_length_is_kept() -> None:
    assert kept_octets(heard(made.BEACON), Payload.KEEP, 20) == 20
    assert kept_octets(data_frame(b"", protected=True), Payload.CUT, 0) == len(data_frame(b"", protected=True).raw)
