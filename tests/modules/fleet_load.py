"""Many devices and one broker with TLS, which is killed, started again, slow, and has a certificate of somebody else.

Every alert arrives, in each device's order, none lost, none twice by its key.
``python -m tests.modules.fleet_load 50 200`` prints what came of 50 devices with 200 alerts each.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tests.lab.alerts import alert
from tests.lab.mosquitto import Certificate, Mosquitto
from tests.lab.waiting import until

from whimbrel.broker.settings import MqttSettings
from whimbrel.events.reach import BrokerConnected, BrokerLost
from whimbrel.modules.mqtt import Mqtt
from whimbrel.settings import Duration
from whimbrel.testing import Lab, run_module

_LONG = 600.0
"""Seconds that a whole step may take with many devices on a busy machine."""
_PHASES = 4


class Outcome(NamedTuple):
    """What the listener has of the alerts."""

    numbers: dict[str, list[int]]
    """Of each device in the order of arrival, each key once."""
    messages: int
    seconds: float

    @property
    def different(self) -> int:
        """How many alerts arrived."""
        return sum(map(len, self.numbers.values()))


class Listener:
    """A house with a session that outlasts its connections, by paho on a thread."""

    def __init__(self, port: int, ca: Path) -> None:
        from paho.mqtt import client as mqtt

        self.alerts: list[dict[str, Any]] = []
        self.ready = False
        # As of paho 1.6: with a session that stays, which is what MQTT 3.1.1 has without further options.
        more = (mqtt.CallbackAPIVersion.VERSION2,) if hasattr(mqtt, "CallbackAPIVersion") else ()
        make: Any = mqtt.Client
        self.client = make(*more, client_id="house", clean_session=False)
        self.client.tls_set_context(ssl.create_default_context(cafile=ca))
        self.client.on_connect = lambda client, *_: client.subscribe("whimbrel/+/alert", qos=1)
        self.client.on_subscribe = lambda *_: setattr(self, "ready", True)
        self.client.on_message = lambda _c, _d, m: self.alerts.append(json.loads(m.payload))
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("localhost", port)
        self.client.loop_start()

    def close(self) -> None:
        """End it."""
        self.client.disconnect()
        self.client.loop_stop()

    def keys(self) -> dict[str, list[int]]:
        """Return the numbers of each device's alerts, each key once, in the order of arrival."""
        seen: set[str] = set()
        found: dict[str, list[int]] = defaultdict(list)
        for value in list(self.alerts):
            if value["key"] not in seen:
                seen.add(value["key"])
                found[value["key"].split("/")[0]].append(int(value["body"]["id"]))
        return dict(found)


class Fleet:
    """The devices, their broker, and what happens to it."""

    def __init__(self, folder: Path, devices: int, alerts: int) -> None:
        self._folder = folder
        self._names = [f"device-{number}" for number in range(devices)]
        self._per_phase = alerts // _PHASES
        self._right = Certificate(folder, "localhost")
        (folder / "others").mkdir()
        self._others = Certificate(folder / "others", "localhost")
        self._trusted = folder / "ca.crt"
        shutil.copy(self._right.certificate, self._trusted)
        self._broker = Mosquitto(folder, certificate=self._right)
        self._labs: list[Lab] = []
        self._raised = 0

    async def run(self) -> Outcome:
        """Raise every alert, through all that can happen to a broker, and wait for the last."""
        with self._broker:
            listener = Listener(self._broker.port, self._trusted)
            try:
                await until(lambda: listener.ready, seconds=_LONG)
                began = time.monotonic()
                async with AsyncExitStack() as stack:
                    for name in self._names:
                        context = run_module(Mqtt, self._settings(name), name="mqtt")
                        self._labs.append(await stack.enter_async_context(context))
                    await self._go_through()
                    expected = len(self._names) * self._per_phase * _PHASES
                    await until(lambda: len(listener.alerts) >= expected, seconds=_LONG)
                    await until(lambda: sum(map(len, listener.keys().values())) == expected, seconds=_LONG)
                    seconds = time.monotonic() - began
                    for lab in self._labs:
                        await lab.finish()
            finally:
                listener.close()
        return Outcome(listener.keys(), len(listener.alerts), seconds)

    async def _go_through(self) -> None:
        await self._all(BrokerConnected)
        self._raise()
        # In the midst of what it has not confirmed yet.
        self._broker.kill()
        self._raise()
        await self._all(BrokerLost)
        self._broker.start()
        await self._all(BrokerConnected)
        # Slow: it takes connections, and answers nothing for longer than the devices' patience.
        self._broker.freeze()
        self._raise()
        await self._all(BrokerLost)
        self._broker.thaw()
        await self._all(BrokerConnected)
        self._broker.kill()
        self._take(self._others)
        self._broker.start()
        self._raise()
        await until(self._all_refuse, "each device to refuse the certificate", seconds=_LONG)
        self._broker.kill()
        shutil.copy(self._trusted, self._right.certificate)
        shutil.copy(self._folder / "key", self._right.key)
        self._broker.start()

    def _take(self, other: Certificate) -> None:
        """Give the broker a certificate that nobody trusts, in the place of its own."""
        shutil.copy(self._right.key, self._folder / "key")
        shutil.copy(other.certificate, self._right.certificate)
        shutil.copy(other.key, self._right.key)

    def _raise(self) -> None:
        for number in range(self._raised + 1, self._raised + self._per_phase + 1):
            for lab in self._labs:
                lab.publish(alert(number))
        self._raised += self._per_phase

    def _all_refuse(self) -> bool:
        return all(any("certificate" in text for text in lab.ctx.warnings.values()) for lab in self._labs)

    async def _all(self, kind: type[Any]) -> None:
        """Wait until each device has told this since the last such wait."""

        await asyncio.gather(*(lab.event(kind) for lab in self._labs))

    def _settings(self, name: str) -> MqttSettings:
        return MqttSettings(
            host="localhost", port=self._broker.port, tls=True, ca=self._trusted, name=name,
            file=self._folder / f"{name}.db", retry=Duration(0.1), patience=Duration(3.0),
        )  # fmt: skip


def main(devices: int, alerts: int) -> None:
    """Print what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(Fleet(Path(folder), devices, alerts).run())
    in_order = sum(numbers == list(range(1, alerts + 1)) for numbers in found.numbers.values())
    sys.stdout.write(
        f"{found.different} alerts of {len(found.numbers)} devices arrived, in order of {in_order}; {found.messages} "
        f"messages, {found.messages - found.different} of them once more; {found.seconds:.0f} s\n"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
