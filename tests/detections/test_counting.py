from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon

from whimbrel.detections.base import LONG_RESERVATION, Detection
from whimbrel.detections.counting import count, needed
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.registry import all_detections
from whimbrel.events.thinning import CountedBeacons, CountedWay, FramesCounted
from whimbrel.wifi.kinds import ACK, RETRY

WAY = CountedWay(freq=2437, length=100, rate=1.0, phy="dsss", type=0, retry=0, frames=1)


class Witness(Detection[RuleSettings]):
    """Counts its samples."""

    rule = "witness"
    family = "test"

    def __init__(self, settings: RuleSettings, air: Any) -> None:
        super().__init__(settings, air)
        self.samples: list[int] = []

    def sampled(self, frame: Any, ap: Any, before: Any) -> None:
        self.samples.append(ap.beacons)


class Asks(Witness):
    rule = "asks"
    kinds = frozenset({ACK})

    def beacons_of(self) -> tuple[bytes, ...]:
        return (STA,)

    def reserved(self, frame: Any) -> None:
        """Look at long reservations."""


def beacons(frames: int, last: float, *, level: int = -50, bssid: bytes = AP, freq: int = 2437) -> CountedBeacons:
    return CountedBeacons(
        bssid=bssid, last=last, freq=freq, seq=77, stamp=5_000_000, frames=frames, levelled=frames,
        total=level * frames, low=level - 2, high=level + 2, level=level,
    )  # fmt: skip


def counted(*parts: CountedBeacons, frames: int = 0) -> FramesCounted:
    return FramesCounted(ways=(WAY._replace(frames=frames),) if frames else (), beacons=parts)


def test_counted_beacons_are_sampled_as_often_as_heard_ones() -> None:
    heard, half = Hearing(Witness), Hearing(Witness)
    heard.hear(*[beacon(time=at / 10) for at in range(100)])
    half.hear(*[beacon(time=at / 10) for at in range(50)])
    count(half.engine, counted(beacons(20, 7.0)))
    count(half.engine, counted(beacons(30, 9.9)))
    one, other = heard.engine.of_rule("witness"), half.engine.of_rule("witness")
    assert isinstance(one, Witness)
    assert isinstance(other, Witness)
    assert one.samples == other.samples
    assert len(one.samples) > 15


def test_the_row_has_what_was_counted() -> None:
    hearing = Hearing()
    hearing.hear(*[beacon(time=at / 10, rssi=-60) for at in range(10)])
    count(hearing.engine, counted(beacons(9, 1.8, level=-40), frames=12))
    (row,) = hearing.survey.access_point_rows()
    assert row.beacons == 19
    assert row.last == 1.8
    assert row.last_seq == 77
    assert (row.rssi.last, row.rssi.min, row.rssi.max) == (-40, -60, -38)
    assert row.rssi.smoothed is not None
    assert -50 < row.rssi.smoothed < -40
    assert hearing.survey.totals().frames == 22
    (channel,) = [each for each in hearing.survey.channel_rows() if each.freq == 2437]
    assert channel.frames >= 12
    assert channel.octets >= 1200


def test_what_was_counted_before_the_last_frame_is_no_news() -> None:
    hearing = Hearing()
    hearing.hear(*[beacon(time=at / 10, rssi=-60) for at in range(10)])
    count(hearing.engine, counted(beacons(3, 0.5, level=-40)))
    (row,) = hearing.survey.access_point_rows()
    assert (row.last, row.rssi.last, row.rssi.max, row.beacons) == (0.9, -60, -38, 13)
    assert row.last_seq != 77


def test_counts_of_the_forgotten_and_of_retransmissions() -> None:
    hearing = Hearing()
    way = WAY._replace(frames=4, retry=RETRY, type=1)
    assert not count(hearing.engine, FramesCounted(ways=(way,), beacons=(beacons(3, 1.0, bssid=STA),)))
    assert hearing.survey.access_point_rows() == []
    (channel,) = hearing.survey.channel_rows()
    assert (channel.frames, channel.retries) == (4, 4)


def test_what_is_needed_is_declared_by_the_rules() -> None:
    nothing = needed(Hearing().engine)
    assert not nothing.acknowledgements
    assert nothing.longest > LONG_RESERVATION
    assert nothing.beacons_of == ()
    asks = needed(Hearing(Asks).engine)
    assert asks.acknowledgements
    assert not asks.clearances
    assert asks.longest == LONG_RESERVATION
    assert asks.beacons_of == (STA,)


def test_all_rules_let_beacons_and_acknowledgements_be_counted() -> None:
    need = needed(Hearing(*all_detections()).engine)
    assert not need.acknowledgements
    assert not need.clearances
    assert (need.longest, need.step, need.gap) == (LONG_RESERVATION, 64, 20)
    assert need.drift == pytest.approx(250_000)
