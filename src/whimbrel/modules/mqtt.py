"""Mqtt: alerts, incidents and the state to a broker; commands that the settings allow from there."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import socket
from collections.abc import Iterator
from typing import Any, ClassVar

from whimbrel import __version__, tls
from whimbrel.broker import discovery
from whimbrel.broker.link import BrokerLink, LinkLost, NotAllowed
from whimbrel.broker.publishing import EntryPublisher
from whimbrel.broker.settings import MqttSettings
from whimbrel.broker.topics import OFFLINE, ONLINE, STATES, BrokerMessage, Topics, dumps, network_state, news, state
from whimbrel.bus import Lagged, Policy
from whimbrel.events.alerts import NetworksGuarded, ReportAlerts
from whimbrel.events.base import Event
from whimbrel.events.incidents import AlertsStanding, IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.reach import BrokerConnected, BrokerLost, DaemonReached, DaemonUnreachable
from whimbrel.module import Context, Module, Side, Stage, VerbError
from whimbrel.outbox.intake import AlertIntake, key_of
from whimbrel.outbox.store import Outbox, OutboxEntry
from whimbrel.outbox.use import in_use, warn_of_troubles
from whimbrel.secret import reveal
from whimbrel.tasks import first_to_end
from whimbrel.verbs.alerts import ACKNOWLEDGE
from whimbrel.verbs.radio import LOCK, UNLOCK
from whimbrel.watching import state_file

_LANE = "broker"
_LONGEST_PAUSE = 60.0
_COMMANDS_OF = {"acknowledge": ("acknowledge",), "lock": ("lock", "unlock")}
"""Commands that the setting `may` allows."""
_COMMANDS = 16
"""Commands that wait; what exceeds it is dropped."""
_LONGEST_COMMAND = 64
_BIRTH = "status"
"""Below the prefix of the discovery: where Home Assistant says that it has started."""


class Mqtt(Module[MqttSettings]):
    """Keeps a connection to the broker, and what it has not confirmed on disk."""

    Settings = MqttSettings
    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.REACH

    def __init__(self, ctx: Context[MqttSettings]) -> None:
        super().__init__(ctx)
        self._device = self.settings.name or _device_name(socket.gethostname())
        self._topics = Topics(self.settings.prefix, self._device)
        self._outbox = Outbox(self.settings.file or state_file.default_path("mqtt.db"), self.settings.queue)
        self._incidents: dict[str, Any] = {}
        self._networks: tuple[bytes, ...] = ()
        self._publisher = EntryPublisher(self._outbox, _LANE, self.ctx)
        self._changed = asyncio.Event()
        self._commands: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_COMMANDS)
        self._done: dict[str, BrokerMessage] = {}  # retained, as published on this connection

    async def run(self) -> None:
        """Publish until asked to stop. Raises `NotReady` for a secret that is missing or a damaged file."""
        password = reveal(self.settings.password)
        # A tenth of a second of import: in a thread, so that the others have their turns.
        await asyncio.to_thread(importlib.import_module, "paho.mqtt.client")
        async with in_use(self._outbox, self.ctx):
            self._outbox.on_return = self._publisher.look_anew
            intake = AlertIntake(self.ctx, self._outbox, self._entries)
            changes = self.ctx.subscribe(
                NetworksGuarded, AlertsStanding, IncidentOpened, IncidentChanged, IncidentClosed, DaemonReached,
                DaemonUnreachable,
            )  # fmt: skip
            # What was told before this start: a module that is started again is late.
            guarded = self.ctx.latest(NetworksGuarded)
            if guarded is not None:
                self._networks = _names(guarded.body)
            newest = self.ctx.subscribe(*STATES, policy=Policy.LATEST)
            self.ctx.ready()
            await first_to_end(
                (self._take_in(intake), self._follow(changes), self._watch(newest), self._keep_connected(password))
            )

    @classmethod
    def check(cls, settings: MqttSettings) -> Iterator[tuple[str, str]]:
        """Yield a library that is missing, and files that are."""
        try:
            import paho.mqtt.client  # noqa: F401
        except ImportError:
            yield "host", "paho-mqtt is not installed: apt install python3-paho-mqtt"
        yield from tls.missing_files(settings)

    async def _take_in(self, intake: AlertIntake) -> None:
        async for new in intake.run():
            if new:
                self._publisher.note_new()
            warn_of_troubles(self._outbox, self.ctx)

    def _entries(self, event: Event) -> Iterator[OutboxEntry]:
        key = key_of(event.body)
        for message in news(event, self._topics, f"{self._device}/{key}"):
            data = json.dumps([message.topic, message.payload])
            yield OutboxEntry(data, event.body.severity.rank, _LANE, key=f"{message.topic} {key}")

    async def _follow(self, changes: Any) -> None:
        """Keep in mind which networks are guarded, and which incidents go on."""
        async for event in changes:
            if isinstance(event, Lagged):
                self.ctx.publish(ReportAlerts())
                continue
            body = event.body
            if isinstance(body, NetworksGuarded):
                self._networks = _names(body)
            elif isinstance(body, AlertsStanding):
                self._incidents = {each.incident.id: each.incident for each in body.incidents if each.open}
            elif isinstance(body, IncidentClosed):
                self._incidents.pop(body.id, None)
            elif isinstance(body, (IncidentOpened, IncidentChanged)):
                self._incidents[body.id] = body
            self._changed.set()
        await self.ctx.stopping.wait()

    async def _watch(self, newest: Any) -> None:
        async for _ in newest:
            self._changed.set()
            await asyncio.sleep(self.settings.interval)
        await self.ctx.stopping.wait()

    async def _keep_connected(self, password: str) -> None:
        pause = float(self.settings.retry)
        while True:
            will = BrokerMessage(self._topics.status, OFFLINE, retain=True)
            link = BrokerLink(self.settings, password, f"whimbrel-{self._device}", will)
            try:
                await link.open()
                pause = float(self.settings.retry)
                self.ctx.clear("broker")
                self.ctx.publish(
                    BrokerConnected(broker=f"{self.settings.host}:{link.port}", waiting=self._outbox.waiting)
                )
                await self._serve(link)
            except LinkLost as error:
                self._tell_lost(str(error))
            finally:
                await self._take_leave(link)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _tell_lost(self, reason: str) -> None:
        if "broker" not in self.ctx.warnings:
            self.ctx.publish(BrokerLost(reason=reason, waiting=self._outbox.waiting))
        self.ctx.warn("broker", f"waits for the broker: {reason}")

    async def _take_leave(self, link: BrokerLink) -> None:
        if not link.closed.is_set():
            with contextlib.suppress(LinkLost, NotAllowed, TimeoutError):
                async with asyncio.timeout(1.0):
                    await link.publish(BrokerMessage(self._topics.status, OFFLINE, retain=True))
        await link.close()

    async def _serve(self, link: BrokerLink) -> None:
        """Publish on one connection until it breaks. Raises `LinkLost`."""
        self._done = {}
        link.on_message = self._take_message
        for allowed, names in _COMMANDS_OF.items():
            for name in names if allowed in self.settings.may else ():
                link.subscribe(f"{self._topics.commands}/{name}")
        if self.settings.discovery:
            link.subscribe(f"{self.settings.discovery}/{_BIRTH}")
        await self._confirmed(link, BrokerMessage(self._topics.status, ONLINE, retain=True))
        told = asyncio.Event()
        news, states = self._publisher.publish(link, told), self._publish_state(link, told)
        await first_to_end((news, states, self._obey(link), link.closed.wait()))
        raise LinkLost(link.reason)

    async def _confirmed(self, link: BrokerLink, *messages: BrokerMessage) -> None:
        """Publish, and wait until the broker has answered all. A warning says what it refuses, until it takes all.
        Raises `LinkLost`."""
        refused: dict[int, str] = {}
        await link.publish_all(messages, refused)
        for place, reason in refused.items():
            self.ctx.warn("refused", f"{messages[place].topic}: {reason}")
        if messages and not refused:
            self.ctx.clear("refused")

    async def _publish_state(self, link: BrokerLink, told: asyncio.Event) -> None:
        """Publish whatever is retained and has changed, once the alerts that wait are `told`: where the broker closes
        the connection at one of these, they go out all the same; where it closes it at an alert, that is the cause."""
        await told.wait()
        while True:
            self._changed.clear()
            wanted = self._retained()
            fresh = [message for topic, message in wanted.items() if self._done.get(topic) != message]
            gone = [BrokerMessage(topic, "", retain=True) for topic in self._done.keys() - wanted.keys()]
            self._done = wanted  # before the wait, in which Home Assistant may start, and want all of it anew
            await self._confirmed(link, *fresh, *gone)
            await self._changed.wait()

    def _retained(self) -> dict[str, BrokerMessage]:
        reached, gone = self.ctx.latest(DaemonReached), self.ctx.latest(DaemonUnreachable)
        away = gone is not None and (reached is None or reached.seq < gone.seq)
        values = {
            self._topics.daemon: OFFLINE if away else ONLINE,
            self._topics.state: dumps(state(self.ctx.latest_of_each)),
        }
        for name in self._networks:
            values[self._topics.network(name)] = dumps(network_state(name, list(self._incidents.values())))
        if self.settings.discovery:
            announced = discovery.payload(self._device, self._topics, __version__, self._networks, self.settings.may)
            values[discovery.topic(self.settings.discovery, self._device)] = dumps(announced)
        return {topic: BrokerMessage(topic, value, retain=True) for topic, value in values.items()}

    def _take_message(self, topic: str, payload: bytes) -> None:
        if topic == f"{self.settings.discovery}/{_BIRTH}":
            if payload == ONLINE.encode():  # it has started, and knows what is retained; the state it wants anew
                self._done = {}
                self._changed.set()
            return
        name = topic.rpartition("/")[2]
        text = payload[: _LONGEST_COMMAND + 1].decode("ascii", "replace")
        with contextlib.suppress(asyncio.QueueFull):
            self._commands.put_nowait((name, text))

    async def _obey(self, link: BrokerLink) -> None:
        while True:
            name, text = await self._commands.get()
            try:
                answer = await self._do(name, text)
            except VerbError as error:
                answer = {"ok": False, "error": str(error)}
            said = {"command": name, "argument": text, **answer}
            await self._confirmed(link, BrokerMessage(self._topics.done, dumps(said)))

    async def _do(self, name: str, text: str) -> dict[str, Any]:
        """Execute a command; `Context.ask` holds it to the settings. Raises `VerbError`."""
        if len(text) > _LONGEST_COMMAND:
            raise VerbError("the argument is too long")
        if name == "acknowledge":
            return {"ok": True, "acknowledged": list((await self.ctx.ask(ACKNOWLEDGE, alert=text)).acknowledged)}
        if name == "lock":
            return {"ok": True, "mode": (await self.ctx.ask(LOCK, channel=text)).mode}
        if name == "unlock":
            return {"ok": True, "mode": (await self.ctx.ask(UNLOCK)).mode}
        raise VerbError("there are the commands acknowledge, lock and unlock")


def _device_name(host: str) -> str:
    """Return a host's name as one level of a topic."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in host)[:64] or "device"


def _names(body: NetworksGuarded) -> tuple[bytes, ...]:
    """Return the names of the guarded networks, each once, in one order."""
    return tuple(sorted(set(body.ssids)))
