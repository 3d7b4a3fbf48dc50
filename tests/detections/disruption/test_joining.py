from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.disruption.holding import MOST, held_at_most
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RATES, RAW, STA, beacon, element, frame, from_ap, key, probe, to_ap

from whimbrel.detections.base import Detection
from whimbrel.detections.disruption.crowding import CrowdSettings
from whimbrel.detections.disruption.joining import AssocFlood, AuthFlood, SaeFlood, SaeSettings
from whimbrel.detections.disruption.logins import EapolLogoffFlood, EapolStartFlood, LogoffSettings, StartSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.eapol import parse_eapol
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

Make = Callable[..., Frame]
OTHER_CHANNEL = beacon(bssid=b"\0\1\2\3\4\5", channel=11, freq=2462)


def auth(station: bytes, at: float, **more: Any) -> Frame:
    return frame(0x0B, AP, station, AP, b"\0\0\1\0\0\0", time=at, **more)


def commit(station: bytes, at: float, **more: Any) -> Frame:
    return frame(0x0B, AP, station, AP, b"\3\0\1\0\0\0\x13\0" + bytes(96), time=at, **more)


def assoc(station: bytes, at: float, **more: Any) -> Frame:
    body = b"\1\0\n\0" + element(0, b"harbour") + RATES
    return frame(0x00, AP, station, AP, body, time=at, **more)


def packet(kind: int) -> Make:
    def make(station: bytes, at: float, **more: Any) -> Frame:
        body = bytes.fromhex("aaaa03000000888e01") + bytes((kind, 0, 0))
        flags = int(more.pop("flags", 0)) | 1
        return to_ap(body, ta=station, flags=flags, time=at, **more)

    return make


start, logoff = packet(1), packet(2)
CASES: list[tuple[type[Detection[Any]], Make, int, int]] = [
    (AuthFlood, auth, 30, 40),
    (AssocFlood, assoc, 30, 40),
    (SaeFlood, commit, 15, 30),
    (EapolStartFlood, start, 30, 15),
    (EapolLogoffFlood, logoff, 20, 5),
]
EVERY = pytest.mark.parametrize(("rule", "make", "count", "single"), CASES)


def stations(count: int, first: int = 0) -> Iterator[bytes]:
    return (b"\x02\x10\x20" + (first + n).to_bytes(3, "big") for n in range(count))


@EVERY
def test_so_many_stations_that_send_nothing_more_are_a_flood(
    rule: type[Detection[Any]], make: Make, count: int, single: int
) -> None:
    air = Hearing(rule)
    air.hear(beacon())
    crowd = [make(station, 1001 + n / 10) for n, station in enumerate(stations(count))]
    assert air.hear(*crowd[:-1]) == []
    (alert,) = air.hear(crowd[-1])
    assert (alert.rule, alert.severity, alert.bssid, alert.count) == (rule.rule, Severity.WARNING, AP, count)
    assert alert.ssid == b"harbour"
    more = [make(station, 1004 + n / 20) for n, station in enumerate(stations(5 * count, 1000))]
    air.hear(*more)
    air.end()
    assert air.events[-1].severity is Severity.CRITICAL


@pytest.mark.raises_alert("auth-flood", "assoc-flood", "sae-flood", "eapol-start-flood", "eapol-logoff-flood")
def test_each_flood_is_called_by_its_name() -> None:
    for rule, make, count, _single in CASES:
        air = Hearing(*(case[0] for case in CASES))
        air.hear(*(make(station, 1001 + n / 10) for n, station in enumerate(stations(count))))
        assert air.rules == [rule.rule]


@pytest.mark.spares("auth-flood", "assoc-flood", "sae-flood", "eapol-start-flood", "eapol-logoff-flood")
def test_a_few_stations_that_join_and_leave_are_none() -> None:
    air = Hearing(*(case[0] for case in CASES))
    for n, station in enumerate(stations(4)):
        air.hear(*(make(station, 1001 + n + step / 10, seq=step) for step, (_, make, *_) in enumerate(CASES)))
    assert air.alerts == []


@EVERY
def test_as_many_in_a_longer_time_are_none(rule: type[Detection[Any]], make: Make, count: int, single: int) -> None:
    air = Hearing(rule)
    assert air.hear(*(make(station, 1001 + n * 11 / count) for n, station in enumerate(stations(4 * count)))) == []


@pytest.mark.parametrize(("rule", "make", "count", "single"), CASES[:-1])
def test_stations_that_go_on_are_none(rule: type[Detection[Any]], make: Make, count: int, single: int) -> None:
    air = Hearing(rule)
    for n, station in enumerate(stations(4 * count)):
        at = 1001 + n / 20
        air.hear(make(station, at), make(station, at + 0.001, flags=8), to_ap(ta=station, time=at + 0.02))
    assert air.alerts == []


def named(made: Frame, station: bytes, at: float) -> Frame:
    """Return a frame between `AP` and `STA` as one of another station."""
    again = parse(RAW, (at, made.raw.replace(STA, station), len(made.raw)))
    again.freq, again.rssi = 2437, -50
    return again


@pytest.mark.parametrize("junk", [to_ap(), to_ap(flags=0x01), probe(), assoc(STA, 0)])
@pytest.mark.parametrize(("rule", "make", "count", "single"), CASES[:-1])
def test_where_a_network_is_protected_frames_that_anybody_can_send_are_no_going_on(
    rule: type[Detection[Any]], make: Make, count: int, single: int, junk: Frame
) -> None:
    """So does mdk4 with ``a -i``."""
    air = Hearing(rule)
    air.hear(beacon())
    for n, station in enumerate(stations(count)):
        air.hear(make(station, 1001 + n / 20), named(junk, station, 1001 + n / 20 + 0.01))
    assert air.rules == [rule.rule]


@pytest.mark.parametrize("more", [key(2, 1), key(3, 2), key(4, 2), from_ap(), packet(0)(STA, 0)])
@pytest.mark.parametrize(("rule", "make", "count", "single"), CASES[:-1])
def test_a_login_that_goes_on_is_none(
    rule: type[Detection[Any]], make: Make, count: int, single: int, more: Frame
) -> None:
    air = Hearing(rule)
    air.hear(beacon())
    for n, station in enumerate(stations(4 * count)):
        air.hear(make(station, 1001 + n / 20), named(more, station, 1001 + n / 20 + 0.01))
    assert air.alerts == []


@EVERY
def test_one_station_that_will_not_stop(rule: type[Detection[Any]], make: Make, count: int, single: int) -> None:
    air = Hearing(rule)
    frames = [make(STA, 1001 + n / single * 5, seq=n) for n in range(single)]
    assert air.hear(*frames[:-1]) == []
    (alert,) = air.hear(frames[-1])
    assert alert.sender == (None if rule is EapolLogoffFlood else STA)
    assert "00:aa:bb:cc:dd:ee" in alert.text


@EVERY
def test_frames_that_are_sent_again_count_once(rule: type[Detection[Any]], make: Make, count: int, single: int) -> None:
    air = Hearing(rule)
    frames = [
        make(STA, 1001 + n * 5 + again / 500, seq=n, flags=8 if again else 0) for n in range(3) for again in range(40)
    ]
    assert air.hear(*frames) == []


@EVERY
def test_hopping(rule: type[Detection[Any]], make: Make, count: int, single: int) -> None:
    """A tenth of the time on the channel, and all that is heard then."""
    air = Hearing(rule)
    numbers = stations(count + 2)
    for visit in range(3):
        at = 1001 + visit * 30.0
        air.hear(*(make(next(numbers), at + n / 10) for n in range(-(-count // 3))))
        OTHER_CHANNEL.time = at + count / 30 + 0.1
        air.hear(OTHER_CHANNEL)
    assert air.rules == [rule.rule]


@EVERY
def test_settings_change_both_bounds(rule: type[Detection[Any]], make: Make, count: int, single: int) -> None:
    classes: dict[type[Detection[Any]], type[CrowdSettings]] = {
        SaeFlood: SaeSettings,
        EapolStartFlood: StartSettings,
        EapolLogoffFlood: LogoffSettings,
    }
    made: Any = classes.get(rule, CrowdSettings)(count=6, window=Duration(2.0), single=6)
    settings: dict[str, Any] = {rule.rule: made}
    crowd = Hearing(rule, **settings)
    assert len(crowd.hear(*(make(station, 1001 + n / 10) for n, station in enumerate(stations(6))))) == 1
    one = Hearing(rule, **settings)
    assert len(one.hear(*(make(STA, 1001 + n / 10, seq=n) for n in range(6)))) == 1


@EVERY
def test_memory_under_a_flood_of_access_points_and_stations(
    rule: type[Detection[Any]], make: Make, count: int, single: int
) -> None:
    air = Hearing()
    with held_at_most(MOST, lambda: rule(rule.Settings(), air.engine.air)) as made:
        for n in range(5000):
            sent = make(n.to_bytes(6, "big"), 1001 + n / 1000)
            sent.bssid = sent.ra = b"\0\0\1" + (n // 40).to_bytes(3, "big")
            made.observe(sent)
            if rule in {EapolStartFlood, EapolLogoffFlood}:
                read = parse_eapol(sent.raw, sent.body, sent.end)
                assert read is not None
                made.eapol(sent, read, sent.bssid, sent.ta or b"")
        for n in range(5000):  # and as many of few stations
            made.observe(make(bytes((2, 0, 0, 0, 0, n // 40 % 30)), 1010 + n / 1000, seq=n & 0xFFF))


def test_sae_is_no_business_of_the_other_and_the_other_way_round() -> None:
    air = Hearing(AuthFlood)
    assert air.hear(*(commit(station, 1001 + n / 50) for n, station in enumerate(stations(200)))) == []
    air = Hearing(SaeFlood)
    assert air.hear(*(auth(station, 1001 + n / 50) for n, station in enumerate(stations(200)))) == []


def test_answers_of_an_access_point_are_no_requests() -> None:
    air = Hearing(AuthFlood)
    for n, station in enumerate(stations(100)):
        air.hear(frame(0x0B, station, AP, AP, b"\0\0\2\0\0\0", time=1001 + n / 50))
    assert air.alerts == []


def test_anti_clogging_tokens_are_told() -> None:
    air = Hearing(SaeFlood)
    for n, station in enumerate(stations(15)):
        at = 1001 + n / 10
        air.hear(commit(station, at), frame(0x0B, station, AP, AP, b"\3\0\1\0\x4c\0\x13\0" + bytes(32), time=at + 0.01))
    (alert,) = air.alerts
    assert "tokens 14 times" in alert.text


def test_pre_authentication_and_encrypted_logins_do_not_count() -> None:
    air = Hearing(EapolStartFlood, EapolLogoffFlood)
    for n in range(60):
        air.hear(start(STA, 1001 + n / 50, seq=n, flags=0x40))
        air.hear(to_ap(bytes.fromhex("aaaa0300000088c701010000"), flags=1, time=1001 + n / 50, seq=n))
    assert air.alerts == []


@given(
    st.binary(max_size=80), st.sampled_from([0, 2, 0xB, 0x20]), st.integers(0, 255), st.sampled_from([b"", b"\xaa" * 3])
)
def test_nothing_raises(body: bytes, kind: int, flags: int, head: bytes) -> None:
    air = Hearing(*(case[0] for case in CASES))
    if head:
        body = bytes.fromhex("aaaa03000000888e01") + body
    for n in range(3):
        air.hear(frame(kind, AP, STA, AP, body, flags=flags, time=1000.0 + n, seq=n))


def sae_answer(station: bytes, at: float, *, confirm: bool = False) -> Frame:
    body = b"\3\0\2\0\0\0" + bytes(34) if confirm else b"\3\0\1\0\0\0\x13\0" + bytes(96)
    return frame(0x0B, station, AP, AP, body, time=at)


@pytest.mark.parametrize("confirms", [False, True])
def test_the_access_points_answers_show_commits_that_were_not_heard(confirms: bool) -> None:
    air = Hearing(SaeFlood)
    air.hear(beacon(time=999.0))
    for n in range(15):
        station = b"\x02" + n.to_bytes(5, "big")
        air.hear(sae_answer(station, 1000.0 + n / 10))
        if confirms:
            air.hear(sae_answer(station, 1000.05 + n / 10, confirm=True))
    assert bool(air.alerts) is not confirms


def test_commits_and_their_answers_are_one_beginning() -> None:
    air = Hearing(SaeFlood)
    air.hear(beacon(time=999.0))
    for n in range(14):
        station = b"\x02" + n.to_bytes(5, "big")
        air.hear(commit(station, 1000.0 + n / 10), sae_answer(station, 1000.05 + n / 10))
    assert not air.alerts
    for n in range(29):
        air.hear(commit(STA, 1020.0 + n / 10), sae_answer(STA, 1020.05 + n / 10))
    assert not air.alerts
