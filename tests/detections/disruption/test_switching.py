from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.disruption.holding import MOST, held_at_most
from tests.detections.hearing import Hearing
from tests.survey.air import ALL, AP, RATES, RSN, SAE, STA, beacon, ds, element, frame, tim

from whimbrel.detections.disruption.switching import ForgedChannelSwitch, SwitchSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.frames import Frame

TU = 0.1024


def csa(channel: int, count: int) -> bytes:
    return element(37, bytes((1, channel, count)))


def ecsa(op_class: int, channel: int, count: int) -> bytes:
    return element(60, bytes((1, op_class, channel, count)))


def said(at: float, extra: bytes = b"", *, channel: int = 6, bssid: bytes = AP, security: bytes = RSN) -> Frame:
    elements = element(0, b"harbour") + RATES + ds(channel) + tim() + security + extra
    return beacon(elements, bssid=bssid, time=at, tsf=round(at * 1e6), freq=2407 + 5 * channel)


def action(at: float, body: bytes, *, flags: int = 0, ta: bytes = AP) -> Frame:
    return frame(0x0D, ALL, ta, AP, body, time=at, flags=flags)


def hearing(**settings: Any) -> Hearing:
    made: dict[str, Any] = {"forged_channel_switch": SwitchSettings(**settings)} if settings else {}
    air = Hearing(ForgedChannelSwitch, **made)
    air.hear(*(said(990 + n * TU) for n in range(20)))
    return air


@pytest.mark.raises_alert("forged-channel-switch")
def test_beacons_that_say_nothing_of_it_in_between() -> None:
    air = hearing()
    for n in range(2):
        assert air.hear(said(1000 + n * TU, csa(13, 3)), said(1000.05 + n * TU)) == []
    (alert,) = air.hear(said(1000.3, csa(13, 3)), said(1000.35))
    assert (alert.severity, alert.confidence, alert.bssid) == (Severity.CRITICAL, "high", AP)
    assert "from channel 6 to 13" in alert.text


@pytest.mark.parametrize(
    "announced", [lambda n: csa(11, n), lambda n: ecsa(81, 11, n), lambda n: csa(11, n) + ecsa(81, 11, n)]
)
@pytest.mark.spares("forged-channel-switch")
def test_a_switch_that_is_counted_down_and_made_is_none(announced: Any) -> None:
    air = hearing()
    for n in range(10):
        air.hear(said(1000 + n * TU, announced(10 - n)))
    air.hear(*(said(1001.1 + n * TU, channel=11) for n in range(200)))
    assert air.alerts == []


def test_a_switch_of_which_hopping_hears_a_part_is_none() -> None:
    air = hearing()
    air.hear(said(1000, csa(11, 10)), said(1000.1, csa(11, 9)))
    air.hear(*(beacon(bssid=b"\0\1\2\3\4\5", channel=1, freq=2412, time=1000.2 + n / 10) for n in range(30)))
    air.hear(*(said(1004 + n * TU, channel=11) for n in range(50)))
    assert air.alerts == []


def test_an_access_point_that_stays_raises_a_warning() -> None:
    air = hearing()
    for n in range(5):
        air.hear(said(1000 + n * TU, csa(11, 5 - n)))
    assert air.hear(*(said(1000.5 + n * TU) for n in range(18))) == []
    alerts = air.hear(*(said(1002.7 + n * TU) for n in range(40)))
    assert [(alert.severity, alert.confidence) for alert in alerts] == [(Severity.WARNING, "medium")]


def test_one_announcement_alone_is_not_enough() -> None:
    air = hearing()
    air.hear(said(1000, csa(11, 3)), *(said(1000.1 + n * TU) for n in range(200)))
    assert air.alerts == []


def test_action_frames_count_as_announcements() -> None:
    air = hearing()
    air.hear(action(1000, b"\0\4" + csa(11, 2)), action(1000.1, b"\4\4\1\x51\x0b\2"))
    alerts = air.hear(*(said(1000.2 + n * TU) for n in range(60)))
    assert [alert.severity for alert in alerts] == [Severity.WARNING]
    assert alerts[0].count == 2


def test_channels_of_another_band_are_told_apart() -> None:
    def announced() -> Hearing:
        air = Hearing(ForgedChannelSwitch)
        air.hear(*(said(990 + n * TU, channel=5) for n in range(20)))
        air.hear(*(said(1000 + n * TU, ecsa(131, 5, 3 - n), channel=5) for n in range(2)))
        return air

    he_operation = element(255, bytes.fromhex("24 000002 00 0000 05 00 05 00 00"))
    there = element(0, b"harbour") + RATES + tim() + RSN + he_operation
    moved = announced().hear(*(beacon(there, freq=5975, time=1000.3 + n * TU, tsf=n) for n in range(60)))
    assert moved == []
    (stays,) = announced().hear(*(said(1000.4 + n * TU, channel=5) for n in range(60)))
    assert "from channel 5 to 6GHz:5" in stays.text


def test_probe_responses_count_as_announcements() -> None:
    air = hearing()
    elements = element(0, b"harbour") + RATES + ds(6) + RSN + csa(11, 2)
    air.hear(*(beacon(elements, kind=5, ra=STA, time=1000 + n / 10) for n in range(2)))
    assert [alert.severity for alert in air.hear(*(said(1000.2 + n * TU) for n in range(60)))] == [Severity.WARNING]


def test_where_pmf_is_required_an_action_frame_in_clear_is_forged() -> None:
    air = Hearing(ForgedChannelSwitch)
    air.hear(said(999, security=SAE))
    assert air.hear(action(1000, b"\0\4" + csa(11, 2))) == []
    (alert,) = air.hear(action(1001, b"\0\4" + csa(11, 2)))
    assert (alert.severity, alert.confidence) == (Severity.CRITICAL, "high")
    signed = Hearing(ForgedChannelSwitch)
    signed.hear(said(999, security=SAE))
    mme = b"\x4c\x10" + bytes(16)
    assert signed.hear(*(action(1000 + n, b"\0\4" + csa(11, 2) + mme) for n in range(2))) == []


def test_action_frames_of_another_transmitter_in_its_name_are_forged() -> None:
    air = hearing()
    assert air.hear(action(1000, b"\0\4" + csa(11, 2), ta=STA)) == []
    (alert,) = air.hear(action(1000.5, b"\0\4" + csa(11, 2), ta=STA))
    assert (alert.severity, alert.confidence, alert.sender) == (Severity.CRITICAL, "high", STA)


def test_protected_and_other_action_frames_do_not_count_nor_those_to_unknown_networks() -> None:
    air = hearing()
    frames = [action(1000, b"\0\4" + csa(200, 2), flags=0x40), action(1000, b"\0\5" + csa(200, 2))]
    frames += [action(1000, b"\3\4" + csa(200, 2)), frame(0x0D, ALL, STA, STA, b"\0\4" + csa(200, 2), time=1000)]
    assert air.hear(*frames, *frames) == []


@pytest.mark.parametrize("announced", [csa(0, 3), csa(15, 3), csa(255, 3), ecsa(81, 200, 3)])
def test_a_channel_that_does_not_exist(announced: bytes) -> None:
    air = hearing()
    assert air.hear(said(1000, announced)) == []
    (alert,) = air.hear(said(1000.1, announced + element(66, b"\1")))
    assert alert.severity is Severity.WARNING
    assert "does not exist" in alert.text


def test_the_same_channel_with_another_width_is_none() -> None:
    air = hearing()
    for n in range(30):
        air.hear(said(1000 + n, csa(6, 3)), said(1000.5 + n), said(1000.6 + n, ecsa(83, 6, 3)), said(1000.7 + n))
    assert air.alerts == []


def test_two_true_switches_in_a_row_are_none() -> None:
    air = hearing()
    at, here = 1000.0, 6
    for there in (11, 1, 6):
        for n in range(5):
            air.hear(said(at + n * TU, csa(there, 5 - n), channel=here))
        air.hear(*(said(at + 1 + n * TU, channel=there) for n in range(100)))
        at, here = at + 20, there
    assert air.alerts == []


def test_settings_change_the_bounds() -> None:
    air = hearing(count=5, grace=Duration(10.0), window=Duration(20.0))
    for n in range(4):
        assert air.hear(said(1000 + n * TU, csa(13, 3)), said(1000.05 + n * TU)) == []
    assert air.hear(*(said(1000.6 + n * TU) for n in range(80))) == []
    air = hearing(count=2)
    for n in range(2):
        air.hear(said(1000 + n * TU, csa(13, 3)), said(1000.05 + n * TU))
    assert len(air.alerts) == 1


def test_memory_under_a_flood_of_access_points() -> None:
    air = Hearing()
    with held_at_most(MOST, lambda: ForgedChannelSwitch(SwitchSettings(), air.engine.air)) as rule:
        for n in range(500):
            for again in range(10):
                sent = said(1000 + n / 100 + again / 1000, csa(13, again + 1), bssid=n.to_bytes(6, "big"))
                air.hear(sent)
                ap = air.engine.air.access_point(sent.bssid)
                assert ap is not None
                rule.announced(sent, ap, None)


@given(
    st.binary(max_size=60),
    st.sampled_from([5, 8, 0xD, 0xE]),
    st.integers(0, 255),
    st.sampled_from([b"\0\4", b"\4\4", b""]),
)
def test_nothing_raises(body: bytes, kind: int, flags: int, head: bytes) -> None:
    air = hearing()
    for n in range(6):
        air.hear(frame(kind, ALL, AP, AP, head + body, flags=flags, time=1000.0 + n), said(1000.5 + n))


@pytest.mark.parametrize("beside", ["response", "action"])
def test_what_the_beacons_in_between_say_nothing_of(beside: str) -> None:
    air = hearing()
    for n in range(40):
        at = 1000 + n * TU
        if n % 5 == 0:
            told = said(at, csa(13, 3)) if beside == "response" else action(at, b"\0\4" + csa(13, 3))
            if beside == "response":
                told.kind = 0x05
            assert air.alerts == [] or n > 10
            air.hear(told)
        air.hear(said(at + 0.01))
    (alert,) = air.alerts
    assert alert.severity is Severity.CRITICAL


def test_an_action_frame_that_the_next_beacons_confirm_is_none() -> None:
    air = hearing()
    air.hear(action(1000, b"\0\4" + csa(11, 5)), said(1000.01))
    air.hear(*(said(1000.1 + n * TU, csa(11, 4 - n)) for n in range(4)))
    air.hear(*(said(1000.6 + n * TU, channel=11) for n in range(60)))
    assert air.alerts == []
