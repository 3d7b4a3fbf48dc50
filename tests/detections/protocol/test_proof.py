from __future__ import annotations

from binascii import crc32

import pytest
from tests.survey.air import to_ap

from whimbrel.detections.protocol.proof import _KEPT, Copies, is_ipv4
from whimbrel.wifi.frames import Frame

PING = bytes.fromhex("aaaa0300000008004500001c00010000400166de0a0000010a000002") + bytes(8)


def with_fcs(frame: Frame, *, wrong: int = 0) -> Frame:
    frame.raw += (crc32(frame.raw[frame.start : frame.end]) ^ wrong).to_bytes(4, "little")
    return frame


def test_a_check_sequence_that_fits_proves_a_frame() -> None:
    assert Copies().proven(with_fcs(to_ap()))
    assert not Copies().proven(with_fcs(to_ap(), wrong=1))
    assert not Copies().proven(to_ap())


def test_the_second_copy_proves_a_frame_whatever_changes_when_it_is_sent_again() -> None:
    copies = Copies()
    assert not copies.proven(to_ap(seq=1))
    assert not copies.proven(to_ap(seq=2))
    assert not copies.proven(to_ap(seq=1, flags=0x01))
    assert copies.proven(to_ap(seq=1, flags=0x59))


def test_what_is_kept_is_bounded() -> None:
    copies = Copies()
    for seq in range(200):
        copies.proven(to_ap(seq=seq))
    assert len(copies._heard) <= _KEPT


@pytest.mark.parametrize("at", range(20))
def test_an_ipv4_header_with_one_wrong_octet_is_none(at: int) -> None:
    assert is_ipv4(PING, 0, len(PING))
    wrong = bytearray(PING)
    wrong[8 + at] ^= 4
    assert not is_ipv4(bytes(wrong), 0, len(wrong))
    assert not is_ipv4(PING, 0, 8 + at)
