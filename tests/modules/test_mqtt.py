"""Mqtt with a real broker: killed, slow, with a wrong certificate; every alert arrives, in order, once by its key."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.alerts import alert, incident
from tests.lab.mosquitto import Certificate, Mosquitto
from tests.lab.relay import Relay
from tests.lab.waiting import until

from whimbrel.broker import publishing
from whimbrel.broker.settings import MqttSettings
from whimbrel.events.air import AirReport
from whimbrel.events.alerts import NetworksGuarded
from whimbrel.events.incidents import IncidentClosed
from whimbrel.events.reach import BrokerConnected, BrokerLost, DaemonReached, DaemonUnreachable
from whimbrel.module import VerbError
from whimbrel.modules.mqtt import Mqtt
from whimbrel.settings import Duration
from whimbrel.testing import Lab, run_module
from whimbrel.verbs.alerts import ACKNOWLEDGE, Acknowledged

pytest.importorskip("paho.mqtt.client")


class Listener:
    """Who listens at the broker: all messages under one prefix, by paho on a thread."""

    def __init__(self, port: int) -> None:
        from paho.mqtt import client as mqtt

        self.heard: list[tuple[str, bytes, bool]] = []
        self.ready = False
        # Debian 12's paho, 1.6, knows one form of callbacks only.
        more = (mqtt.CallbackAPIVersion.VERSION2,) if hasattr(mqtt, "CallbackAPIVersion") else ()
        make: Any = mqtt.Client
        self.client = make(*more, client_id="house", clean_session=False)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_subscribe = lambda *_: setattr(self, "ready", True)
        self.client.on_message = lambda _c, _d, m: self.heard.append((m.topic, bytes(m.payload), m.retain))
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def of(self, topic: str) -> list[Any]:
        return [json.loads(payload) for found, payload, _ in self.heard if found == topic]

    def last(self, topic: str) -> str:
        return next((payload.decode() for found, payload, _ in reversed(self.heard) if found == topic), "")

    def numbers(self) -> list[int]:
        """Return the numbers of the alerts, each key once, in the order of arrival."""
        seen: dict[str, int] = {}
        for value in self.of("whimbrel/attic/alert"):
            seen.setdefault(value["key"], int(value["body"]["id"]))
        return list(seen.values())


class House:
    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.broker = Mosquitto(folder, more=more)
        self.listener: Listener

    def settings(self, **more: Any) -> MqttSettings:
        values: dict[str, Any] = {
            "host": "127.0.0.1", "port": self.broker.port, "name": "attic", "file": self.folder / "mqtt.db",
            "retry": Duration(0.05), "interval": Duration(0.05), "patience": Duration(5.0),
        }  # fmt: skip
        return MqttSettings(**values | more)

    @asynccontextmanager
    async def running(self, **more: Any) -> AsyncIterator[Lab]:
        async with run_module(Mqtt, self.settings(**more), name="mqtt") as lab:
            await lab.ready()
            yield lab
            await lab.finish()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    with house.broker:
        house.listener = Listener(house.broker.port)
        try:
            yield house
        finally:
            house.listener.close()


async def test_alerts_and_incidents_arrive_with_their_key(house: House) -> None:
    async with house.running() as lab:
        await lab.event(BrokerConnected)
        await until(lambda: house.listener.ready)
        lab.publish(incident(1))
        lab.publish(alert(1))
        lab.publish(incident(1, IncidentClosed))
        await until(lambda: len(house.listener.of("whimbrel/attic/event")) == 2)
        (found,) = house.listener.of("whimbrel/attic/alert")
        assert found["body"]["rule"] == "deauth-flood"
        assert found["key"].startswith("attic/alert/1/")
        happened = house.listener.of("whimbrel/attic/event")
        assert [each["event_type"] for each in happened] == ["critical", "over"]
    await until(lambda: house.listener.last("whimbrel/attic/status") == "offline")


async def test_what_the_brokers_rules_forbid_waits_until_they_allow_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_REFUSED", 0.1)
    rules = tmp_path / "rules"
    rules.write_text("topic readwrite #\ntopic deny whimbrel/attic/alert\n")
    house = House(tmp_path, more=f"acl_file {rules}")
    with house.broker:
        async with house.running(settle=Duration(0.1)) as lab:
            for number in (1, 2, 3):
                lab.publish(alert(number))
                lab.publish(incident(number))
            outbox = lab.module._outbox  # type: ignore[attr-defined]
            await until(lambda: "whimbrel/attic/alert" in lab.ctx.warnings.get("refused-alerts", ""))
            await until(lambda: outbox.waiting == 3)
            rules.write_text("topic readwrite #\n")
            with contextlib.closing(Listener(house.broker.port)) as listener:
                await until(lambda: listener.ready)
                house.broker.reload()
                await until(lambda: listener.numbers() == [1, 2, 3])
            await until(lambda: (outbox.waiting, outbox.lost) == (0, 0))
            await until(lambda: not lab.ctx.warnings)


async def test_what_a_broker_answers_only_by_closing_the_connection_holds_up_no_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As EMQX does with `deny_action = disconnect`. A backlog costs no more connections than one entry."""
    monkeypatch.setattr(publishing, "_REFUSED", 5.0)
    backlog = range(1, 41)
    with Relay(house.broker.port, forbidden=b"whimbrel/attic/alert") as relay:
        async with house.running(settle=Duration(0.1), port=relay.port) as lab:
            for number in backlog:
                lab.publish(alert(number))
            lab.publish(incident(1))
            await until(lambda: house.listener.of("whimbrel/attic/event"))
            outbox = lab.module._outbox  # type: ignore[attr-defined]
            await until(lambda: outbox.waiting == len(backlog))
            assert "closes the connection at this message" in lab.ctx.warnings["refused-alerts"]
            assert relay.passed < 10
            relay.forbidden = b""
            await until(lambda: house.listener.numbers() == list(backlog))
            await until(lambda: (outbox.waiting, outbox.lost) == (0, 0))
            await until(lambda: not lab.ctx.warnings)


async def test_an_alert_arrives_though_the_broker_closes_the_connection_at_the_state(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_REFUSED", 0.1)
    with Relay(house.broker.port, forbidden=b"whimbrel/attic/state") as relay:
        async with house.running(settle=Duration(0.1), port=relay.port) as lab:
            for number in range(1, 4):
                lab.publish(alert(number))
                passed = relay.passed
                await until(lambda passed=passed: relay.passed > passed + 1)  # type: ignore[misc]
            await until(lambda: house.listener.numbers() == [1, 2, 3])
            assert "refused-alerts" not in lab.ctx.warnings
            relay.forbidden = b""
            await until(lambda: not lab.ctx.warnings)


async def test_the_state_is_retained_and_says_whether_the_daemon_is_heard(house: House) -> None:
    async with house.running() as lab:
        lab.publish(NetworksGuarded(ssids=(b"home",), bssids=()))
        lab.publish(AirReport(access_points=3, stations=4, frames=5, malformed=0, evicted=0, rate=0.0, busiest_freq=0))
        lab.publish(DaemonReached(version="1", away=None))
        await until(lambda: '"access_points":3' in house.listener.last("whimbrel/attic/state"))
        assert house.listener.last("whimbrel/attic/status") == "online"
        assert house.listener.last("whimbrel/attic/daemon") == "online"

        def networks() -> list[str]:
            return [topic for topic, _, _ in house.listener.heard if topic.startswith("whimbrel/attic/network/")]

        await until(networks)
        assert json.loads(house.listener.last(networks()[0])) == {"ssid": "home", "attacked": "OFF", "incidents": []}
        lab.publish(incident(1))
        await until(lambda: '"attacked":"ON"' in house.listener.last(networks()[0]))
        lab.publish(DaemonUnreachable(reason="it has ended"))
        await until(lambda: house.listener.last("whimbrel/attic/daemon") == "offline")


async def test_a_start_that_is_late_knows_the_guarded_networks(house: House) -> None:
    async with run_module(Mqtt, house.settings(), name="mqtt") as lab:
        lab.publish(NetworksGuarded(ssids=(b"home",), bssids=()))  # before its first step
        await lab.ready()
        await until(lambda: any(topic.startswith("whimbrel/attic/network/") for topic, _, _ in house.listener.heard))
        await lab.finish()


@pytest.mark.slow
async def test_every_alert_arrives_in_order_whatever_becomes_of_the_broker(house: House) -> None:
    count, part = 1000, 200
    async with house.running(patience=Duration(1.0)) as lab:
        await lab.event(BrokerConnected)
        for first in range(1, count, part):
            for number in range(first, first + part):
                lab.publish(alert(number))
            await asyncio.sleep(0)
            if first == 1 + part:
                house.broker.kill()
                await lab.event(BrokerLost)
                house.broker.start()
                await lab.event(BrokerConnected)
            elif first == 1 + 3 * part:
                house.broker.freeze()
                await until(lambda: "broker" in lab.ctx.warnings)
                house.broker.thaw()
        await until(lambda: len(house.listener.numbers()) == count)
    assert house.listener.numbers() == list(range(1, count + 1))


async def test_what_the_broker_may_not_have_stored_is_published_again(house: House) -> None:
    async with house.running(settle=Duration(3600.0), patience=Duration(3600.0)) as lab:
        await lab.event(BrokerConnected)
        await until(lambda: house.listener.ready)
        lab.publish(alert(1))
        lab.publish(alert(2))
        await until(lambda: house.listener.numbers() == [1, 2])
        house.broker.kill()
        await lab.event(BrokerLost)
        house.broker.start()
        await until(lambda: len(house.listener.of("whimbrel/attic/alert")) >= 4)
        # A connection that settles nothing makes the next one wait for less.
        assert lab.module._publisher._hold == 1800.0  # type: ignore[attr-defined]
        assert house.listener.numbers() == [1, 2]


async def test_what_has_settled_leaves_the_disk(house: House) -> None:
    async with house.running(settle=Duration(0.2)) as lab:
        for number in range(1, 51):
            lab.publish(alert(number))
        await until(lambda: house.listener.numbers() == list(range(1, 51)))
        await until(lambda: lab.module._outbox.waiting == 0)  # type: ignore[attr-defined]
        lab.publish(alert(51))
        await until(lambda: house.listener.numbers()[-1] == 51)
        await until(lambda: lab.module._outbox.waiting == 0)  # type: ignore[attr-defined]


async def test_what_waits_outlasts_the_process(house: House) -> None:
    house.broker.kill()
    async with house.running() as lab:
        lost = await lab.event(BrokerLost)
        assert "Connection refused; is the broker there?" in lost.reason
        for number in (1, 2, 3):
            lab.publish(alert(number))
        await until(lambda: lab.module._outbox.waiting == 3)  # type: ignore[attr-defined]
    house.listener.ready = False
    house.broker.start()
    await until(lambda: house.listener.ready)
    async with house.running():
        await until(lambda: house.listener.numbers() == [1, 2, 3])


async def test_commands_do_what_may_allows_and_nothing_else(house: House) -> None:
    asked: list[Any] = []

    async def acknowledge(request: dict[str, Any]) -> Acknowledged:
        asked.append(request)
        if request["alert"] == "99":
            raise VerbError("no alert '99' is remembered")
        return Acknowledged(acknowledged=(request["alert"],))

    async with house.running(may=("acknowledge",)) as lab:
        lab.ctx.serve(ACKNOWLEDGE, acknowledge)
        await lab.event(BrokerConnected)
        await until(lambda: house.listener.last("whimbrel/attic/state"))
        house.listener.client.publish("whimbrel/attic/do/acknowledge", "7", qos=1)
        house.listener.client.publish("whimbrel/attic/do/acknowledge", "99", qos=1)
        house.listener.client.publish("whimbrel/attic/do/lock", "6", qos=1)
        await until(lambda: len(house.listener.of("whimbrel/attic/done")) == 2)
        first, second = house.listener.of("whimbrel/attic/done")
        assert first == {"command": "acknowledge", "argument": "7", "ok": True, "acknowledged": ["7"]}
        assert second["error"] == "no alert '99' is remembered"
        assert [request["alert"] for request in asked] == ["7", "99"]


async def test_home_assistant_is_told_again_when_it_starts(house: House) -> None:
    topic = "homeassistant/device/whimbrel_attic/config"
    async with house.running():
        await until(lambda: house.listener.last(topic))
        before = len(house.listener.of(topic))
        house.listener.client.publish("homeassistant/status", "online", qos=1)
        await until(lambda: len(house.listener.of(topic)) > before)


# paho leaves a socket whose handshake failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("host", "trusted", "said"),
    [("localhost", True, ""), ("localhost", False, "is not trusted"), ("elsewhere", True, "is not trusted")],
)
async def test_a_certificate_is_checked(tmp_path: Path, host: str, trusted: bool, said: str) -> None:
    certificate, other = Certificate(tmp_path, host), Certificate(tmp_path, "other")
    with Mosquitto(tmp_path, certificate=certificate) as broker:
        ca = certificate.certificate if trusted else other.certificate
        settings = MqttSettings(
            host="localhost", port=broker.port, tls=True, ca=ca, name="attic", file=tmp_path / "m.db"
        )
        async with run_module(Mqtt, settings, name="mqtt") as lab:
            if said:
                lost = await lab.event(BrokerLost)
                assert said in lost.reason
                assert "name its authority in modules.mqtt.ca" in lost.reason
            else:
                await lab.event(BrokerConnected)
            await lab.finish()


async def test_a_wrong_password_is_said_and_not_shown(tmp_path: Path) -> None:
    more = f"allow_anonymous false\npassword_file {tmp_path}/passwords"
    (tmp_path / "passwords").touch()
    with Mosquitto(tmp_path, more=more) as broker:
        settings = MqttSettings(
            host="127.0.0.1", port=broker.port, user="me", password="hunter2", name="attic", file=tmp_path / "m.db"
        )
        async with run_module(Mqtt, settings, name="mqtt") as lab:
            lost = await lab.event(BrokerLost)
            assert "look at modules.mqtt.user and its password" in lost.reason
            assert "hunter2" not in lost.reason
            await lab.finish()


def test_the_client_of_paho_1_tells_a_refusal_too() -> None:
    """It reads the reason in a PUBACK for itself alone; here the same is done to the client that there is."""
    from paho.mqtt import client as mqtt

    from whimbrel.broker.link import _telling_refusals

    more = (mqtt.CallbackAPIVersion.VERSION2,) if hasattr(mqtt, "CallbackAPIVersion") else ()
    client = _telling_refusals(mqtt)(*more, client_id="attic", protocol=mqtt.MQTTv5)
    refused: list[tuple[int, int]] = []
    client.on_refusal = lambda mid, code: refused.append((mid, code))
    for octets in (b"\x01\x02", b"\x01\x03\x00", b"\x01\x04\x10", b"\x01\x05\x87", b"\x01\x06\x87\x00"):
        client._in_packet = client._in_packet | {"packet": bytearray(octets), "remaining_length": len(octets)}
        assert client._handle_pubackcomp("PUBACK") == 0
    assert refused == [(0x105, 0x87), (0x106, 0x87)], "0x87: not authorized"
