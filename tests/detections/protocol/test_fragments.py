from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import LLC, OTHER, eapol, secret
from tests.survey.air import AP, STA, beacon, frame, to_ap

from whimbrel.detections.protocol.fragments import (
    _MSDUS,
    _PAIRS,
    AmsduInjection,
    AmsduInjectionSettings,
    MixedFragments,
    MixedFragmentsSettings,
)
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

MORE = 0x04


def part(seq: int, fragment: int, number: int | None, *, last: bool = False, **more: Any) -> Frame:
    """Return a fragment, encrypted with that packet number, or in clear for None."""
    flags = (0 if last else MORE) | more.pop("flags", 0)
    more.setdefault("time", 1000.0 + seq / 10 + fragment / 1000)
    if number is None:
        return to_ap(bytes(40), flags=0x01 | flags, seq=seq, fragment=fragment, **more)
    return secret(number, flags=flags, seq=seq, fragment=fragment, **more)


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(MixedFragments, AmsduInjection, **settings)
    hearing.hear(beacon(time=999.0))
    return hearing


@pytest.mark.parametrize("clear_first", [True, False])
@pytest.mark.raises_alert("mixed-fragments")
def test_two_packets_partly_in_clear(clear_first: bool) -> None:
    numbers = (None, 5) if clear_first else (5, None)
    hearing = listening()
    assert not hearing.hear(part(1, 0, numbers[0]), part(1, 1, numbers[1], last=True))
    [alert] = hearing.hear(part(2, 0, numbers[0]), part(2, 1, numbers[1], last=True))
    assert (alert.rule, alert.severity, alert.confidence, alert.count) == (
        "mixed-fragments", Severity.CRITICAL, "high", 2,
    )  # fmt: skip
    assert (alert.sender, alert.receiver, alert.ssid) == (STA, AP, b"harbour")


def test_one_packet_counts_once_whatever_is_sent_again() -> None:
    hearing = listening()
    for _ in range(5):
        hearing.hear(part(1, 0, None), part(1, 1, 5), part(1, 2, 6, last=True, flags=0x08))
    assert not hearing.alerts


@pytest.mark.spares("mixed-fragments")
def test_packets_that_are_all_one_or_the_other_are_fine() -> None:
    hearing = listening()
    for seq in range(0, 40, 2):
        hearing.hear(*[part(seq, n, seq * 10 + n, last=n == 2) for n in range(3)])
        hearing.hear(*[part(seq + 1, n, None, last=n == 2) for n in range(3)])
    assert not hearing.alerts


def test_packet_numbers_with_gaps() -> None:
    hearing = listening()
    for seq in range(2):
        assert not hearing.hear(part(seq, 0, seq * 10), part(seq, 1, seq * 10 + 2, last=True))
    [alert] = hearing.hear(part(2, 0, 90), part(2, 1, 80, last=True))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.WARNING, "medium", 3)


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


def test_groups_and_whole_packets_are_left_alone() -> None:
    hearing = listening()
    for seq in range(6):
        hearing.hear(secret(seq, seq=seq), to_ap(LLC + bytes(9), flags=0x01, seq=seq))
        hearing.hear(frame(0x20, b"\xff" * 6, AP, AP, bytes(40), flags=0x06, seq=seq))
        hearing.hear(frame(0x20, b"\xff" * 6, AP, AP, bytes(40), flags=0x46, seq=seq, fragment=1))
    assert not hearing.alerts


def test_settings_change_the_thresholds_of_fragments() -> None:
    hearing = listening(mixed_fragments=MixedFragmentsSettings(msdus=1, gaps=1))
    assert hearing.hear(part(1, 0, None), part(1, 1, 5, last=True))
    assert hearing.hear(part(2, 0, 1), part(2, 1, 5, last=True))


def bundle(seq: int, body: bytes = LLC + bytes(40), **more: Any) -> Frame:
    return to_ap(body, flags=0x01, kind=0x28, seq=seq, amsdu=True, time=1000.0 + seq, **more)


@pytest.mark.raises_alert("amsdu-injection")
def test_a_plain_packet_marked_as_a_bundle() -> None:
    hearing = listening()
    assert not hearing.hear(bundle(1))
    [alert] = hearing.hear(bundle(2))
    assert (alert.rule, alert.severity, alert.confidence) == ("amsdu-injection", Severity.CRITICAL, "high")


def test_in_an_open_network_it_is_nothing() -> None:
    hearing = Hearing(AmsduInjection)
    hearing.hear(beacon(time=999.0, security=b""))
    assert hearing.hear(bundle(1), bundle(2), bundle(3)) == []


@pytest.mark.spares("amsdu-injection")
def test_real_bundles_and_plain_packets_are_fine() -> None:
    hearing = listening()
    for seq in range(6):
        hearing.hear(bundle(seq, bytes.fromhex("00aabbccddff00aabbccddee0030") + LLC + bytes(40)))
        hearing.hear(to_ap(LLC + bytes(40), flags=0x01, kind=0x28, seq=seq))
        hearing.hear(bundle(7))
    assert not hearing.alerts


def test_settings_change_the_threshold_of_bundles() -> None:
    assert listening(amsdu_injection=AmsduInjectionSettings(frames=1)).hear(bundle(1))


def test_fragments_of_anybody_are_bounded() -> None:
    hearing = listening()
    for n in range(2000):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(part(n % 4096, 0, None, ta=station), part(n % 4096, 1, 3, ta=station), bundle(n, ta=station))
    mixed, injection = hearing.engine.detections
    assert isinstance(mixed, MixedFragments)
    assert isinstance(injection, AmsduInjection)
    assert len(mixed._msdus) <= _MSDUS
    assert max(len(mixed._mixed), len(mixed._gaps), len(injection._bursts)) <= _PAIRS


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0x20, 0x2B), st.binary(max_size=40), st.integers(0, 255), st.integers(0, 15)),
                max_size=10))  # fmt: skip
def test_no_frame_raises(frames: list[tuple[int, bytes, int, int]]) -> None:
    hearing = listening()
    for kind, body, flags, fragment in frames:
        hearing.hear(frame(kind, AP, STA, AP, body, flags=flags, fragment=fragment, amsdu=bool(flags & 1)))
        hearing.hear(frame(kind, AP, STA, OTHER, body, flags=flags ^ 0x40, fragment=fragment))
    hearing.hear(eapol(b"", up=True, kind=1))
