"""The pace of live frames: a slow listener holds them up for as long as it reads, a stuck one for a while."""

from __future__ import annotations

from whimbrel.bus import Bus
from whimbrel.events.base import Body
from whimbrel.radio.pace import MOST, PATIENCE, ListenersPace


class Batch(Body):
    pass


class Other(Body):
    pass


def test_frames_wait_while_a_listener_that_sets_the_pace_is_behind() -> None:
    bus = Bus()
    pace = ListenersPace(bus, Batch, lambda: 0.0)
    sender = bus.sender("sniffer")
    bus.subscribe(Batch, reader="logger")
    watcher = bus.subscribe(Batch, reader="watcher", paces=True)
    bus.subscribe(Other, reader="recorder", paces=True)
    for _ in range(MOST + 1):
        assert pace.has_room()
        sender.publish(Batch())
        sender.publish(Other())
    assert not pace.has_room()
    watcher.read_waiting()
    assert pace.has_room()


def test_a_slow_listener_keeps_the_pace_for_ever_and_a_stuck_one_for_a_while() -> None:
    bus = Bus()
    now = [0.0]
    pace = ListenersPace(bus, Batch, lambda: now[0])
    sender = bus.sender("sniffer")
    slow = bus.subscribe(Batch, reader="watcher", paces=True)
    stuck = bus.subscribe(Batch, reader="recorder", paces=True)
    for _ in range(100):
        sender.publish(Batch())
    assert not pace.has_room()
    for _ in range(20):
        now[0] += PATIENCE * 0.9
        assert slow._take(1)
        assert not pace.has_room(), "the watcher makes progress, whatever became of the recorder"
    slow.read_waiting()
    assert pace.has_room(), "the recorder was left behind"
    for _ in range(MOST + 1):
        sender.publish(Batch())
    assert not pace.has_room(), "the watcher is behind"
    slow.read_waiting()
    assert stuck._take(1)
    assert not pace.has_room(), "the recorder reads again"
    now[0] += PATIENCE + 1
    assert pace.has_room()
    stuck.close()
    assert pace.has_room()
