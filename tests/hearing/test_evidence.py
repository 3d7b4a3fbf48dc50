from __future__ import annotations

import struct

from whimbrel.hearing.evidence import ENOUGH, Doubt, ReceiverEvidence
from whimbrel.wifi.reading import FCS, Tail

BEACON, DEAUTHENTICATION = 0x80, 0xC0


def address(number: int) -> bytes:
    return struct.pack(">HI", 0x0200, number)


def fill(
    evidence: ReceiverEvidence, frames: int, *, behind: int | None = None, tails: int = 0, first: int = 0, each: int = 4
) -> None:
    """Add frames of transmitters that send `each` frames, by turns of two kinds."""
    for number in range(frames):
        kind = DEAUTHENTICATION if number % 2 else BEACON
        evidence.add(address(first + number // each), kind, behind, tails, struct.pack("<I", number))


def test_few_frames_are_no_verdict_but_at_the_end() -> None:
    evidence = ReceiverEvidence()
    fill(evidence, ENOUGH - 1, behind=0)
    assert evidence.verdict() is Doubt.THIN
    assert evidence.verdict(final=True) == Tail(FCS)
    fill(evidence, 1, behind=0, first=9)
    fill(evidence, 1, behind=0, first=9)
    assert evidence.verdict() == Tail(FCS)


def test_what_tells_nothing_is_no_verdict() -> None:
    evidence = ReceiverEvidence()
    fill(evidence, 100)
    assert evidence.verdict(final=True) is Doubt.THIN


def test_addresses_that_were_heard_once_count_only_at_the_end() -> None:
    evidence = ReceiverEvidence()
    fill(evidence, 50, behind=0, each=1)
    assert evidence.verdict() is Doubt.THIN
    assert evidence.verdict(final=True) == Tail(FCS)


def test_the_shortest_tail_that_every_frame_allows_is_taken() -> None:
    evidence = ReceiverEvidence()
    fill(evidence, 20, tails=0b1_0001_0000)
    fill(evidence, 20, tails=0b1_0000_0000, first=9)
    assert evidence.verdict() is Doubt.MIXED
    alike = ReceiverEvidence()
    for number in range(40):
        alike.add(address(number // 10), BEACON + number % 2, None, 0b1_0000_0000 | number % 2 << 4, b"")
    assert alike.verdict() == Tail(0, 8)


def test_one_transmitter_that_ends_elsewhere_makes_it_doubtful() -> None:
    evidence = ReceiverEvidence()
    fill(evidence, 200, behind=0)
    assert evidence.verdict() == Tail(FCS)
    fill(evidence, 4, tails=1, first=1000)
    assert evidence.verdict() is Doubt.MIXED


def test_a_flood_of_addresses_pushes_nobody_out_who_says_otherwise() -> None:
    evidence = ReceiverEvidence()
    fill(evidence, 8, tails=1)
    fill(evidence, 5000, behind=0, first=100, each=2)
    assert evidence.verdict() is Doubt.MIXED


def test_odd_octets_behind_frames_of_one_kind_of_one_transmitter_may_be_its_own() -> None:
    evidence = ReceiverEvidence()
    for number in range(40):
        evidence.add(address(1), BEACON, None, 1 << 8, struct.pack("<I", number))
    assert evidence.verdict() is Doubt.THIN
    evidence.add(address(1), DEAUTHENTICATION, None, 1 << 8, b"1234")
    assert evidence.verdict() == Tail(0, 8)


def test_what_a_receiver_did_long_ago_fades() -> None:
    evidence = ReceiverEvidence()
    fill(evidence, 400, behind=0, each=100)
    fill(evidence, 400, tails=1, each=100)
    assert evidence.verdict() == Tail()
