from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.survey.air import ALL, AP, SAE, STA, beacon, frame

from whimbrel.detections.disruption.dismissing import BroadcastDeauth, BroadcastSettings, OddReason, ReasonSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.reasons import REASONS

SEQ = itertools.count(1)
MME = b"\x4c\x10" + bytes(16)


def leave(at: float, code: int = 3, *, ra: bytes = ALL, tail: bytes = b"", flags: int = 0) -> Frame:
    seq = next(SEQ) & 0xFFF
    return frame(0x0C, ra, AP, AP, code.to_bytes(2, "little") + tail, time=at, seq=seq, flags=flags)


def alive(at: float, *, started: float = 500.0, security: bytes | None = None) -> Frame:
    more: dict[str, Any] = {} if security is None else {"security": security}
    return beacon(time=at, tsf=round((at - started) * 1e6), **more)


@pytest.mark.raises_alert("broadcast-deauth")
def test_everyone_sent_away_while_the_access_point_goes_on() -> None:
    air = Hearing(BroadcastDeauth)
    air.hear(alive(1000), leave(1001), alive(1002), leave(1003), alive(1004))
    assert air.alerts == []
    (alert,) = air.hear(leave(1007))
    assert (alert.severity, alert.count, alert.receiver) == (Severity.WARNING, 3, ALL)


@pytest.mark.spares("broadcast-deauth")
def test_one_and_a_shutdown_are_none() -> None:
    air = Hearing(BroadcastDeauth)
    air.hear(alive(1000), *(leave(1001 + n / 10) for n in range(30)))
    assert air.alerts == []


def test_an_access_point_that_restarts_time_and_again_is_none() -> None:
    air = Hearing(BroadcastDeauth)
    for n in range(10):
        at = 1000.0 + n * 8
        air.hear(alive(at, started=at - 1), alive(at + 3, started=at - 1), leave(at + 6))
    assert air.alerts == []


def test_once_in_two_minutes_is_none() -> None:
    air = Hearing(BroadcastDeauth)
    for n in range(10):
        at = 1000.0 + n * 120
        air.hear(*(alive(at + k * 10) for k in range(12)), leave(at + 115))
    assert air.alerts == []


def test_without_a_beacon_since_it_is_a_notice() -> None:
    air = Hearing(BroadcastDeauth)
    (alert,) = air.hear(*(leave(1000 + n * 3) for n in range(3)))
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


def test_of_a_capture_that_begins_with_the_attack_the_ones_after_the_first_beacon_count() -> None:
    air = Hearing(BroadcastDeauth)
    for n in range(3):
        air.hear(leave(1000 + n * 4), alive(1001 + n * 4))
    assert [alert.severity for alert in air.alerts] == [Severity.NOTICE]
    air.hear(leave(1012), alive(1013), leave(1016), alive(1017))
    assert air.events[-1].severity is Severity.WARNING


def test_a_restart_after_the_first_beacon_is_none() -> None:
    air = Hearing(BroadcastDeauth)
    for n in range(10):
        at = 1000.0 + n * 8
        air.hear(leave(at), alive(at + 3, started=at + 1), alive(at + 7, started=at + 1))
    assert air.alerts == []


def test_where_pmf_is_required_signed_ones_do_not_count_and_others_are_forged() -> None:
    air = Hearing(BroadcastDeauth)
    for n in range(5):
        air.hear(alive(1000 + n * 3, security=SAE), leave(1001 + n * 3, tail=MME), leave(1001 + n * 3, flags=0x40))
    assert air.alerts == []
    for n in range(5):
        air.hear(alive(1020 + n * 3, security=SAE), leave(1021 + n * 3))
    assert [alert.confidence for alert in air.alerts] == ["high"]


def test_those_for_one_station_do_not_count() -> None:
    air = Hearing(BroadcastDeauth)
    assert air.hear(*(leave(1000 + n * 3, ra=STA) for n in range(9))) == []


def test_settings_of_broadcasts() -> None:
    settings = BroadcastSettings(count=2, window=Duration(10.0), spread=Duration(0.0))
    air = Hearing(BroadcastDeauth, broadcast_deauth=settings)
    assert air.hear(leave(1000)) == []
    assert len(air.hear(leave(1000.5))) == 1


@pytest.mark.parametrize("code", [0, 40, 44, 70, 72, 255, 65535])
@pytest.mark.raises_alert("odd-reason")
def test_three_with_a_reserved_reason_are_a_notice(code: int) -> None:
    air = Hearing(OddReason)
    assert air.hear(leave(1000, code), leave(1001, code, ra=STA)) == []
    (alert,) = air.hear(leave(1002, code))
    assert (alert.severity, alert.count) == (Severity.NOTICE, 3)
    assert str(code) in alert.text


def test_different_ones_are_a_warning() -> None:
    air = Hearing(OddReason)
    (alert,) = air.hear(*(leave(1000 + n, 200 + n) for n in range(3)))
    assert alert.severity is Severity.WARNING


@pytest.mark.spares("odd-reason")
def test_every_reason_of_the_standard_is_fine() -> None:
    assert Hearing(OddReason).hear(*(leave(1000 + n, code) for n, code in enumerate(REASONS))) == []


def test_what_is_encrypted_or_too_short_says_no_reason() -> None:
    air = Hearing(OddReason)
    frames = [leave(1000 + n, 9999, flags=0x40) for n in range(5)]
    frames += [frame(0x0C, ALL, AP, AP, b"\0", time=1010.0 + n, seq=n) for n in range(5)]
    assert air.hear(*frames) == []


def test_three_within_the_window_and_not_longer() -> None:
    air = Hearing(OddReason)
    for n in range(10):
        air.hear(leave(1000 + n * 40, 0), *(beacon(time=1010.0 + n * 40 + k * 10) for k in range(3)))
    assert air.alerts == []


def test_settings_of_reasons() -> None:
    air = Hearing(OddReason, odd_reason=ReasonSettings(count=1))
    assert len(air.hear(leave(1000, 0))) == 1


@given(st.binary(max_size=40), st.sampled_from([0xA, 0xC]), st.integers(0, 255))
def test_nothing_raises(body: bytes, kind: int, flags: int) -> None:
    air = Hearing(BroadcastDeauth, OddReason)
    for n in range(4):
        air.hear(alive(1000.0 + n), frame(kind, ALL, AP, AP, body, flags=flags, time=1000.0 + n * 3, seq=n))


@pytest.mark.parametrize(("seqs", "loud"), [((7, 7, 7), True), ((7, 8, 7), False), ((7, 7, 8), False)])
def test_without_beacons_one_sequence_number_gives_the_sender_away(seqs: tuple[int, ...], loud: bool) -> None:
    air = Hearing(BroadcastDeauth)
    for n, seq in enumerate(seqs):
        air.hear(frame(0x0A, ALL, AP, AP, b"\0\0", time=1000.0 + 3 * n, seq=seq))
    (alert,) = air.alerts
    assert (alert.severity is Severity.WARNING) is loud


def test_frames_marked_as_sent_again_share_their_number_rightly() -> None:
    air = Hearing(BroadcastDeauth)
    for n in range(3):
        air.hear(frame(0x0A, ALL, AP, AP, b"\0\0", time=1000.0 + 3 * n, seq=7, flags=8 * (n > 0)))
    assert [alert.severity for alert in air.alerts] == [Severity.NOTICE]
