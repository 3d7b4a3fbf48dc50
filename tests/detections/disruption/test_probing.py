from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.disruption.holding import MOST, held_at_most
from tests.detections.hearing import Hearing
from tests.survey.air import ALL, RATES, element, frame, probe

from whimbrel.detections.disruption.probing import ProbeFlood, ProbeSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration


def address(n: int) -> bytes:
    return b"\x02\x44" + n.to_bytes(4, "big")


@pytest.mark.raises_alert("probe-flood")
def test_eighty_addresses_in_ten_seconds_and_not_one_less() -> None:
    air = Hearing(ProbeFlood)
    assert air.hear(*(probe(ta=address(n), time=1000 + n / 10) for n in range(79))) == []
    (alert,) = air.hear(probe(ta=address(79), time=1008))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.NOTICE, "low", 80)


@pytest.mark.spares("probe-flood")
def test_a_slower_stream_of_new_addresses_is_none() -> None:
    assert Hearing(ProbeFlood).hear(*(probe(ta=address(n), time=1000 + n / 6) for n in range(600))) == []


def test_a_crowd_of_different_devices_is_none() -> None:
    air = Hearing(ProbeFlood)
    models = [RATES + element(45, bytes((model,)) * 26) for model in range(6)]
    frames = [probe(ta=address(n), elements=models[n % 6], time=1000 + n / 40) for n in range(1200)]
    assert air.hear(*frames) == []


def test_few_addresses_that_ask_for_many_networks_are_none() -> None:
    frames = [probe(b"net%d" % n, ta=address(n % 50), time=1000 + n / 50) for n in range(1000)]
    assert Hearing(ProbeFlood).hear(*frames) == []


@pytest.mark.parametrize("addresses", [1, 40])
def test_two_hundred_requests_of_a_few_addresses_and_not_one_less(addresses: int) -> None:
    air = Hearing(ProbeFlood)
    frames = [probe(ta=address(n % addresses), time=1000 + n / 20.5) for n in range(200)]
    assert air.hear(*frames[:-1]) == []
    (alert,) = air.hear(frames[-1])
    assert (alert.severity, alert.confidence, alert.count) == (Severity.NOTICE, "low", 200)


def test_five_times_as_many_are_a_warning() -> None:
    air = Hearing(ProbeFlood)
    air.hear(*(probe(ta=address(n % 40), time=1000 + n / 110) for n in range(1000)))
    assert air.events[-1].severity is Severity.WARNING
    assert air.events[-1].count == 1000
    slower = Hearing(ProbeFlood)
    slower.hear(*(probe(ta=address(n % 40), time=1000 + n / 90) for n in range(5000)))
    assert slower.events[-1].severity is Severity.NOTICE


@pytest.mark.parametrize("hops", [False, True])
def test_a_storm_is_noticed_with_loss_and_hopping(hops: bool) -> None:
    air, chance = Hearing(ProbeFlood), random.Random(5)
    for n in range(12_000):
        at = 1000 + n / 100
        if hops and at % 3 > 0.5:
            if at % 3 < 0.51:
                air.hear(probe(ta=address(10_000), elements=b"", time=at, freq=2462))
        elif chance.random() > 0.3:
            air.hear(probe(b"net%d" % (n % 40), ta=address(n % 20), time=at))
    assert air.rules == ["probe-flood"]


def test_phones_that_scan_a_wardriver_and_bulbs_without_their_network_are_none() -> None:
    """A phone sends four requests on a channel at each scan, a wardriver three a second, a bulb one in a second."""
    phones = [
        probe(b"saved%d" % (k % 5), ta=address(phone), time=1000 + scan * 10 + phone / 20 + k / 100)
        for scan in range(6)
        for phone in range(30)
        for k in range(4)
    ]
    wardriver = [probe(ta=address(500), elements=b"", time=1000 + n / 3) for n in range(200)]
    bulbs = [probe(ta=address(600 + n % 15), elements=RATES[:4], time=1000 + n / 15) for n in range(900)]
    for frames in (phones, wardriver, bulbs):
        assert Hearing(ProbeFlood).hear(*frames) == []


@pytest.mark.parametrize(("names", "rules"), [(39, []), (40, ["probe-flood"])])
def test_forty_names_that_one_address_asks_for(names: int, rules: list[str]) -> None:
    air = Hearing(ProbeFlood)
    air.hear(*(probe(b"net%d" % (n % names), ta=address(1), time=1000 + n / 10) for n in range(150)))
    assert air.rules == rules


def test_names_do_not_make_requests_different() -> None:
    frames = [probe(b"net%d" % n, ta=address(n), time=1000 + n / 50) for n in range(100)]
    assert len(Hearing(ProbeFlood).hear(*frames)) == 1


def test_settings_and_hopping() -> None:
    settings = ProbeSettings(count=10, window=Duration(1.0))
    air = Hearing(ProbeFlood, probe_flood=settings)
    for visit in range(3):
        at = 1000 + visit * 5.0
        air.hear(*(probe(ta=address(visit * 4 + n), time=at + n / 20) for n in range(4)))
        air.hear(probe(ta=address(10_000), elements=b"", time=at + 0.21, freq=2462))
    assert air.rules == ["probe-flood"]


def test_memory_under_requests_that_all_differ() -> None:
    air = Hearing()
    with held_at_most(MOST, lambda: ProbeFlood(ProbeSettings(), air.engine.air)) as rule:
        for n in range(3000):
            sent = probe(
                ta=address(n), elements=RATES + element(45, bytes((n // 100 % 256,)) * 26), time=1000 + n / 100
            )
            air.hear(sent)
            rule.observe(sent)


@given(st.binary(max_size=80), st.integers(0, 255))
def test_nothing_raises(body: bytes, flags: int) -> None:
    Hearing(ProbeFlood).hear(frame(4, ALL, address(1), ALL, body, flags=flags), frame(4, ALL, ALL, ALL, body))
