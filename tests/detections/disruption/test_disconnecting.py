from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.disruption.holding import MOST, held_at_most
from tests.detections.disruption.kicking import ASSOC_RESP, AUTH, DEAUTH, DISASSOC, OTHER, deauth, hearing
from tests.detections.hearing import Hearing
from tests.survey.air import ALL, AP, SAE, STA, beacon, frame, from_ap, to_ap

from whimbrel.detections.disruption.disconnecting import DeauthFlood, FloodSettings
from whimbrel.events.alerts import AlertClosed, Severity
from whimbrel.settings import Duration
from whimbrel.wifi.frames import Frame

MME = b"\x4c\x10" + bytes(16)


def every(seconds: float, count: int, **more: Any) -> list[Frame]:
    return [deauth(1000.0 + seconds * n, **more) for n in range(1, count + 1)]


@pytest.mark.parametrize("ra", [STA, ALL])
@pytest.mark.raises_alert("deauth-flood")
def test_ten_in_five_seconds_are_a_flood_and_nine_are_not(ra: bytes) -> None:
    air = hearing()
    assert air.hear(*every(0.5, 9, ra=ra)) == []
    (alert,) = air.hear(deauth(1005.0, ra=ra))
    assert (alert.rule, alert.severity, alert.count) == ("deauth-flood", Severity.CRITICAL, 10)
    assert (alert.bssid, alert.ssid, alert.receiver) == (AP, b"harbour", ra)
    assert alert.frames == 10


@pytest.mark.spares("deauth-flood")
def test_ten_in_more_than_five_seconds_are_none() -> None:
    assert hearing().hear(*every(0.6, 20)) == []


@pytest.mark.parametrize("pause", [0.6, 1.0, 2.0])
def test_a_slow_attack_is_one_too(pause: float) -> None:
    air = hearing()
    assert air.hear(*every(pause, 29)) == []
    assert len(air.hear(deauth(1000.0 + 30 * pause))) == 1


def test_one_in_three_seconds_is_none() -> None:
    assert hearing().hear(*every(3.0, 100)) == []


def test_both_directions_are_one_victim() -> None:
    air = hearing()
    pairs = [
        deauth(1000.0 + n * 0.4, ra=AP if n % 2 else STA, ta=STA if n % 2 else AP, kind=DISASSOC if n % 3 else DEAUTH)
        for n in range(1, 11)
    ]
    assert len(air.hear(*pairs)) == 1


def test_disconnections_that_a_station_is_said_to_send_count_for_it() -> None:
    air = Hearing(DeauthFlood, trusted=[STA])
    (alert,) = air.hear(*every(0.1, 10, ra=AP, ta=STA))
    assert alert.sender is None  # the leaving station is the victim, and may be trusted
    assert "00:aa:bb:cc:dd:ee" in alert.text


def test_a_frame_that_is_sent_again_is_the_same_disconnection() -> None:
    kicks = [
        deauth(1000 + kick / 2 + again / 1000, seq=kick, flags=0x08 if again else 0)
        for kick in range(4)
        for again in range(14)
    ]
    assert hearing().hear(*kicks) == []


def test_the_retry_bit_does_not_hide_a_flood() -> None:
    frames = [deauth(1000 + n / 50, seq=7, flags=0x08) for n in range(100)]
    (alert,) = hearing().hear(*frames)
    assert alert.count == 10


def test_equal_sequence_numbers_without_the_retry_bit_all_count() -> None:
    assert len(hearing().hear(*every(0.01, 10, seq=0))) == 1


def test_an_access_point_that_sends_its_stations_away_one_by_one_is_none() -> None:
    frames = []
    for n in range(60):
        victim = b"\x00\xaa\xbb\xcc\x00" + bytes((n,))
        frames += [deauth(1000 + n / 20 + k / 500, ra=victim, kind=(DEAUTH, DISASSOC)[k % 2]) for k in range(4)]
    assert hearing().hear(*frames) == []


def test_an_attacker_who_takes_the_stations_in_turn_is_noticed() -> None:
    victims = [b"\x00\xaa\xbb\xcc\x00" + bytes((n,)) for n in range(20)]
    frames = [deauth(1000 + n / 50, ra=victims[n % 20]) for n in range(100)]
    alerts = hearing().hear(*frames)
    assert len(alerts) == 1
    assert "several stations" in alerts[0].text


def test_band_steering_and_a_station_that_leaves_are_none() -> None:
    frames = [deauth(1000 + n * 4, code=(5, 8, 12, 3)[n % 4], kind=(DEAUTH, DISASSOC)[n % 2]) for n in range(15)]
    frames += [deauth(1060 + n / 10, ra=AP, ta=OTHER, code=3) for n in range(3)]
    assert hearing().hear(*frames) == []


def test_answers_to_a_station_that_does_not_understand_are_none() -> None:
    air = hearing()
    for n in range(60):
        at = 1000.0 + n / 4
        air.hear(to_ap(time=at), deauth(at + 0.01, code=7))
    assert air.alerts == []


@pytest.mark.parametrize(("unheard", "rules"), [(2, []), (6, ["deauth-flood"])])
def test_some_of_the_data_may_be_unheard_whose_answers_are_heard(unheard: int, rules: list[str]) -> None:
    air = hearing()
    for n in range(120):
        at = 1000.0 + n / 20
        if n % unheard == 0:
            air.hear(to_ap(time=at))
        air.hear(deauth(at + 0.01, code=7))
    assert air.rules == rules


def test_the_same_reason_counts_where_the_station_joins_in_between() -> None:
    air = hearing()
    for n in range(40):
        at = 1000.0 + n
        air.hear(
            frame(AUTH, AP, STA, AP, b"\0\0\1\0\0\0", time=at),
            frame(ASSOC_RESP, STA, AP, AP, b"\1\0\0\0\1\xc0", time=at + 0.1),
            to_ap(time=at + 0.2),
            deauth(at + 0.5, code=7),
        )
    assert air.rules == ["deauth-flood"]


def test_the_same_reason_counts_where_the_station_is_served() -> None:
    air = hearing()
    for n in range(15):
        at = 1000.0 + n / 4
        air.hear(*(to_ap(time=at + k / 1000) for k in range(20)), from_ap(time=at), deauth(at + 0.1, code=7))
    assert air.rules == ["deauth-flood"]


def answers(count: int, *, start: float = 1002.0, code: int = 7) -> list[Frame]:
    return [deauth(start + n / 20, code=code) for n in range(count)]


def leave(at: float = 1001.9, **more: Any) -> Frame:
    return deauth(at, ra=AP, ta=STA, code=8, **more)


def test_answers_to_a_station_that_has_left_are_none() -> None:
    """An 11ax ear hears none of the data that they answer; the access point repeats each, as nobody acknowledges it."""
    air = hearing()
    assert air.hear(leave(), *answers(60)) == []


def test_where_pmf_is_required_a_station_without_keys_can_only_be_answered_in_clear() -> None:
    air = Hearing(DeauthFlood)
    air.hear(beacon(security=SAE, time=1000.0))
    assert air.hear(leave(flags=0x40), *answers(300)) == []
    air.hear(frame(AUTH, AP, STA, AP, b"\0\0\1\0\0\0", time=1018.0))
    assert len(air.hear(*answers(10, start=1018.1))) == 1


@pytest.mark.parametrize("code", [3, 7])
def test_a_leave_that_is_forged_does_not_hide_a_flood(code: int) -> None:
    """Again and again, or once before a flood that lasts, or with other reasons than an answer has."""
    again = hearing()
    again.hear(*(frame for at in range(1001, 1021) for frame in (leave(at), *answers(3, start=at + 0.1, code=code))))
    lasting = hearing()
    lasting.hear(leave(), *answers(300, code=code))
    garbage = hearing()
    garbage.hear(leave(flags=0x40), *answers(300, code=code))
    assert again.rules == lasting.rules == garbage.rules == ["deauth-flood"]


def test_an_access_point_is_not_its_own_victim() -> None:
    assert hearing().hear(*every(0.1, 100, ra=AP)) == []


def test_a_station_in_the_place_of_the_network_is_the_victim() -> None:
    """So does ESP32 Marauder in the direction to the access point."""
    air = hearing()
    for n in range(20):
        at = 1001 + n / 10
        air.hear(deauth(at, code=2), deauth(at + 0.01, ra=AP, ta=STA, bssid=STA, code=2))
    (alert,) = air.alerts
    assert (alert.bssid, alert.count) == (AP, 10)
    assert "of 00:aa:bb:cc:dd:ee from" in alert.text


def test_every_victim_has_an_alert_of_its_own() -> None:
    air = hearing()
    air.hear(*every(0.2, 20), *(deauth(1005 + n / 5, ra=OTHER) for n in range(30)))
    counted = {(standing.claim.receiver, standing.seen) for standing in air.engine.alerts}
    assert counted == {(STA, 20), (OTHER, 30)}


def test_protected_ones_do_not_count() -> None:
    assert hearing().hear(*every(0.05, 50, flags=0x40)) == []


def test_where_pmf_is_required_clear_ones_are_forged_and_signed_ones_are_not() -> None:
    air = Hearing(DeauthFlood)
    air.hear(beacon(security=SAE))
    assert air.hear(*every(0.05, 50, ra=ALL, tail=MME)) == []
    (alert,) = air.hear(*(deauth(1010 + n / 10, ra=ALL) for n in range(10)))
    assert alert.confidence == "high"
    assert "forged" in alert.text


def test_a_signature_proves_nothing_where_nobody_checks_it() -> None:
    assert len(hearing().hear(*every(0.05, 10, ra=ALL, tail=MME))) == 1


def test_hopping_needs_the_rate_of_the_time_that_was_listened() -> None:
    air = hearing()
    for n in range(4):
        start = 1001.0 + n * 10
        air.hear(*(deauth(start + k / 10) for k in range(3)))
        air.hear(beacon(bssid=OTHER, channel=11, freq=2462, time=start + 0.4))
    assert air.rules == ["deauth-flood"]


def test_a_frame_without_channel_and_signal_counts() -> None:
    (alert,) = hearing().hear(*every(0.1, 10, freq=0, rssi=None))
    assert alert.rssi is None


def test_settings_change_the_bounds() -> None:
    air = hearing(count=4, window=Duration(1.0), slow_count=6, slow_window=Duration(20.0))
    assert air.hear(*every(0.1, 3)) == []
    assert len(air.hear(deauth(1000.35))) == 1
    slow = hearing(count=4, window=Duration(1.0), slow_count=6, slow_window=Duration(20.0))
    assert slow.hear(*every(2.0, 5)) == []
    assert len(slow.hear(deauth(1012.0))) == 1


def test_who_is_muted_is_silent_and_a_trusted_access_point_is_not_since_its_address_is_forged() -> None:
    assert hearing(mute=(AP,)).hear(*every(0.1, 20)) == []
    assert len(Hearing(DeauthFlood, trusted=[AP]).hear(*every(0.1, 20))) == 1


def test_it_goes_on_as_one_alert_and_ends() -> None:
    air = hearing()
    air.hear(*every(0.1, 300))
    air.hear(*(beacon(time=1030.0 + n) for n in range(70)))
    assert len(air.alerts) == 1
    closed = air.events[-1]
    assert isinstance(closed, AlertClosed)
    assert closed.count == 300


def test_memory_under_a_flood_of_made_up_victims() -> None:
    air = hearing()
    with held_at_most(MOST, lambda: DeauthFlood(FloodSettings(), air.engine.air)) as rule:
        for n in range(5000):
            made_up = b"\x02" + (n // 40 * 7919 % 65521).to_bytes(5, "big")
            rule.observe(deauth(1000 + n / 10, ra=made_up))


def test_a_flood_of_made_up_victims_does_not_hide_one() -> None:
    air = hearing()
    for n in range(400):
        air.hear(deauth(1001 + n / 100, ra=STA if n % 20 == 0 else b"\x02" + n.to_bytes(5, "big")))
    (alert,) = air.alerts
    assert alert.receiver == STA


@given(st.binary(max_size=64), st.sampled_from([0, 1, 2, 3, 0xA, 0xB, 0xC]), st.integers(0, 255), st.booleans())
def test_nothing_raises(body: bytes, kind: int, flags: int, everyone: bool) -> None:
    air = hearing()
    for n in range(3):
        air.hear(frame(kind, ALL if everyone else STA, AP, AP, body, flags=flags, time=1000.0 + n))
