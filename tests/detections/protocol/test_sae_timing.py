from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.test_sae_answers import REFUSED, answer, commit
from tests.survey.air import AP, SAE, STA, beacon, frame

from whimbrel.detections.protocol.sae_timing import _PAIRS, SaeTiming, SaeTimingSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(SaeTiming, **settings)
    hearing.hear(beacon(time=999.0, security=SAE))
    return hearing


def answers(count: int, status: int = REFUSED, group: int | None = None, *, pause: float = 1.2) -> list[Frame]:
    return [answer(status, group, at=1000.0 + pause * n, seq=n) for n in range(count)]


@pytest.mark.raises_alert("sae-timing")
def test_ten_refusals_of_one_station_are_enough_and_nine_are_not() -> None:
    hearing = listening()
    assert not hearing.hear(*answers(9))
    [alert] = hearing.hear(answer(REFUSED, at=1012.0))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.WARNING, "medium", 10)
    assert (alert.bssid, alert.sender, alert.ssid) == (AP, STA, b"harbour")


@pytest.mark.parametrize(("group", "severity"), [(19, Severity.NOTICE), (24, Severity.WARNING), (27, Severity.WARNING)])
def test_commits_that_are_taken_and_never_go_on(group: int, severity: Severity) -> None:
    hearing = listening()
    assert not hearing.hear(*answers(19, 0, group))
    [alert] = hearing.hear(answer(0, group, at=1024.0))
    assert alert.severity is severity


@pytest.mark.spares("sae-timing")
def test_a_station_that_goes_on_begins_anew() -> None:
    confirm = frame(0x0B, AP, STA, AP, b"\3\0\2\0\0\0" + bytes(34), time=1010.0)
    request = frame(0x00, AP, STA, AP, bytes(4), time=1010.0)
    for goes_on in (confirm, request):
        hearing = listening()
        assert not hearing.hear(*answers(8), goes_on, *[answer(REFUSED, None, at=1011.0 + n) for n in range(9)])
        hearing = listening()
        assert not hearing.hear(*answers(4, group=22), goes_on, *[answer(REFUSED, 22, at=1011.0 + n) for n in range(4)])


def test_seldom_or_sent_again_they_do_not_count() -> None:
    assert not listening().hear(*answers(40, pause=7.0))
    again = answers(40)
    for frame_again in again:
        frame_again.flags |= 0x08
    assert not listening().hear(*again)
    assert not listening().hear(*[commit(at=1000.0 + n) for n in range(40)])


@pytest.mark.parametrize(("heard", "raised"), [(0.5, False), (1.0, True)])
def test_a_part_of_them_is_enough_if_that_reaches_the_bound(heard: float, raised: bool) -> None:
    frames = answers(12)
    assert bool(listening().hear(*frames[: int(12 * heard)])) is raised


@pytest.mark.parametrize(("pause", "raised"), [(3.7, True), (3.9, False)])
def test_half_as_many_of_one_group_are_enough_in_a_quarter_of_the_time(pause: float, raised: bool) -> None:
    hearing = listening()
    assert not hearing.hear(*answers(4, group=22, pause=pause))
    assert bool(hearing.hear(answer(REFUSED, 22, at=1000.0 + 4 * pause))) is raised
    assert all(alert.count == 5 for alert in hearing.alerts)


def test_a_device_that_tries_each_group_once_measures_nothing() -> None:
    hearing = listening()
    tries = [answer(REFUSED, group, at=1000.0 + n, seq=n) for n, group in enumerate((19, 20, 21, 25, 26) * 2)]
    assert not hearing.hear(*tries[:-1])


def test_settings_and_bounds() -> None:
    hearing = listening(sae_timing=SaeTimingSettings(refused=3))
    assert hearing.hear(*answers(3))
    for n in range(200):
        hearing.hear(answer(REFUSED, station=b"\x02" + n.to_bytes(5, "big")))
    [rule] = hearing.engine.detections
    assert isinstance(rule, SaeTiming)
    assert len(rule._pairs) <= _PAIRS
