from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import LLC, key
from tests.survey.air import AP, STA, beacon, frame, to_ap

from whimbrel.detections.protocol.aggregates import _PAIRS, AmsduInjection, AmsduInjectionSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

CRAFTED = LLC + bytes(4) + b"\0\6" + bytes(6) + bytes(12) + b"\0\x10" + LLC + bytes(8)
"""Begins like a plain packet, and splits into two subframes exactly: 6 octets of filling, then 16 of a packet."""


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(AmsduInjection, **settings)
    hearing.hear(beacon(time=999.0))
    return hearing


def bundle(seq: int, body: bytes = LLC + b"text" * 10, **more: Any) -> Frame:
    flags = 0x01 | more.pop("flags", 0)
    return to_ap(body, flags=flags, kind=0x28, seq=seq, amsdu=True, time=1000.0 + seq, **more)


@pytest.mark.raises_alert("amsdu-injection")
def test_one_crafted_frame_is_enough() -> None:
    [alert] = listening().hear(bundle(1, CRAFTED))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.CRITICAL, "medium", 1)
    assert (alert.sender, alert.receiver, alert.ssid) == (STA, AP, b"harbour")


def test_a_plain_packet_marked_as_a_bundle_is_a_notice_until_it_is_proven() -> None:
    hearing = listening()
    [alert] = hearing.hear(bundle(1))
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")
    hearing.hear(bundle(1, flags=0x08))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 1)


def test_in_an_open_network_it_is_nothing() -> None:
    hearing = Hearing(AmsduInjection)
    hearing.hear(beacon(time=999.0, security=b""))
    assert hearing.hear(bundle(1, CRAFTED), bundle(2), bundle(3)) == []


@pytest.mark.spares("amsdu-injection")
def test_real_bundles_and_plain_packets_are_fine() -> None:
    hearing = listening()
    for seq in range(6):
        hearing.hear(bundle(seq, bytes.fromhex("00aabbccddff00aabbccddee0030") + LLC + bytes(40)))
        hearing.hear(to_ap(LLC + bytes(40), flags=0x01, kind=0x28, seq=seq))
    assert not hearing.alerts


def test_a_login_packet_whose_mark_was_damaged_is_none() -> None:
    hearing = listening()
    second = key(2, 1, time=1000.0)
    damaged = frame(0x28, AP, STA, AP, second.raw[second.body : second.end], flags=0x01, amsdu=True)
    assert not hearing.hear(damaged)


def test_settings_change_the_threshold() -> None:
    hearing = listening(amsdu_injection=AmsduInjectionSettings(frames=2))
    assert not hearing.hear(bundle(1, CRAFTED), bundle(1, CRAFTED, flags=0x08))
    assert hearing.hear(bundle(2, CRAFTED))


def test_what_is_kept_is_bounded() -> None:
    hearing = listening()
    for n in range(200):
        hearing.hear(bundle(n, ta=b"\x02" + n.to_bytes(5, "big")))
    [injection] = hearing.engine.detections
    assert isinstance(injection, AmsduInjection)
    assert len(injection._bursts) <= _PAIRS
