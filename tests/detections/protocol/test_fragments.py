from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER, eapol, handshake, secret
from tests.survey.air import ALL, AP, STA, beacon, frame, from_ap, to_ap

from whimbrel.detections.protocol.fragments import _MSDUS, _STRAYS, _TALLIES, MixedFragments, MixedFragmentsSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

MORE = 0x04


def part(seq: int, fragment: int, number: int | None, *, last: bool = False, **more: Any) -> Frame:
    """Return a fragment, encrypted with that packet number, or in clear for None."""
    flags = (0 if last else MORE) | more.pop("flags", 0)
    more.setdefault("time", 1000.0 + seq / 10 + fragment / 1000)
    if number is None:
        return to_ap(b"text" * 10, flags=0x01 | flags, seq=seq, fragment=fragment, **more)
    return secret(number, flags=flags, seq=seq, fragment=fragment, **more)


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(MixedFragments, **settings)
    hearing.hear(beacon(time=999.0))
    return hearing


@pytest.mark.parametrize("clear_first", [True, False])
@pytest.mark.raises_alert("mixed-fragments")
def test_a_packet_partly_in_clear_is_a_notice_and_a_warning_once_it_is_proven(clear_first: bool) -> None:
    numbers = (None, 5) if clear_first else (5, None)
    hearing = listening()
    [alert] = hearing.hear(part(1, 0, numbers[0]), part(1, 1, numbers[1], last=True))
    assert (alert.rule, alert.severity, alert.confidence, alert.count) == ("mixed-fragments", Severity.NOTICE, "low", 1)
    assert (alert.sender, alert.receiver, alert.ssid) == (STA, AP, b"harbour")
    hearing.hear(part(1, 0, numbers[0], flags=0x08), part(1, 1, numbers[1], last=True, flags=0x08))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 1)
    assert hearing.events[-1].confidence == "high"


def test_the_same_fault_again_and_again_is_proof_without_check_sequences() -> None:
    hearing = listening()
    for seq in range(2):
        hearing.hear(part(seq, 0, None), part(seq, 1, 5 + 9 * seq, last=True))
    assert hearing.events[-1].severity is Severity.NOTICE
    hearing.hear(part(2, 0, None), part(2, 1, 40, last=True))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 3)


def test_a_few_faults_among_many_packets_in_fragments_may_be_damage() -> None:
    hearing = listening()
    for seq in range(60):
        step = 2 if seq % 15 == 7 else 1
        hearing.hear(part(seq, 0, seq * 10), part(seq, 1, seq * 10 + step, last=True))
    assert hearing.alerts
    assert {event.severity for event in hearing.events} == {Severity.NOTICE}


@pytest.mark.spares("mixed-fragments")
def test_packets_that_are_all_one_or_the_other_are_fine() -> None:
    hearing = listening()
    for seq in range(0, 40, 2):
        hearing.hear(*[part(seq, n, seq * 10 + n, last=n == 2) for n in range(3)])
        hearing.hear(*[part(seq + 1, n, None, last=n == 2) for n in range(3)])
    assert not hearing.alerts


def test_an_encrypted_fragment_that_lost_its_mark_is_none_in_clear() -> None:
    hearing = listening()
    damaged = secret(6, flags=0, seq=1, fragment=1, time=1000.1)
    damaged.flags &= ~0x40
    assert not hearing.hear(part(1, 0, 5), damaged)


def test_wep_has_no_packet_numbers_and_is_left_out() -> None:
    hearing = listening()
    first = to_ap(b"\1\2\3\0" + bytes(20), flags=0x45, seq=1)
    assert not hearing.hear(first, part(1, 1, None, last=True))


def test_packet_numbers_with_a_gap() -> None:
    hearing = listening()
    for again in (0, 0x08):
        hearing.hear(part(1, 0, 10, flags=again), part(1, 1, 12, last=True, flags=again))
    assert [alert.severity for alert in hearing.alerts] == [Severity.NOTICE]
    assert (hearing.events[-1].severity, hearing.events[-1].confidence) == (Severity.WARNING, "medium")


def test_fragments_sent_again_or_out_of_order_are_fine() -> None:
    hearing = listening()
    for seq in range(9):
        hearing.hear(part(seq, 1, seq * 10 + 1), part(seq, 0, seq * 10), part(seq, 0, seq * 10, flags=0x08))
        hearing.hear(part(seq, 0, seq * 10 + 7, flags=0x08), part(seq, 3, seq * 10 + 3, last=True))
    assert not hearing.alerts


def test_tkip_counts_in_another_order() -> None:
    def tkip(counter: int) -> bytes:
        high, low = counter >> 8 & 0xFF, counter & 0xFF
        return bytes((high, (high | 0x20) & 0x7F, low, 0x20)) + bytes(24)

    hearing = listening()
    for seq in range(9):
        for fragment in range(2):
            body = tkip(seq * 100 + 1 + fragment)
            hearing.hear(to_ap(body, flags=0x45 - 4 * fragment, seq=seq, fragment=fragment, time=1000.0 + seq))
    assert not hearing.alerts


def test_the_same_numbers_much_later_are_another_packet() -> None:
    hearing = listening()
    for seq in range(6):
        hearing.hear(part(seq, 0, None, time=1000.0 + 10 * seq), part(seq, 1, 5, last=True, time=1003.0 + 10 * seq))
    assert not hearing.alerts


@pytest.mark.parametrize("number", [None, 7])
def test_a_fragment_to_a_group(number: int | None) -> None:
    def to_all(again: int) -> Frame:
        if number is None:
            body, flags = b"text" * 10, 0x02 | again
        else:
            body, flags = secret(number).raw[24:], 0x42 | again
        return from_ap(body, ra=ALL, flags=flags, fragment=1, time=1000.0)

    hearing = listening()
    [alert] = hearing.hear(to_all(0))
    assert (alert.severity, alert.receiver) == (Severity.NOTICE, ALL)
    hearing.hear(to_all(0x08))
    assert hearing.events[-1].severity is Severity.WARNING
    open_network = Hearing(MixedFragments)
    assert not open_network.hear(beacon(time=999.0, security=b""), to_all(0), to_all(0x08))


def test_whole_packets_to_groups_are_left_alone() -> None:
    hearing = listening()
    for seq in range(6):
        hearing.hear(secret(seq, seq=seq), frame(0x20, ALL, AP, AP, bytes(40), flags=0x02, seq=seq))
    assert not hearing.alerts


def over_keys(number: int, *, later: float = 1.0, between: bool = True) -> Hearing:
    """Return the alerts of a fragment before a handshake and of the next after it, with that packet number."""
    hearing = listening()
    hearing.hear(secret(0x100, seq=3, time=999.5), part(20, 0, 0x103, time=1000.0))
    if between:
        hearing.hear(*handshake(1000.2))
    hearing.hear(part(20, 1, number, last=True, time=1000.0 + later))
    return hearing


def test_fragments_over_a_change_of_keys() -> None:
    [alert] = over_keys(0x104).alerts
    assert "before and some after" in alert.text
    assert over_keys(0x104, later=59.0).alerts


def test_other_fragments_after_a_change_of_keys_are_fine() -> None:
    assert not over_keys(0x105).alerts
    assert not over_keys(2).alerts
    assert not over_keys(0x104, later=61.0).alerts
    assert not over_keys(0x104, between=False).alerts


def stray(fragment: int, *, before: int = 10, after: int = 11, gap: float = 0.1) -> Hearing:
    """Return the alerts of one fragment between two whole packets of its sender, by packet number."""
    hearing = listening()
    hearing.hear(secret(before, seq=1, time=1000.0))
    hearing.hear(*[part(18, 1, fragment, last=True, flags=flags, time=1000.01) for flags in (0, 0x08)])
    hearing.hear(secret(after, seq=2, time=1000.01 + gap))
    return hearing


def test_a_lone_fragment_that_its_sender_did_not_number() -> None:
    [alert] = stray(0x101).alerts
    assert (alert.severity, alert.confidence, alert.count) == (Severity.WARNING, "medium", 1)
    assert stray(11 + 65, after=11).alerts


def test_a_fragment_whose_first_one_was_missed_is_fine() -> None:
    assert not stray(11, after=12).alerts
    assert not stray(0x101, after=0x102).alerts  # the sender goes on from there: packets in between were missed
    assert not stray(0x101, after=1).alerts  # new keys, whose handshake was missed
    assert not stray(10 + 64).alerts  # as far as a window of a block acknowledgement
    assert not stray(0x101, gap=10.5).alerts


def test_stray_fragments_ask_for_encrypted_frames_only_for_a_while() -> None:
    hearing = stray(0x101, after=10)
    [detection] = hearing.engine.detections
    assert not detection.idle
    hearing.hear(*[beacon(time=1001.0 + n) for n in range(12)])
    assert detection.idle


def test_settings_change_the_threshold() -> None:
    hearing = listening(mixed_fragments=MixedFragmentsSettings(packets=2))
    assert not hearing.hear(part(1, 0, None), part(1, 1, 5, last=True))
    assert hearing.hear(part(2, 0, None), part(2, 1, 5, last=True))


def test_packets_far_apart_do_not_add_up() -> None:
    hearing = listening(mixed_fragments=MixedFragmentsSettings(packets=2))
    for n in range(4):
        at = 1000.0 + 121 * n
        assert not hearing.hear(part(n, 0, None, time=at), part(n, 1, 5, last=True, time=at + 0.001))


def test_loss_hides_it_and_raises_nothing_else() -> None:
    packets = [part(1, 0, None), part(1, 1, 5), part(1, 2, 6, last=True)]
    for missed in range(3):
        hearing = listening()
        hearing.hear(*[packet for n, packet in enumerate(packets) if n != missed])
        assert len(hearing.alerts) == (missed != 0)


def test_fragments_of_anybody_are_bounded() -> None:
    hearing = listening()
    for n in range(2000):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(secret(9, ta=station, seq=1), part(n % 4096, 0, None, ta=station))
        hearing.hear(part(n % 4096, 1, 300, ta=station), part(n % 4096, 3, 999, ta=station))
    [mixed] = hearing.engine.detections
    assert isinstance(mixed, MixedFragments)
    assert len(mixed._msdus) <= _MSDUS
    assert len(mixed._tallies) <= _TALLIES
    assert len(mixed._strays) <= _STRAYS


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0x20, 0x2B), st.binary(max_size=40), st.integers(0, 255), st.integers(0, 15)),
                max_size=10))  # fmt: skip
def test_no_frame_raises(frames: list[tuple[int, bytes, int, int]]) -> None:
    hearing = listening()
    for kind, body, flags, fragment in frames:
        hearing.hear(frame(kind, AP, STA, AP, body, flags=flags, fragment=fragment, amsdu=bool(flags & 1)))
        hearing.hear(frame(kind, AP, STA, OTHER, body, flags=flags ^ 0x40, fragment=fragment))
    hearing.hear(eapol(b"", up=True, kind=1))
