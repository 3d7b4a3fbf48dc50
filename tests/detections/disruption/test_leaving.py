from __future__ import annotations

import pytest
from tests.detections.disruption.kicking import deauth
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RAW, SAE, STA, beacon, frame, from_ap, to_ap

from whimbrel.detections.disruption.disconnecting import DeauthFlood
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse


def control(kind: int, ra: bytes, ta: bytes, at: float, body: bytes = b"") -> Frame:
    made = parse(RAW, (at, bytes((kind >> 4 << 2 | (kind & 15) << 4, 0, 0, 0)) + ra + ta + body, 16 + len(body)))
    made.freq, made.rssi = 2437, -50
    return made


def rts(at: float, ra: bytes = AP, ta: bytes = STA) -> Frame:
    return control(0x1B, ra, ta, at)


def block_ack(at: float, ra: bytes = STA, ta: bytes = AP) -> Frame:
    return control(0x19, ra, ta, at, bytes(12))


def query(at: float, ra: bytes = AP, ta: bytes = STA) -> Frame:
    return frame(0x0D, ra, ta, AP, bytes(20), flags=0x40, time=at)


def forgotten(at: float, n: int) -> dict[str, list[Frame]]:
    """Return what an ear that hears no 11ax data hears of a station that its access point has forgotten."""
    return {
        "rts": [rts(at)],
        "block acks": [block_ack(at)],
        "queries": [query(at)] if n % 5 == 4 and n < 25 else [],
    }


@pytest.mark.spares("deauth-flood")
@pytest.mark.parametrize(("heard", "count"), [("rts", 200), ("block acks", 200), ("queries", 40)])
def test_answers_to_a_station_whose_data_is_not_heard_are_none(heard: str, count: int) -> None:
    air = Hearing(DeauthFlood)
    air.hear(beacon(security=SAE), to_ap(time=1000.5))
    for n in range(count):
        at = 1001.0 + n / 20
        air.hear(*forgotten(at, n)[heard], deauth(at + 0.01, code=7))
    assert air.alerts == []


@pytest.mark.raises_alert("deauth-flood")
@pytest.mark.parametrize("served", [block_ack(0, AP, STA), rts(0, STA, AP), query(0, STA, AP), from_ap()])
def test_answers_to_a_station_that_is_served_are_forged(served: Frame) -> None:
    air = Hearing(DeauthFlood)
    air.hear(beacon(security=SAE), to_ap(time=1000.5))
    for n in range(100):
        at = 1001.0 + n / 20
        more = parse(RAW, (at + 0.002, served.raw, len(served.raw)))
        air.hear(rts(at), query(at + 0.001), more, deauth(at + 0.01, code=7))
    assert air.rules == ["deauth-flood"]


def test_unanswered_queries_explain_two_seconds_of_answers_only() -> None:
    air = Hearing(DeauthFlood)
    air.hear(beacon(security=SAE), to_ap(time=1000.5))
    for n in range(400):
        air.hear(*([query(1001 + n / 40)] if n % 8 == 0 else []), deauth(1001.01 + n / 40, code=7))
    assert air.rules == ["deauth-flood"]
