from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import (
    OTHER_AP,
    PMKID,
    authentication,
    handshake,
    key,
    nonce,
    secret,
)
from tests.survey.air import AP, SAE, STA, beacon, frame

from whimbrel.detections.protocol.pmkid_harvest import (
    _PAIRS,
    _TALLIES,
    PmkidHarvest,
    PmkidHarvestSettings,
)
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration


def address(number: int) -> bytes:
    return b"\x02" + number.to_bytes(5, "big")


class Air:
    """Beacons every tenth of a second, and actions of stations in between."""

    def __init__(self, *, security: bytes | None = None, **settings: Any) -> None:
        self.hearing = Hearing(PmkidHarvest, **settings)
        self.now = 1000.0
        self.security = security
        self.pass_time(1.0)

    def pass_time(self, seconds: float, freq: int = 2437, *, tuned: int = 0) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1024
            bssid = AP if freq == 2437 else OTHER_AP
            more: dict[str, Any] = {} if self.security is None else {"security": self.security}
            self.hearing.hear(beacon(time=self.now, freq=freq, bssid=bssid, **more), tuned=tuned or freq)

    def join(
        self, station: bytes = STA, bssid: bytes = AP, *, pmkid: bool = True, rssi: int = -75, wait: float = 3.0
    ) -> None:
        """Begin to join, and stop at message 1."""
        self.hearing.hear(authentication(station, bssid, time=self.now, rssi=rssi), tuned=2437)
        first = key(1, 1, nonce(1), data=PMKID if pmkid else b"", station=station, bssid=bssid, time=self.now + 0.01)
        self.hearing.hear(first, tuned=2437)
        if wait:
            self.pass_time(wait)


@pytest.mark.raises_alert("pmkid-harvest")
def test_three_attempts_that_stop_at_message_1() -> None:
    air = Air()
    air.join()
    air.join()
    assert not air.hearing.alerts
    air.join()
    [alert] = air.hearing.alerts
    assert (alert.rule, alert.severity, alert.count) == ("pmkid-harvest", Severity.NOTICE, 3)
    assert (alert.sender, alert.bssid) == (STA, AP)
    assert alert.frames >= 4


def test_three_stations_at_one_access_point_are_a_warning() -> None:
    air = Air()
    for n in range(3):
        air.join(address(n))
    [alert] = air.hearing.alerts
    assert (alert.severity, alert.confidence) == (Severity.WARNING, "high")
    assert "3 stations" in alert.text


def test_one_station_at_three_access_points_is_a_warning() -> None:
    air = Air()
    for n in range(3):
        air.join(bssid=address(n))
    [alert] = air.hearing.alerts
    assert alert.severity is Severity.WARNING
    assert "3 access points" in alert.text


def test_ten_attempts_are_a_warning() -> None:
    air = Air()
    for _ in range(10):
        air.join()
    assert air.hearing.events[0].severity is Severity.NOTICE
    assert air.hearing.events[-1].severity is Severity.WARNING


def test_one_silent_attempt_of_a_strong_stranger_is_a_notice_and_the_second_a_warning() -> None:
    air = Air()
    air.join(rssi=-50)
    [alert] = air.hearing.alerts
    assert (alert.severity, alert.count) == (Severity.NOTICE, 1)
    assert "1 attempt of" in alert.text
    air.join(rssi=-50)
    assert (air.hearing.events[-1].severity, air.hearing.events[-1].count) == (Severity.WARNING, 2)


@pytest.mark.parametrize("leaves", [True, False])
def test_a_strong_station_that_leaves_or_tries_again_may_only_have_failed(leaves: bool) -> None:
    air = Air()
    for _ in range(2):
        air.join(rssi=-50, wait=0)
        at = air.now + 0.3
        last = frame(0x0C, AP, STA, AP, b"\3\0", time=at) if leaves else authentication(time=at)
        air.hearing.hear(last, tuned=2437)
        air.pass_time(3)
    assert not air.hearing.alerts


def test_a_strong_station_that_has_worked_may_only_have_failed() -> None:
    air = Air()
    air.hearing.hear(secret(1, time=air.now), tuned=2437)
    for _ in range(2):
        air.join(rssi=-50)
    assert not air.hearing.alerts


@pytest.mark.spares("pmkid-harvest")
def test_a_wrong_password_is_none() -> None:
    air = Air()
    for n in range(12):
        air.join(wait=0)
        air.hearing.hear(key(2, 1, nonce(n + 2), time=air.now + 0.02), tuned=2437)
        air.pass_time(3)
    assert not air.hearing.alerts


def test_joining_in_full_is_none_even_where_message_2_was_missed() -> None:
    air = Air()
    for n in range(12):
        air.hearing.hear(authentication(time=air.now), tuned=2437)
        messages = handshake(air.now + 0.1, anonce=n, snonce=n)
        air.hearing.hear(*(messages if n % 2 else [messages[0], *messages[2:]]), tuned=2437)
        air.pass_time(3)
    assert not air.hearing.alerts


def test_message_1_without_a_pmkid_or_without_a_station_heard_is_nothing_to_harvest() -> None:
    air = Air()
    for n in range(12):
        air.join(pmkid=False)
        air.hearing.hear(key(1, 1, nonce(n), data=PMKID, station=address(n), time=air.now), tuned=2437)
        air.pass_time(3)
    assert not air.hearing.alerts


def test_a_weak_station_may_have_answered() -> None:
    air = Air()
    for _ in range(12):
        air.join(rssi=-88)
    assert not air.hearing.alerts
    air = Air(pmkid_harvest=PmkidHarvestSettings(weakest=-90))
    for _ in range(3):
        air.join(rssi=-88)
    assert air.hearing.alerts


def test_where_the_radio_was_away_nothing_is_known() -> None:
    air = Air()
    for _ in range(12):
        air.join(wait=0)
        air.pass_time(3, freq=2462)
        air.pass_time(0.2)
    assert not air.hearing.alerts


def test_radios_that_take_turns_in_one_capture_hear_it() -> None:
    air = Air()
    for _ in range(3):
        air.join(wait=0)
        for _ in range(30):
            air.now -= 0.05
            air.pass_time(0.1, freq=2462)
            air.now -= 0.05
            air.pass_time(0.1)
    assert air.hearing.alerts


def test_a_network_without_a_password_to_guess_is_left_out() -> None:
    air = Air(security=SAE)
    for _ in range(12):
        air.join()
    assert not air.hearing.alerts


def test_settings_change_the_threshold() -> None:
    air = Air(pmkid_harvest=PmkidHarvestSettings(stops=2))
    air.join()
    assert not air.hearing.alerts
    air.join()
    assert air.hearing.alerts


def test_attempts_long_ago_do_not_count() -> None:
    air = Air(pmkid_harvest=PmkidHarvestSettings(window=Duration(10.0)))
    for _ in range(6):
        air.join(wait=8)
    assert not air.hearing.alerts


def test_what_is_kept_is_bounded() -> None:
    air = Air()
    for n in range(1500):
        air.join(address(n), address(5000 + n), wait=0)
        air.now += 0.02
    air.pass_time(3)
    [detection] = air.hearing.engine.detections
    assert isinstance(detection, PmkidHarvest)
    assert max(len(detection._attempts), len(detection._waiting)) <= _PAIRS
    assert len(detection._tallies) <= _TALLIES


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0x00, 0x02, 0x0B]), st.binary(max_size=40)), max_size=8))
def test_no_frame_raises(frames: list[tuple[int, bytes]]) -> None:
    hearing = Hearing(PmkidHarvest)
    for n, (kind, body) in enumerate(frames):
        hearing.hear(frame(kind, AP, STA, AP, body, time=1000.0 + n))
        hearing.hear(key(1, 1, nonce(1), data=body, time=1000.5 + n))
