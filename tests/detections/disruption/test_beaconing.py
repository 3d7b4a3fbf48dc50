from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.disruption.holding import MOST, held_at_most
from tests.detections.hearing import Hearing
from tests.survey.air import ALL, RATES, RSN, beacon, ds, element, frame, response, tim

from whimbrel.detections.disruption.beaconing import BeaconFlood, BeaconSettings
from whimbrel.events.alerts import AlertClosed, Severity
from whimbrel.settings import Duration
from whimbrel.wifi.frames import Frame

MAKERS = [
    bytes.fromhex(oui) for oui in ("f09fc2", "c02506", "f492bf", "001122", "001018", "00156d", "0418d6", "245a4c")
]
"""Prefixes that have a maker."""
UPTIME = 400_000.0


def bare(n: int, at: float, **more: Any) -> Frame:
    """Return a beacon as tools make them: a name, rates and a channel."""
    elements = element(0, b"Free %d" % n) + RATES + ds(6)
    more.setdefault("bssid", random.Random(n).randbytes(6)[:-1].replace(b"\1", b"\2") + bytes((n & 0xFF,)))
    bssid = bytes((more["bssid"][0] & 0xFE | 2,)) + more["bssid"][1:]
    more["bssid"] = bssid
    return beacon(elements, time=at, tsf=int(more.pop("tsf", 0)), **more)


def real(
    n: int, at: float, *, oui: bytes | None = None, uptime: float | None = None, name: bytes = b"", **more: Any
) -> Frame:
    """Return a beacon of an access point outside the flood."""
    rng = random.Random(n)
    bssid = (oui or MAKERS[n % len(MAKERS)]) + rng.randbytes(3)
    started = at - (rng.uniform(60, UPTIME) if uptime is None else uptime)
    elements = element(0, name or b"home %d" % n) + RATES + ds(6) + tim() + RSN
    elements += element(45, bytes((int(more.pop("model", n)) & 0xFF,)) * 26)
    return beacon(elements, bssid=bssid, time=at, tsf=round((at - started) * 1e6), seq=rng.randrange(4096), **more)


def slow_fake(n: int, at: float) -> Frame:
    """Return a whole beacon with a made-up address, the elements of its siblings and a clock that has just begun."""
    whole = real(n, at, model=1, uptime=1.0)
    return beacon(whole.raw[36:], bssid=b"\2" + random.Random(n).randbytes(5), time=at, tsf=1_000_000 + n)


@pytest.mark.raises_alert("beacon-flood")
def test_ten_bare_newcomers_in_ten_seconds_are_a_flood_and_nine_are_not() -> None:
    air = Hearing(BeaconFlood)
    assert air.hear(*(bare(n, 1000 + n) for n in range(9))) == []
    (alert,) = air.hear(bare(9, 1009))
    assert (alert.rule, alert.count) == ("beacon-flood", 10)
    assert "TIM" in alert.text
    air.hear(*(bare(n, 1009.5 + n / 20) for n in range(10, 40)))
    assert air.rules == ["beacon-flood"]
    air.end()
    assert air.events[-1].severity is Severity.CRITICAL


@pytest.mark.spares("beacon-flood")
def test_a_slow_trickle_is_none() -> None:
    assert Hearing(BeaconFlood).hear(*(bare(n, 1000 + n * 1.2) for n in range(60))) == []


def test_members_that_come_slowly_are_made_up_too_once_the_flood_is_known() -> None:
    air = Hearing(BeaconFlood)
    slow = [slow_fake(n, 1000 + n * 3.0) for n in range(12)]
    fast = [slow_fake(n, 1040 + n * 0.5) for n in range(12, 24)]
    assert air.hear(*slow) == []
    air.hear(*fast)
    assert air.rules == ["beacon-flood"]
    # The first of them has no other one to resemble.
    assert set(air.engine.air.survey.made_up.members) == {fake.bssid for fake in (*slow[1:], *fast)}


@pytest.mark.parametrize("mark", ["group address", "same clock", "one counter", "zero clock"])
def test_whole_beacons_that_share_what_they_cannot_share(mark: str) -> None:
    air = Hearing(BeaconFlood)
    for n in range(14):
        at = 1000 + n / 3
        fake = real(n, at, oui=random.Random(n).randbytes(3), model=1, uptime=50_000.0 + n * 7777)
        address = bytes((fake.raw[10] & 0xFC | (1 if mark == "group address" else 2),)) + fake.raw[11:16]
        tsf, seq = fake.raw[24:32], n * 700 & 0xFFF
        if mark == "same clock":
            tsf = round((at + 77_000) * 1e6).to_bytes(8, "little")
        elif mark == "zero clock":
            tsf = bytes(8)
        elif mark == "one counter":
            seq = n
        air.hear(beacon(fake.raw[36:], bssid=address, tsf=int.from_bytes(tsf, "little"), time=at, seq=seq))
    assert air.rules == ["beacon-flood"]


@pytest.mark.parametrize(("rates", "marks", "flood"), [(RATES, 1, False), (b"", 1, True), (b"", 2, False)])
def test_beacons_without_rates_bear_one_mark(rates: bytes, marks: int, flood: bool) -> None:
    air = Hearing(BeaconFlood, beacon_flood=BeaconSettings(marks=marks))
    for n in range(14):
        true = real(n, 1000 + n / 3)
        tsf = int.from_bytes(true.raw[24:32], "little")
        elements = true.raw[36:].replace(RATES, rates)
        air.hear(beacon(elements, bssid=true.bssid or b"", tsf=tsf, time=true.time, seq=true.seq or 0))
    assert air.rules == ["beacon-flood"] * flood
    assert not flood or "lacks the rates" in air.alerts[0].text


def test_a_walk_into_a_city_is_none() -> None:
    air = Hearing(BeaconFlood)
    assert air.hear(*(real(n, 1000 + n / 20) for n in range(300))) == []


def test_a_street_of_one_makers_routers_is_none() -> None:
    """The same model behind every door, with the addresses that its maker bought over the years."""
    air = Hearing(BeaconFlood)
    assert air.hear(*(real(n, 1000 + n / 20, model=1) for n in range(100))) == []


def test_an_enterprise_with_one_name_and_many_networks_per_radio_is_none() -> None:
    frames = []
    for radio in range(40):
        at = 1000 + radio / 10
        for n in range(8):
            first = real(radio, at, oui=MAKERS[0], model=3, name=b"Corp %d" % n)
            address = first.raw[10:15] + bytes((first.raw[15] & 0xF0 | n,))
            frames.append(beacon(first.raw[36:], bssid=address, tsf=int.from_bytes(first.raw[24:32], "little"),
                                 time=at + n / 1000, seq=radio * 90 + n))  # fmt: skip
    assert Hearing(BeaconFlood).hear(*frames) == []


def test_a_power_cut_is_none() -> None:
    frames = [real(n, 1000 + n / 8, uptime=1 + random.Random(n).random() * 8) for n in range(40)]
    assert Hearing(BeaconFlood).hear(*frames) == []


def test_probe_responses_need_no_tim() -> None:
    air = Hearing(BeaconFlood)
    frames = [response(name=b"net %d" % n, bssid=b"\2" + n.to_bytes(5, "big"), time=1000 + n / 10) for n in range(60)]
    assert air.hear(*frames) == []


def test_networks_that_stations_make_among_themselves_need_no_tim() -> None:
    frames = []
    for n in range(30):
        whole = element(0, b"adhoc") + RATES + ds(6) + element(6, b"\0\0") + element(45, bytes((n,)) * 26)
        address = b"\2" + random.Random(n).randbytes(5)
        frames.append(beacon(whole, bssid=address, capability=2, tsf=(n + 1) * 10**10, time=1000 + n / 10, seq=n * 97))
    assert Hearing(BeaconFlood).hear(*frames) == []


def test_beacons_that_the_capture_cut_lack_nothing() -> None:
    frames = [real(n, 1000 + n / 20) for n in range(100)]
    for each in frames:
        each.end -= 60
        each.cut = True
    assert Hearing(BeaconFlood).hear(*frames) == []


def test_hopping() -> None:
    air = Hearing(BeaconFlood)
    n = 0
    for visit in range(6):
        at = 1000 + visit * 20.0
        for _ in range(3):
            n += 1
            air.hear(bare(n, at + n % 3 / 10))
        air.hear(real(999, at + 0.3, freq=2462))
    assert air.rules == ["beacon-flood"]


def test_it_goes_on_as_long_as_the_fakes_do() -> None:
    air = Hearing(BeaconFlood)
    for beat in range(1500):
        air.hear(*(bare(n, 1000 + beat / 10 + n / 1000, tsf=beat) for n in range(12)))
    assert len(air.alerts) == 1
    assert not any(isinstance(event, AlertClosed) for event in air.events)
    air.hear(*(real(1, 1150 + n, uptime=1e5 + n) for n in range(1, 70)))
    assert isinstance(air.events[-1], AlertClosed)
    assert len(air.alerts) == 1


def test_settings_change_the_bounds() -> None:
    made = BeaconSettings(count=3, window=Duration(1.0), marks=4)
    air = Hearing(BeaconFlood, beacon_flood=made)
    assert air.hear(*(bare(n, 1000 + n / 10, tsf=10**12 + n * 10**9) for n in range(20))) == []
    air = Hearing(BeaconFlood, beacon_flood=made)
    assert len(air.hear(*(bare(n, 1000 + n / 10) for n in range(4)))) == 1


def test_memory_under_a_flood_that_is_noticed() -> None:
    air = Hearing()
    claims = 0
    with held_at_most(MOST, lambda: BeaconFlood(BeaconSettings(), air.engine.air)) as rule:
        for n in range(3000):
            sent = bare(n, 1000 + n / 100)
            air.hear(sent)
            ap = air.engine.air.access_point(sent.bssid)
            claims += (rule.made_up(sent) if ap is None else rule.announced(sent, ap, None)) is not None
    # Twice a second, whatever comes.
    assert 50 <= claims <= 70


@given(st.binary(max_size=120), st.integers(0, 255), st.binary(min_size=6, max_size=6))
def test_nothing_raises(body: bytes, flags: int, address: bytes) -> None:
    air = Hearing(BeaconFlood, beacon_flood=BeaconSettings(count=3, marks=1))
    for n in range(6):
        air.hear(frame(8, ALL, address, address[:5] + bytes((n,)), body, flags=flags, time=1000.0 + n))
