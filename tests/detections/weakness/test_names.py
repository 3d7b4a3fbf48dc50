"""Factory names, and devices that probe for names."""

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import STA, probe

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.weakness.names import ProbingInClear
from whimbrel.settings import Ssid

OTHER = b"\x00\x0a\x0b\x0c\x0d\x0e"


@pytest.mark.raises_alert("probing-in-clear")
def test_a_trusted_device_that_asks_by_name() -> None:
    hearing = Hearing(ProbingInClear, trusted=[STA])
    hearing.hear(probe(b"hotel"), probe(b"hotel"), probe(b"office"), probe(b""), probe(b"hotel", ta=OTHER))
    assert [(alert.receiver, alert.ssid, alert.confidence) for alert in hearing.alerts] == [
        (STA, b"hotel", "high"),
        (STA, b"office", "high"),
    ]


@pytest.mark.spares("probing-in-clear")
def test_a_stranger_that_asks_for_strange_networks_is_none() -> None:
    hearing = Hearing(ProbingInClear, guarded=[GuardedNetwork(ssid=Ssid(b"harbour"))], trusted=[STA])
    hearing.hear(probe(b"hotel", ta=OTHER), probe(b"", ta=STA))
    assert hearing.rules == []


def test_anybody_who_asks_for_a_guarded_network() -> None:
    hearing = Hearing(ProbingInClear, guarded=[GuardedNetwork(ssid=Ssid(b"harbour"))])
    hearing.hear(probe(b"harbour", ta=OTHER), probe(b"Harbour", ta=OTHER))
    assert [(alert.receiver, alert.confidence) for alert in hearing.alerts] == [(OTHER, "medium")]
