from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.survey.air import AP, SAE, STA, beacon, frame

from whimbrel.detections.impersonation.sae_answers import (
    _ACCESS_POINTS,
    _PAIRS,
    SaeAnswersContradict,
    SaeAnswersSettings,
)
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

REFUSED, HASH_TO_ELEMENT, TOKEN = 77, 126, 76


def commit(group: int = 19, *, at: float = 1000.0, station: bytes = STA, **more: Any) -> Frame:
    return frame(0x0B, AP, station, AP, b"\3\0\1\0\0\0" + group.to_bytes(2, "little") + bytes(96), time=at, **more)


def answer(status: int, group: int | None = 19, *, at: float = 1000.0, station: bytes = STA, **more: Any) -> Frame:
    body = b"\3\0\1\0" + status.to_bytes(2, "little")
    if group is not None:
        body += group.to_bytes(2, "little") + bytes(0 if status == REFUSED else 96)
    return frame(0x0B, station, AP, AP, body, time=at, **more)


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(SaeAnswersContradict, **settings)
    hearing.hear(beacon(time=999.0, security=SAE))
    return hearing


@pytest.mark.parametrize("accepted", [0, HASH_TO_ELEMENT])
@pytest.mark.parametrize("refusal_first", [True, False])
@pytest.mark.raises_alert("sae-answers-contradict")
def test_one_with_another_mark_is_a_warning(refusal_first: bool, accepted: int) -> None:
    hearing = listening()
    times = (1000.0, 1000.009) if refusal_first else (1000.009, 1000.0)
    pair = [
        answer(REFUSED, seq=18, rssi=-14, at=times[0]),
        answer(accepted, seq=2335, rssi=-30, at=times[1]),
    ]
    if not refusal_first:
        pair.reverse()
    [alert] = hearing.hear(commit(), *pair)
    assert (alert.severity, alert.confidence, alert.count) == (Severity.WARNING, "high", 1)
    assert "sequence numbers" in alert.text
    assert "levels" in alert.text
    assert (alert.bssid, alert.ssid, alert.receiver) == (AP, b"harbour", STA)


def test_one_alone_is_a_notice_and_the_second_a_warning() -> None:
    hearing = listening()
    [alert] = hearing.hear(answer(REFUSED, seq=1), answer(0, seq=2, at=1000.1))
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")
    hearing.hear(answer(REFUSED, seq=3, at=1030.0), answer(0, seq=4, at=1030.1))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 2)


def test_a_refusal_without_a_group_is_of_the_last_commit() -> None:
    assert listening().hear(commit(20), answer(REFUSED, None), commit(20, at=1001.0), answer(0, 20, at=1001.1))
    assert not listening().hear(commit(20), answer(REFUSED, None), commit(19, at=1001.0), answer(0, 19, at=1001.1))
    assert not listening().hear(answer(REFUSED, None), answer(0, 19, at=1000.1))


@pytest.mark.spares("sae-answers-contradict")
def test_a_station_that_takes_another_group_is_in_order() -> None:
    hearing = listening()
    for n in range(5):
        at = 1000.0 + n
        hearing.hear(commit(21, at=at), answer(REFUSED, 21, at=at + 0.1), commit(19, at=at + 0.2))
        hearing.hear(answer(TOKEN, 19, at=at + 0.3), answer(0, 19, at=at + 0.4))
    assert not hearing.alerts


def test_far_apart_or_to_another_station_they_are_none() -> None:
    assert not listening().hear(answer(REFUSED), answer(0, at=1010.5))
    assert not listening().hear(answer(REFUSED), answer(0, at=1000.1, station=b"\0\1\2\3\4\5"))
    assert not listening().hear(answer(REFUSED), answer(0, at=1000.1, flags=0x40))


def test_settings() -> None:
    hearing = listening(sae_answers_contradict=SaeAnswersSettings(sure=1))
    [alert] = hearing.hear(answer(REFUSED, seq=1), answer(0, seq=2, at=1000.1))
    assert alert.severity is Severity.WARNING


def test_what_is_kept_is_bounded() -> None:
    hearing = listening()
    for n in range(300):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(answer(REFUSED, station=station), answer(0, station=station))
    [rule] = hearing.engine.detections
    assert isinstance(rule, SaeAnswersContradict)
    assert len(rule._exchanges) <= _PAIRS
    assert len(rule._tallies) <= _ACCESS_POINTS


@given(st.lists(st.tuples(st.binary(max_size=12), st.booleans()), max_size=8))
def test_no_frame_raises(bodies: list[tuple[bytes, bool]]) -> None:
    hearing = listening()
    for body, up in bodies:
        hearing.hear(frame(0x0B, AP if up else STA, STA if up else AP, AP, b"\3\0\1\0" + body))


@pytest.mark.parametrize("status", [1, 13, 15, 37, 123])
@pytest.mark.parametrize("refusal_first", [True, False])
def test_any_final_refusal_contradicts_the_acceptance_of_the_same_commit(status: int, refusal_first: bool) -> None:
    times = (1000.0, 1000.009) if refusal_first else (1000.009, 1000.0)
    pair = [answer(status, None, seq=900, at=times[0]), answer(0, seq=2, at=times[1])]
    [alert] = listening().hear(commit(at=999.9), *(pair if refusal_first else reversed(pair)))
    assert (alert.severity, alert.confidence) == (Severity.WARNING, "high")


def test_a_refusal_before_another_commit_is_in_order() -> None:
    refusal, yes = answer(1, None, seq=900), answer(0, seq=2, at=1000.3)
    assert not listening().hear(commit(at=999.9), refusal, commit(at=1000.2), yes)
    assert not listening().hear(commit(at=999.9), yes, commit(at=1000.35), answer(1, None, seq=900, at=1000.4))
    assert not listening().hear(commit(at=999.9), refusal, answer(0, seq=2, at=1000.6))
    assert not listening().hear(refusal, yes), "without the commit it is not known whether it was one"
    for status in (17, 30, TOKEN):  # full, later, token
        assert not listening().hear(commit(at=999.9), answer(status, None, seq=900), yes)
    assert listening().hear(commit(at=999.9), refusal, commit(at=1000.2, flags=0x08), yes)
