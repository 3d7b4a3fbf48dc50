"""The kinds that are fetched from the daemon: those with a listener, no frames, no commands for one process."""

from __future__ import annotations

from whimbrel.bus import Bus
from whimbrel.events.air import NetworkProbed
from whimbrel.events.alerts import Alert
from whimbrel.events.base import KINDS
from whimbrel.events.device import AirSnapshot
from whimbrel.events.interest import is_bulky
from whimbrel.events.radio import FrameBatch
from whimbrel.events.reach import DaemonReached
from whimbrel.events.recording import AlertEvidence
from whimbrel.events.system import ReloadSettings
from whimbrel.reach import interest
from whimbrel.reach.interest import large_kinds, small_kinds


def test_alerts_are_always_fetched_and_the_rest_for_a_listener() -> None:
    bus = Bus()
    assert small_kinds(bus, frozenset()) == frozenset(interest.ALWAYS)
    bus.subscribe(NetworkProbed, reader="logger")
    assert NetworkProbed not in small_kinds(bus, frozenset({"logger"}))
    bus.subscribe(NetworkProbed, reader="page")
    assert NetworkProbed in small_kinds(bus, frozenset({"logger"}))


def test_who_listens_to_everything_gets_no_large_event_no_frame_and_nothing_of_this_process() -> None:
    bus = Bus()
    bus.subscribe(reader="page")
    fetched = small_kinds(bus, frozenset())
    assert Alert in fetched
    assert not fetched & {FrameBatch, AlertEvidence, ReloadSettings, DaemonReached}
    assert not any(is_bulky(kind) for kind in fetched)
    assert large_kinds(bus) == frozenset()


def test_large_events_are_fetched_by_name() -> None:
    bus = Bus()
    bus.subscribe(AirSnapshot, FrameBatch, AlertEvidence, reader="page")
    assert large_kinds(bus) == {AirSnapshot}


def test_every_kind_that_stands_is_one_that_can_be_fetched() -> None:
    assert not interest.NEVER.intersection(interest.STANDING)
    assert set(interest.STANDING) <= set(KINDS.values())
