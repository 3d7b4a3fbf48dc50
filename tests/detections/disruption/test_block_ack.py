from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon, to_ap

from whimbrel.detections.disruption.block_ack import _PAIRS, _WAITING, BlockAckSettings, BlockAckWindow
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

RAW = 105


def request(begin: int, *, at: float = 1000.0, tid: int = 0, form: int = 2, ta: bytes = STA) -> Frame:
    control = (form << 1 | tid << 12).to_bytes(2, "little")
    octets = b"\x84\0\0\0" + AP + ta + control + (begin << 4).to_bytes(2, "little")
    made = parse(RAW, (at, octets, len(octets)))
    made.freq = 2437
    return made


def data(seq: int, *, at: float = 1000.1, flags: int = 0x41, tid: int = 0) -> Frame:
    return to_ap(b"\1\0\0\x20" + bytes(20), kind=0x28, seq=seq, time=at, flags=flags, tid=tid)


def leap(number: int = 0, *, by: int = 200, behind: int = 129) -> list[Frame]:
    at = 1000.0 + number
    begin = 100 + 10 * number
    moved = begin + by
    return [request(begin, at=at), request(moved, at=at + 0.1), data((moved - behind) % 4096, at=at + 0.2)]


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(BlockAckWindow, **settings)
    hearing.hear(beacon(time=999.0))
    return hearing


@pytest.mark.raises_alert("block-ack-window")
def test_a_window_that_moves_past_what_is_sent() -> None:
    hearing = listening()
    [alert] = hearing.hear(*leap())
    assert (alert.severity, alert.confidence, alert.count) == (Severity.NOTICE, "low", 1)
    hearing.hear(*leap(1))
    assert hearing.events[-1].severity is Severity.NOTICE
    hearing.hear(*leap(2))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 3)
    assert (alert.sender, alert.receiver) == (STA, AP)


def test_the_first_request_that_is_heard_is_enough() -> None:
    assert listening().hear(*leap()[1:])


def test_an_attacker_that_keeps_ahead_of_the_sender() -> None:
    hearing = listening()
    for n in range(10):
        hearing.hear(request(1500 + 4 * n, at=1000.0 + n), data(4 * n, at=1000.1 + n))
    assert hearing.events[-1].severity is Severity.WARNING


def test_a_counter_that_begins_anew_is_one_too() -> None:
    assert listening().hear(request(4000), request(100, at=1000.1), data(4060 - 100, at=1000.2))


@pytest.mark.spares("block-ack-window")
def test_a_busy_sender_moves_on_itself() -> None:
    hearing = listening()
    for n in range(200):
        begin = 300 * n % 4096
        hearing.hear(request(begin, at=1000.0 + n), data(begin, at=1000.1 + n))
    assert not hearing.alerts


def test_one_below_each_bound_is_none() -> None:
    assert not listening().hear(*leap(behind=128))
    assert not listening().hear(request(100), request(300, at=1000.1), data(150, at=1000.7))
    assert not listening().hear(request(100), request(300, at=1000.1), data(150, at=1000.2, flags=0x49))
    assert not listening().hear(request(100), request(300, at=1000.1), data(150, at=1000.2, tid=5))
    assert not listening().hear(request(100, form=3), request(300, at=1000.1, form=3), data(150, at=1000.2))


def test_encrypted_frames_are_asked_for_only_then() -> None:
    hearing = listening()
    [rule] = hearing.engine.detections
    assert rule.idle
    hearing.hear(request(300, at=1000.1))
    assert not rule.idle
    hearing.hear(*[beacon(time=1001.0 + n) for n in range(3)])
    assert rule.idle


def test_settings_and_bounds() -> None:
    hearing = listening(block_ack_window=BlockAckSettings(leaps=1))
    [alert] = hearing.hear(*leap())
    assert alert.severity is Severity.WARNING
    for n in range(200):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(request(100, ta=station, at=1001.0), request(400, ta=station, at=1001.0))
    [rule] = hearing.engine.detections
    assert isinstance(rule, BlockAckWindow)
    assert len(rule._waiting) <= _WAITING
    assert len(rule._bursts) <= _PAIRS
