from __future__ import annotations

import math
import random
from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.disruption.holding import MOST, held_at_most
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RAW, beacon

from whimbrel.detections.disruption.reserving import NavAbuse, NavSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

RTS, CTS, ACK, PS_POLL, CF_END = 0x1B, 0x1C, 0x1D, 0x1A, 0x1E


def control(at: float, duration: int, kind: int = CTS, freq: int = 2437, ra: bytes = b"\2\0\0\0\0\1") -> Frame:
    tail = b"\2\0\0\0\0\2" if kind in {RTS, PS_POLL, CF_END} else b""
    raw = bytes((0x04 | (kind & 15) << 4, 0)) + duration.to_bytes(2, "little") + ra + tail
    made = parse(RAW, (at, raw, len(raw)))
    made.freq, made.rssi = freq, -40
    return made


@pytest.mark.parametrize("kind", [RTS, CTS, ACK])
@pytest.mark.parametrize("duration", [30_000, 32_767])
@pytest.mark.raises_alert("nav-abuse")
def test_two_fifths_of_half_a_window_are_taken_away(kind: int, duration: int) -> None:
    air = Hearing(NavAbuse)
    enough = math.ceil(0.4 * 5.0 / (duration / 1e6))
    frames = [control(1000 + n / 20, duration, kind) for n in range(100)]
    assert air.hear(*frames[: enough - 1]) == []
    (alert,) = air.hear(frames[enough - 1])
    assert alert.severity is Severity.WARNING
    assert alert.count == enough


def test_most_of_the_time_is_critical() -> None:
    air = Hearing(NavAbuse)
    for n in range(400):
        air.hear(control(1000 + n / 40, 32_767))
    [alert] = air.engine.alerts
    assert alert.severity is Severity.CRITICAL


@pytest.mark.parametrize("duration", [32_769, 0xFFFF])
def test_values_that_only_tools_send_count_as_the_longest(duration: int) -> None:
    air = Hearing(NavAbuse)
    air.hear(*(control(1000 + n / 30, duration, RTS) for n in range(200)))
    assert air.rules == ["nav-abuse"]


def test_random_receivers_do_not_hide_it() -> None:
    rng = random.Random(1)
    assert len(Hearing(NavAbuse).hear(*(control(1000 + n / 30, 32767, ra=rng.randbytes(6)) for n in range(100)))) >= 1


@pytest.mark.spares("nav-abuse")
def test_few_of_them_are_none() -> None:
    assert Hearing(NavAbuse).hear(*(control(1000 + n, 32767) for n in range(100))) == []


@pytest.mark.parametrize(("duration", "often"), [(12_000, 10), (30_000, 5), (31_000, 10)])
def test_pauses_for_another_radio_are_none(duration: int, often: int) -> None:
    """A phone keeps the air free for its Bluetooth radio, for up to a third of the time."""
    assert Hearing(NavAbuse).hear(*(control(1000 + n / often, duration) for n in range(1000))) == []


def test_a_reservation_that_is_said_again_and_again_is_one() -> None:
    """Sixty answers in a tenth of a second to a station that does not hear them keep the air for that tenth."""
    frames = [control(1000 + n // 60 + n % 60 / 600, 12_580) for n in range(600)]
    assert Hearing(NavAbuse).hear(*frames) == []


def block_ack(at: float, ra: bytes, ta: bytes) -> Frame:
    raw = b"\x94\0\0\0" + ra + ta + bytes(12)
    made = parse(RAW, (at, raw, len(raw)))
    made.freq, made.rssi = 2437, -40
    return made


@pytest.mark.parametrize(("duration", "used"), [(12_900, True), (12_900, False), (30_000, True)])
def test_an_exchange_of_802_11ax_that_is_used_is_none(duration: int, *, used: bool) -> None:
    """The receiver hears RTS, CTS and block acks, but none of the data between. No exchange has other lengths."""
    air = Hearing(NavAbuse)
    air.hear(*(beacon(time=1000 + n / 10, freq=2437) for n in range(5)))
    station = b"\2\0\0\0\0\2"
    for n in range(400):
        at = 1001 + n / 66
        air.hear(control(at, duration, RTS, ra=AP), control(at + 0.0001, duration - 60, CTS, ra=station))
        if used:
            air.hear(block_ack(at + 0.012, station, AP))
    assert air.rules == ([] if used and duration < 16_384 else ["nav-abuse"])


@pytest.mark.parametrize("heard", [True, False])
def test_an_rts_that_is_repeated_because_its_answer_was_lost_is_the_same_exchange(*, heard: bool) -> None:
    """Three times each, within a millisecond; where no block ack is ever heard, nothing shows that it is used."""
    air = Hearing(NavAbuse)
    air.hear(*(beacon(time=1000 + n / 10, freq=2437) for n in range(5)))
    station = b"\2\0\0\0\0\2"
    for n in range(400):
        at = 1001 + n / 66
        air.hear(*(control(at + again * 4e-4, 12_900, RTS, ra=AP) for again in range(3)))
        if heard and n % 3:
            air.hear(block_ack(at + 0.013, station, AP))
    assert air.rules == ([] if heard else ["nav-abuse"])


def test_what_an_exchange_may_need_is_none() -> None:
    frames = [control(1000 + n / 100, 8192, RTS) for n in range(500)]
    assert Hearing(NavAbuse).hear(*frames) == []


def test_values_that_are_no_durations_are_none() -> None:
    frames = [control(1000 + n / 100, 32_768) for n in range(500)]
    frames += [control(1010 + n / 100, 0x3FFF, PS_POLL) for n in range(500)]
    assert Hearing(NavAbuse).hear(*frames) == []


def test_damaged_frames_hold_any_number_and_are_none() -> None:
    rng = random.Random(2)
    frames = [control(1000 + n / 50, rng.randrange(10_001, 32_768), rng.choice([RTS, CTS, ACK])) for n in range(300)]
    assert Hearing(NavAbuse).hear(*frames) == []


def test_sixty_gigahertz_has_other_rules() -> None:
    assert Hearing(NavAbuse).hear(*(control(1000 + n / 50, 32767, freq=58_320) for n in range(100))) == []


def test_hopping() -> None:
    air = Hearing(NavAbuse)
    for visit in range(20):
        at = 1000 + visit * 5.0
        air.hear(*(control(at + n / 30, 32767) for n in range(8)), beacon(freq=2462, channel=11, time=at + 0.3))
    assert air.rules == ["nav-abuse"]


def test_settings_change_the_bounds() -> None:
    settings = NavSettings(count=5, window=Duration(5.0), share=0.05)
    air = Hearing(NavAbuse, nav_abuse=settings)
    assert air.hear(*(control(1000 + n, 32767) for n in range(40))) == []
    denser = Hearing(NavAbuse, nav_abuse=settings)
    assert denser.hear(*(control(1000 + n / 2, 32767) for n in range(4))) == []
    assert len(denser.hear(control(1002, 32767))) == 1


def test_memory_under_reservations_of_every_length() -> None:
    air = Hearing()
    with held_at_most(MOST, lambda: NavAbuse(NavSettings(), air.engine.air)) as rule:
        for n in range(8000):
            air.engine.air.now = 1000.0 + n / 1000
            rule.reserved(control(1000 + n / 1000, 10_001 + n // 20 * 1024 % 22_000, (RTS, CTS, ACK)[n // 400 % 3]))


@given(st.binary(max_size=60))
def test_nothing_raises(raw: bytes) -> None:
    air = Hearing(NavAbuse, nav_abuse=NavSettings(count=5, share=0.05))
    for n in range(8):
        air.hear(parse(RAW, (1000 + n / 10, raw, len(raw))))


def changing(at: float, number: int, *, checked: bool) -> Frame:
    raw = control(at, 10_500 + 1_024 * (number % 20), (RTS, CTS, ACK)[number % 3]).raw
    raw += crc32(raw).to_bytes(4, "little") if checked else b""
    made = parse(RAW, (at, raw, len(raw)))
    made.freq, made.rssi = 2437, -40
    return made


@pytest.mark.parametrize("checked", [True, False])
def test_ever_other_kinds_and_lengths_count_where_they_cannot_be_damage(*, checked: bool) -> None:
    air = Hearing(NavAbuse)
    air.hear(*(changing(1000 + n / 30, n, checked=checked) for n in range(300)))
    assert air.rules == (["nav-abuse"] if checked else [])
