"""Topics and payloads."""

from __future__ import annotations

import json

from tests.lab.alerts import alert, incident

from whimbrel.broker.topics import Topics, network_state, news, state
from whimbrel.bus import Bus
from whimbrel.events.air import AirReport
from whimbrel.events.alerts import Severity
from whimbrel.events.base import Event
from whimbrel.events.device import SystemReport
from whimbrel.events.incidents import IncidentChanged
from whimbrel.events.radio import HoppingChanged, ListeningChanged, RadioBlind, RadioClosed, RadioOpened, RadioReport
from whimbrel.wifi.channels import parse_channel

TOPICS = Topics("whimbrel", "attic")


def event(body: object) -> Event:
    return Event(1, 2.5, "watcher", body)


def test_an_alert_is_its_event_with_a_key() -> None:
    (message,) = news(event(alert(1, ssid=b"a\n")), TOPICS, "k")
    assert (message.topic, message.retain) == ("whimbrel/attic/alert", False)
    value = json.loads(message.payload)
    assert (value["kind"], value["key"], value["time"], value["source"]) == ("alert", "k", 2.5, "watcher")
    assert value["body"]["ssid_hex"] == "610a"
    assert message.payload.isascii()


def test_an_incident_that_only_grows_is_no_event_for_automations() -> None:
    assert len(news(event(incident(1)), TOPICS, "k")) == 2
    assert len(news(event(incident(1, IncidentChanged, news="worse")), TOPICS, "k")) == 2
    assert len(news(event(incident(1, IncidentChanged, news="alert")), TOPICS, "k")) == 1


def test_a_state_says_what_is_known_and_null_for_the_rest() -> None:
    assert set(state(lambda _kind: []).values()) == {None}
    bodies = {
        AirReport: AirReport(access_points=1, stations=2, frames=3, malformed=0, evicted=0, rate=0.0, busiest_freq=0),
        SystemReport: SystemReport(
            cpu=None, memory_used=0, memory_total=0, resident=5, temperature=41.26, throttled="", disk_used=None,
            uptime=1.0, battery=None, addresses=(), losses=(("kernel", 2), ("bus", 3)),
        ),
    }  # fmt: skip
    found = state(lambda kind: [event(bodies[kind])] if kind in bodies else [])
    assert (found["access_points"], found["mode"], found["channel"]) == (1, None, None)
    assert (found["lost"], found["temperature"]) == (5, 41.3)


def test_receivers_are_added_up_and_one_that_has_ended_hears_nothing_any_more() -> None:
    bus = Bus()
    for name, rate in (("sniffer", 20.0), ("sniffer2", 5.0)):
        sender = bus.sender(name)
        sender.publish(RadioOpened(driver="linux", description=name))
        sender.publish(
            RadioReport(received=100, dropped=1, malformed=0, bad_fcs=0, types=(), discarded=(), receiver=(), rate=rate)
        )
    found = state(bus.latest_of_each)
    assert (found["frames_per_second"], found["frames"], found["lost"]) == (25.0, 200, 2)
    sender.publish(RadioClosed(reason="unplugged", received=100, dropped=1))
    found = state(bus.latest_of_each)
    assert (found["frames_per_second"], found["frames"], found["lost"]) == (20.0, 200, 2)


def test_the_mode_is_that_of_the_receivers_that_are_open() -> None:
    bus = Bus()

    def told() -> tuple[str | None, str | None]:
        found = state(bus.latest_of_each)
        return found["mode"], found["channel"]

    first, second = bus.sender("sniffer"), bus.sender("sniffer2")
    for sender in (first, second):
        sender.publish(RadioOpened(driver="linux", description="wlan0"))
    assert told() == (None, None)
    first.publish(HoppingChanged(mode="locked", channel=parse_channel("36")))
    second.publish(HoppingChanged(mode="hopping"))
    assert told() == ("locked", "36"), "the first one's, whichever has changed last"
    second.publish(ListeningChanged(paused=True))
    assert told() == ("locked", "36"), "one of them listens"
    first.publish(ListeningChanged(paused=True))
    assert told() == ("paused", "36")
    first.publish(RadioClosed(reason="unplugged", received=0, dropped=0))
    second.publish(ListeningChanged(paused=False))
    assert told() == ("hopping", None)
    second.publish(RadioBlind(silent=30.0))
    assert told() == ("blind", None)
    second.publish(RadioClosed(reason="unplugged", received=0, dropped=0))
    assert told() == ("closed", None)


def test_a_network_is_attacked_by_what_is_severe_and_about_it() -> None:
    calm = network_state(b"home", [incident(1, ssid=b"other"), incident(2, severity=Severity.NOTICE)])
    assert calm == {"ssid": "home", "attacked": "OFF", "incidents": []}
    assert network_state(b"home", [incident(3)])["attacked"] == "ON"


def test_topics_of_networks_hold_nothing_of_their_names() -> None:
    assert TOPICS.network(b"#/+") != TOPICS.network(b"other")
    assert "#" not in TOPICS.network(b"#/+")
