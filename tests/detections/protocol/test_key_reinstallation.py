from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER, deauthentication, handshake, key, nonce, secret
from tests.survey.air import AP, STA, beacon, element, frame

from whimbrel.detections.protocol.key_reinstallation import (
    _KEPT,
    _SESSIONS,
    KeyReinstallation,
    KeyReinstallationSettings,
)
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

AGAIN = 1.0
"""Seconds after which access points repeat message 3."""


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(KeyReinstallation, **settings)
    hearing.hear(beacon(time=1000.0))
    return hearing


def packets(first: int, last: int, time: float, *, seq: int, filler: int, up: bool = True) -> list[Frame]:
    return [
        secret(number, time=time + number / 1000, seq=seq + number, filler=filler, up=up)
        for number in range(first, last + 1)
    ]


def repeated(time: float = 1001.05, replay: int = 3, **more: Any) -> list[Frame]:
    return [
        key(3, replay, nonce(1), time=time, seq=20, **more),
        key(4, replay, time=time + 0.01, seq=21, **more),
    ]


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.raises_alert("key-reinstallation")
def test_a_packet_number_used_twice_after_a_repeated_message_3_is_a_reinstallation(up: bool) -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1, up=up), *repeated())
    assert not hearing.hear(*packets(1, 1, 1001.2, seq=200, filler=2, up=up))
    [alert] = hearing.hear(*packets(2, 2, 1001.2, seq=200, filler=3, up=up))
    assert (alert.rule, alert.severity, alert.confidence, alert.count) == (
        "key-reinstallation", Severity.WARNING, "high", 2,
    )  # fmt: skip
    assert (alert.sender, alert.receiver) == ((STA, AP) if up else (AP, STA))
    assert alert.frames >= 4


def test_the_second_message_4_is_enough_where_the_second_message_3_was_missed() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1), repeated()[1])
    assert hearing.hear(*packets(1, 2, 1001.2, seq=200, filler=2))


@pytest.mark.spares("key-reinstallation")
def test_a_client_with_the_fix_counts_on() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1), *repeated())
    assert not hearing.hear(*packets(6, 30, 1001.2, seq=200, filler=2))


def test_without_a_repeated_message_3_nothing_is_said() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1))
    assert not hearing.hear(*packets(1, 5, 1001.2, seq=200, filler=2))


def test_a_retransmission_of_message_3_is_none() -> None:
    for again in (
        key(3, 2, nonce(1), time=1000.5, seq=3, flags=0x08),
        key(3, 2, nonce(1), time=1000.5, seq=3),
        key(3, 2, nonce(1), time=1000.07, seq=9),
    ):
        hearing = listening()
        hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1), again)
        assert not hearing.hear(*packets(1, 5, 1001.2, seq=200, filler=2))


def test_frames_sent_again_reuse_nothing() -> None:
    hearing = listening()
    sent = packets(1, 5, 1000.1, seq=100, filler=1)
    hearing.hear(*handshake(1000.0), *sent, *repeated())
    late = packets(1, 5, 1001.2, seq=100, filler=2)
    for frame_again in late:
        frame_again.flags |= 0x08
    assert not hearing.hear(*late)
    same = packets(1, 5, 1001.4, seq=300, filler=1)
    assert not hearing.hear(*same)


def test_a_new_handshake_has_a_new_key() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1), *repeated())
    hearing.hear(*handshake(1002.0, anonce=7, snonce=8))
    assert not hearing.hear(*packets(1, 5, 1002.2, seq=200, filler=2))


def test_the_same_anonce_with_another_snonce_is_a_new_key_too() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1), *repeated())
    hearing.hear(*handshake(1002.0, replay=5, snonce=9))
    assert not hearing.hear(*packets(1, 5, 1002.2, seq=200, filler=2))


def test_a_message_3_with_another_nonce_is_another_handshake_though_its_beginning_was_missed() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1))
    hearing.hear(*handshake(1002.0, replay=5, anonce=7)[2:])
    assert not hearing.hear(*packets(1, 5, 1002.2, seq=200, filler=2))


def test_an_access_point_that_repeats_message_3_a_few_times_is_normal() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0))
    for turn in range(1, 6):
        assert not hearing.hear(key(3, 2 + turn, nonce(1), time=1000.0 + turn, seq=10 + turn))
    [alert] = hearing.hear(key(3, 8, nonce(1), time=1006.0, seq=17))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.NOTICE, "low", 6)


def test_messages_3_that_nobody_answered_are_no_reinstallation() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0)[:3])
    for turn in range(1, 12):
        assert not hearing.hear(key(3, 2 + turn, nonce(1), time=1000.0 + turn, seq=10 + turn))


def test_settings_change_the_thresholds() -> None:
    hearing = listening(key_reinstallation=KeyReinstallationSettings(reused=1, repeats=2))
    hearing.hear(*handshake(1000.0), *packets(1, 5, 1000.1, seq=100, filler=1), *repeated())
    assert hearing.hear(*packets(1, 1, 1001.2, seq=200, filler=2))
    hearing = listening(key_reinstallation=KeyReinstallationSettings(repeats=2))
    hearing.hear(*handshake(1000.0), *repeated())
    assert hearing.hear(*repeated(1002.05, 4))


@pytest.mark.parametrize("number", [1, 3])
def test_one_handshake_on_two_channels_is_relayed(number: int) -> None:
    hearing = listening()
    hearing.hear(key(number, number, nonce(1), time=1000.0, seq=5, freq=2437))
    assert not hearing.hear(key(number, number, nonce(1), time=1000.4, seq=5, freq=2412))
    [alert] = hearing.hear(beacon(time=1000.5), beacon(time=1002.0))
    assert (alert.severity, alert.confidence, alert.frames) == (Severity.CRITICAL, "high", 2)
    assert f"message {number}" in alert.text
    assert "2437" in alert.text
    assert "2412" in alert.text


def test_a_fast_transition_that_is_replayed() -> None:
    hearing = listening()
    body = b"\0\0\0\0" + AP + element(0, b"harbour") + element(55, bytes(82))

    def request(time: float, seq: int, flags: int = 0) -> Frame:
        return frame(0x02, AP, STA, AP, body, time=time, seq=seq, flags=flags)

    hearing.hear(request(1000.0, 1), *packets(1, 5, 1000.1, seq=100, filler=1, up=False))
    hearing.hear(request(1000.01, 1, flags=0x08))
    assert not hearing.hear(*packets(1, 3, 1000.4, seq=200, filler=2, up=False))
    hearing.hear(request(1001.0, 2))
    assert hearing.hear(*packets(1, 3, 1001.2, seq=300, filler=3, up=False))


def test_encrypted_frames_of_others_cost_nothing_and_say_nothing() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), *repeated(1000.3))
    assert not hearing.hear(*[secret(1, time=1000.5, seq=n, filler=n, ta=OTHER) for n in range(1, 9)])
    hearing.hear(secret(1, time=1030.0, seq=1), secret(2, time=1032.0, seq=2))
    [detection] = hearing.engine.detections
    assert isinstance(detection, KeyReinstallation)
    assert not detection._sessions.entries


def test_a_flood_of_handshakes_is_bounded() -> None:
    hearing = listening()
    for n in range(500):
        station = b"\x02" + n.to_bytes(5, "big")
        at = 1000.0 + n / 100
        hearing.hear(*handshake(at, station=station))
        hearing.hear(*[secret(k, ta=station, time=at + 0.04, seq=k) for k in range(40)])
    [detection] = hearing.engine.detections
    assert isinstance(detection, KeyReinstallation)
    assert len(detection._sessions) <= _SESSIONS
    assert all(len(p) <= _KEPT for s in detection._sessions.entries.values() for p in s.packets)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0x02, 0x20, 0x28, 0x0C]), st.binary(max_size=60), st.integers(0, 255)),
                max_size=8))  # fmt: skip
def test_no_frame_raises(frames: list[tuple[int, bytes, int]]) -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0), deauthentication(STA, AP))
    for kind, body, flags in frames:
        hearing.hear(frame(kind, AP, STA, AP, body, flags=flags))
        hearing.hear(frame(kind, STA, AP, AP, bytes.fromhex("aaaa03000000888e0203005f02") + body, flags=flags & 0xBF))


@pytest.mark.parametrize("flags", [0, 0x08])
def test_the_same_numbers_and_contents_again_are_one_if_they_are_not_marked_as_sent_again(flags: int) -> None:
    hearing = listening()
    again = packets(1, 3, 1000.1, seq=100, filler=1, up=False)
    hearing.hear(*handshake(1000.0), *again, *repeated())
    for frame_again in packets(1, 3, 1001.2, seq=100, filler=1, up=False):
        frame_again.flags |= flags
        hearing.hear(frame_again)
    assert [alert.rule for alert in hearing.alerts] == ([] if flags else ["key-reinstallation"])


def test_message_1_between_3_and_4() -> None:
    hearing = listening()
    hearing.hear(*handshake(1000.0)[:3])
    [alert] = hearing.hear(key(1, 3, nonce(1), time=1000.5, seq=9))
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "medium")
    for innocent in (key(1, 2, nonce(1), time=1000.5), key(1, 3, nonce(9), time=1000.5)):
        hearing = listening()
        hearing.hear(*handshake(1000.0)[:3])
        assert not hearing.hear(innocent)
    hearing = listening()
    hearing.hear(*handshake(1000.0))
    assert not hearing.hear(key(1, 3, nonce(1), time=1000.5, seq=9))
