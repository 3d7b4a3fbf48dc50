from __future__ import annotations

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
