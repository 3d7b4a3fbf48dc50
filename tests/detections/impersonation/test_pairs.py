"""The pairs of beacons passed to the rules about two transmitters, by their usual values."""

from __future__ import annotations

import copy

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.two_senders import Sender
from tests.survey.air import AP

from whimbrel.detections.impersonation.channels import TwoChannels
from whimbrel.detections.impersonation.clocks import Clocks, TwoClocks
from whimbrel.detections.impersonation.counters import TwoCounters
from whimbrel.detections.impersonation.levels import TwoLevels
from whimbrel.detections.impersonation.pairs import BeaconPairs, Usual
from whimbrel.survey.access_point import AccessPoint
from whimbrel.wifi.frames import Frame

SENDER = Sender()


def known() -> AccessPoint:
    hearing = Hearing()
    hearing.hear(*SENDER.beacons(0, 5))
    return hearing.survey.access_points.table.entries[AP]


def pair(**second: int) -> tuple[Frame, Frame]:
    first, then = SENDER.beacon(10.0, seq=100), SENDER.beacon(10.1, seq=101)
    for name, value in second.items():
        setattr(then, name, value)
    return then, first


def passes(usual: list[Usual], **second: int) -> bool:
    pairs = BeaconPairs()
    for each in usual:
        pairs.add(each)
    then, first = pair(**second)
    return pairs.passes(then, known(), first)


@pytest.mark.parametrize(
    ("usual", "within", "beyond"),
    [
        (Usual(step=64), {"seq": 164}, {"seq": 165}),
        (Usual(gap=20), {"rssi": -31}, {"rssi": -70}),
        (Usual(beside=25), {"freq": 2437 + 20}, {"freq": 2437 + 25}),
    ],
)
def test_each_bound_holds_whichever_rules_stand_beside_it(
    usual: Usual, within: dict[str, int], beyond: dict[str, int]
) -> None:
    for beside in ([usual], [usual, Usual()], [Usual(), usual]):
        assert not passes(beside, **within)
        assert passes(beside, **beyond)


def test_nothing_declared_lets_nothing_pass() -> None:
    assert not passes([])
    assert not passes([Usual()], seq=3000, rssi=-10, freq=2472)


def test_addresses_that_move_are_judged_also_at_home() -> None:
    moving: dict[bytes, object] = {}
    pairs = BeaconPairs()
    pairs.add(Usual(moving=moving))
    then, first = pair()
    assert not pairs.passes(then, known(), first)
    moving[AP] = None
    assert pairs.passes(then, known(), first)


def test_clocks_are_read_and_not_moved() -> None:
    then, first = pair()
    offset = int.from_bytes(then.raw[then.body : then.body + 8], "little") - then.time * 1e6
    clocks = {AP: Clocks(offset + 200_000.0, None, 1)}
    pairs = BeaconPairs()
    pairs.add(Usual(clocks=clocks, drift=250_000.0))
    assert not pairs.passes(then, known(), first)
    assert clocks[AP].offset == offset + 200_000.0
    clocks[AP].offset = offset + 250_000.0
    assert pairs.passes(then, known(), first)
    clocks.clear()
    assert pairs.passes(then, known(), first)


def test_a_slow_drift_is_followed_for_hours() -> None:
    # 100 ppm, the most that a clock may be wrong by, are 2 s after five and a half hours.
    hearing = Hearing(TwoClocks, TwoCounters, TwoLevels, TwoChannels)
    drifting = copy.copy(SENDER)
    drifting.drift = 100
    for start in range(0, 24 * 3600, 600):
        hearing.hear(*drifting.beacons(start, start + 2))
    assert not hearing.events
