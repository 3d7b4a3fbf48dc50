from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import key, nonce, secret
from tests.survey.air import STA, beacon

from whimbrel.detections.protocol.pmkid_harvest import PmkidHarvest, PmkidHarvestSettings
from whimbrel.detections.protocol.unanswered import _ACCESS_POINTS, _STATIONS
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def ap(number: int) -> bytes:
    return b"\x00\x11\x22\x33\x55" + bytes((number,))


def copies(number: int, count: int, *, replay: int = 1, at: float = 1000.0, station: bytes = STA) -> list[Frame]:
    """Return one message 1 of an access point, sent `count` times."""
    return [
        key(1, replay, nonce(number), bssid=ap(number), station=station, seq=replay, flags=8 * (n > 0),
            time=at + 10 * number + n / 100)
        for n in range(count)
    ]  # fmt: skip


def listening(*, names: bool = True, **settings: Any) -> Hearing:
    hearing = Hearing(PmkidHarvest, **settings)
    for number in range(4):
        hearing.hear(beacon(bssid=ap(number), name=b"net%d" % number if names else b"campus", time=999.0))
    return hearing


def pass_time(hearing: Hearing, until: float = 1045.0) -> None:
    hearing.hear(*[beacon(bssid=ap(0), name=b"net0", time=until + n) for n in range(3)])


@pytest.mark.parametrize("repeated", ["copies", "counters"])
@pytest.mark.raises_alert("pmkid-harvest")
def test_three_networks_that_had_no_answer(repeated: str) -> None:
    hearing = listening()
    for number in range(3):
        if repeated == "copies":
            hearing.hear(*copies(number, 4 if number else 1))
        else:
            hearing.hear(*copies(number, 1), *copies(number, 1, replay=2, at=1001.0))
    pass_time(hearing)
    [alert] = hearing.alerts
    assert (alert.severity, alert.confidence, alert.count, alert.sender) == (Severity.WARNING, "medium", 3, STA)


def test_two_networks_or_too_few_copies_are_none() -> None:
    hearing = listening()
    hearing.hear(*copies(0, 4), *copies(1, 4))
    pass_time(hearing)
    assert not hearing.alerts
    hearing = listening()
    hearing.hear(*copies(0, 3), *copies(1, 3), *copies(2, 4))
    pass_time(hearing)
    assert not hearing.alerts


@pytest.mark.spares("pmkid-harvest")
def test_a_station_at_the_edge_of_one_campus_is_none() -> None:
    hearing = listening(names=False)
    for number in range(4):
        hearing.hear(*copies(number, 7))
    hearing.hear(*[beacon(bssid=ap(0), name=b"campus", time=1045.0 + n) for n in range(3)])
    assert not hearing.alerts


def test_a_station_that_goes_on_anywhere_is_none() -> None:
    for went_on in (key(3, 2, nonce(9), bssid=ap(3), time=1002.0), secret(5, bssid=ap(3), time=1002.0)):
        hearing = listening()
        hearing.hear(*copies(0, 7), went_on, *copies(1, 7), *copies(2, 7))
        pass_time(hearing)
        assert not hearing.alerts


def test_long_ago_does_not_count() -> None:
    hearing = listening(pmkid_harvest=PmkidHarvestSettings(window=15.0))  # type: ignore[arg-type]
    hearing.hear(*copies(0, 7), *copies(1, 7), *copies(2, 7))
    pass_time(hearing)
    assert not hearing.alerts


def test_what_is_kept_is_bounded() -> None:
    hearing = listening()
    for n in range(400):
        hearing.hear(*copies(n % 250, 1, station=b"\x02" + (n // 40).to_bytes(5, "big"), at=1000.0 + n / 100))
    for n in range(200):
        hearing.hear(*copies(1, 1, station=b"\x06" + n.to_bytes(5, "big"), at=1100.0))
    [harvest] = hearing.engine.detections
    assert isinstance(harvest, PmkidHarvest)
    askers = harvest._unanswered._askers
    assert len(askers) <= _STATIONS
    assert all(len(asker.offers) <= _ACCESS_POINTS for asker in askers.entries.values())
