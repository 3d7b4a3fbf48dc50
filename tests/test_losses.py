"""Losses are told at once, stalls once a minute."""

from __future__ import annotations

import pytest

from whimbrel.bus import Bus
from whimbrel.events.base import Level
from whimbrel.events.system import LoopStalled
from whimbrel.losses import LossReporter
from whimbrel.stall import StallMonitor
from whimbrel.wording.sentences import sentence


class Rig:
    def __init__(self) -> None:
        self.bus = Bus()
        self.now = 100.0
        self.stalls = StallMonitor(0.03)
        self.reporter = LossReporter(self.bus, self.stalls, self.bus.sender("daemon"), lambda: self.now)
        self._told = self.bus.subscribe(LoopStalled, reader="test")

    def told(self) -> list[LoopStalled]:
        return [event.body for event in self._told.read_waiting()]  # type: ignore[union-attr]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_one_line_a_minute_however_often_it_happens(rig: Rig) -> None:
    told = []
    for second in range(180):
        rig.now = 100.0 + second
        rig.stalls.note("display", 0.1 + second / 1000)
        rig.stalls.note("watcher", 0.05)
        rig.reporter.report()
        told += rig.told()
    assert [body.times for body in told] == [1, 60, 60]
    assert {(body.module, body.others) for body in told} == {("display", ("watcher",))}
    assert told[1].seconds == pytest.approx(0.16)
    rig.reporter.report(last=True)
    assert [body.times for body in rig.told()] == [59]


def test_the_first_after_a_calm_while_is_told_at_once(rig: Rig) -> None:
    for second in range(0, 600, 10):
        rig.now = 100.0 + second
        rig.reporter.report()
    assert rig.told() == []
    rig.stalls.note("sniffer", 0.2)
    rig.reporter.report()
    (body,) = rig.told()
    assert sentence(body) == "Module sniffer held everything up for 200 ms"


def test_during_a_start_it_is_no_warning(rig: Rig) -> None:
    rig.stalls.note("display", 0.4)
    rig.reporter.report(starting=True, last=True)
    rig.stalls.note("display", 0.4)
    rig.reporter.report()
    assert [(body.starting, body.urgency) for body in rig.told()] == [(True, Level.INFO), (False, Level.WARNING)]
