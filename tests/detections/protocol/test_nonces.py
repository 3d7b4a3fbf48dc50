from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER, eapol, handshake, key, nonce
from tests.survey.air import AP, STA, beacon

from whimbrel.detections.protocol.nonces import (
    _NONCES,
    _PAIRS,
    NonceReuse,
    NonceReuseSettings,
    ZeroNonce,
    ZeroNonceSettings,
)
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration

ZERO = bytes(32)


def address(number: int) -> bytes:
    return b"\x02" + number.to_bytes(5, "big")


@pytest.mark.raises_alert("nonce-reuse")
def test_one_nonce_in_four_handshakes_of_an_access_point() -> None:
    hearing = Hearing(NonceReuse)
    for turn in range(3):
        assert not hearing.hear(*handshake(1000.0 + 100 * turn, anonce=1, snonce=10 + turn))
    [alert] = hearing.hear(*handshake(1300.0, anonce=1, snonce=13))
    assert (alert.rule, alert.severity, alert.count, alert.sender) == ("nonce-reuse", Severity.NOTICE, 4, AP)


def test_one_nonce_for_four_stations() -> None:
    hearing = Hearing(NonceReuse)
    for n in range(3):
        assert not hearing.hear(*handshake(1000.0 + n, anonce=1, snonce=10 + n, station=address(n)))
    assert hearing.hear(*handshake(1004.0, anonce=1, snonce=20, station=address(4)))


def test_of_stations_beyond_those_remembered_a_repeated_message_is_no_handshake() -> None:
    hearing = Hearing(NonceReuse)
    for n in range(30):
        hearing.hear(key(1, 1 + n, nonce(1), time=1000.0 + n / 10, seq=n, station=address(min(n, 9))))
    hearing.end()
    assert hearing.events[-1].count == 8


def test_the_same_snonce_in_four_handshakes_of_a_station() -> None:
    hearing = Hearing(NonceReuse)
    for turn in range(3):
        assert not hearing.hear(*handshake(1000.0 + 60 * turn, anonce=10 + turn, snonce=2))
    [alert] = hearing.hear(*handshake(1200.0, anonce=99, snonce=2))
    assert alert.sender == STA


@pytest.mark.spares("nonce-reuse")
def test_messages_that_are_repeated_use_their_nonce_again_by_right() -> None:
    hearing = Hearing(NonceReuse)
    for turn in range(20):
        hearing.hear(key(1, 1 + turn, nonce(1), time=1000.0 + turn, seq=turn))
        hearing.hear(key(2, 1 + turn, nonce(2), time=1000.5 + turn, seq=turn))
    for turn in range(4):
        hearing.hear(key(3, 30 + turn, nonce(1), time=1025.0 + turn))
    assert not hearing.alerts


def test_every_handshake_with_a_nonce_of_its_own_is_fine() -> None:
    hearing = Hearing(NonceReuse)
    for turn in range(30):
        hearing.hear(*handshake(1000.0 + 60 * turn, anonce=100 + turn, snonce=200 + turn))
    assert not hearing.alerts


def test_the_links_of_one_access_point_share_a_nonce() -> None:
    hearing = Hearing(NonceReuse)
    for n in range(3):
        hearing.hear(key(1, 1 + n, nonce(1), time=1000.0 + n, bssid=address(n), station=address(10 + n)))
    assert not hearing.alerts


def test_many_access_points_with_one_nonce_are_one_program() -> None:
    hearing = Hearing(NonceReuse)
    for n in range(3):
        assert not hearing.hear(key(1, 1, nonce(1), time=1000.0 + n, bssid=address(n), station=address(50)))
    [alert] = hearing.hear(key(1, 1, nonce(1), time=1004.0, bssid=address(3), station=address(50)))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.WARNING, "high", 4)


def test_settings_change_the_threshold_of_reuse() -> None:
    hearing = Hearing(NonceReuse, nonce_reuse=NonceReuseSettings(handshakes=2, apart=Duration(5.0)))
    assert not hearing.hear(*handshake(1000.0, snonce=3))
    assert hearing.hear(*handshake(1010.0, snonce=4))


def test_nonces_are_bounded() -> None:
    hearing = Hearing(NonceReuse, ZeroNonce)
    for n in range(3000):
        hearing.hear(key(1, 1, nonce(n + 1), time=1000.0 + n / 100, bssid=address(n)))
        hearing.hear(key(1, 1, ZERO, time=1000.0 + n / 100, bssid=address(n)))
    reuse, zero = hearing.engine.detections
    assert isinstance(reuse, NonceReuse)
    assert isinstance(zero, ZeroNonce)
    assert len(reuse._uses) <= _NONCES
    assert len(zero._bursts) <= _PAIRS


@pytest.mark.raises_alert("zero-nonce")
def test_two_nonces_of_zeros() -> None:
    hearing = Hearing(ZeroNonce)
    hearing.hear(beacon(time=999.0))
    assert not hearing.hear(key(1, 1, ZERO, time=1000.0))
    [alert] = hearing.hear(key(3, 2, ZERO, time=1000.1))
    assert (alert.rule, alert.severity, alert.sender, alert.ssid) == ("zero-nonce", Severity.WARNING, AP, b"harbour")


def test_a_message_2_without_a_nonce_counts() -> None:
    hearing = Hearing(ZeroNonce)
    assert not hearing.hear(key(2, 1, ZERO, time=1000.0))
    [alert] = hearing.hear(key(2, 2, ZERO, time=1001.0))
    assert alert.sender == STA


@pytest.mark.spares("zero-nonce")
def test_message_4_and_group_keys_have_no_nonce() -> None:
    hearing = Hearing(ZeroNonce)
    for n in range(5):
        hearing.hear(key(4, n, time=1000.0 + n))
        hearing.hear(key(4, n, time=1000.0 + n, data=bytes(16), info=0x130A))
        hearing.hear(key(1, n, ZERO, time=1000.0 + n, info=0x1382, data=bytes(40)))
    assert not hearing.alerts


def test_frames_sent_again_and_cut_ones_are_no_evidence() -> None:
    hearing = Hearing(ZeroNonce)
    hearing.hear(key(1, 1, ZERO, time=1000.0))
    hearing.hear(key(1, 1, ZERO, time=1000.1, flags=0x08))
    hearing.hear(eapol(b"\x02\x00\x8a\0\x10" + bytes(8) + bytes(20), up=False, kind=3, time=1000.2))
    hearing.hear(key(1, 1, ZERO, time=1000.3, station=OTHER))
    assert not hearing.alerts


def test_settings_change_the_threshold_of_zeros() -> None:
    hearing = Hearing(ZeroNonce, zero_nonce=ZeroNonceSettings(messages=1))
    assert hearing.hear(key(1, 1, ZERO))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.binary(min_size=32, max_size=32), st.integers(0, 0xFFFF)), max_size=6))
def test_no_packet_raises(packets: list[tuple[int, bytes, int]]) -> None:
    hearing = Hearing(NonceReuse, ZeroNonce)
    for number, value, info in packets:
        hearing.hear(key(number, 1, value, info=info))
