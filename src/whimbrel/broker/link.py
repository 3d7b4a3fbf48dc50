"""One connection to a broker, by paho-mqtt (1.6 of Debian 12, 2.1 of Debian 13), whose thread ends with it.

Nothing of paho's own queue outlasts a connection: what was not confirmed is published again by its owner, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from whimbrel import tls
from whimbrel.broker.settings import MqttSettings
from whimbrel.broker.topics import BrokerMessage
from whimbrel.errors import WhimbrelError

WINDOW = 20
"""Messages that are under way at once: what a broker accepts by default (mosquitto.conf(5), max_inflight_messages)."""
_FAILURE = 128
"""Reason codes from here on say that something failed (MQTT 5, section 2.4)."""
_KEEPALIVE = 60
_FAREWELL = 2.0

Received = Callable[[str, bytes], None]


class LinkLost(WhimbrelError):
    """There is no connection; the message says why, and what to do."""


class BrokerLink:
    """A connection. `open` makes it; `publish` confirms; `closed` is set once it has broken."""

    def __init__(self, settings: MqttSettings, password: str, client_id: str, will: BrokerMessage) -> None:
        self._settings = settings
        self._password = password
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._waiting: dict[int, tuple[str, asyncio.Future[None]]] = {}
        self.closed = asyncio.Event()
        self.reason = ""
        self.closed_at: list[str] = []
        """Topics of the messages that had no answer when the broker, or the network, closed the connection."""
        self.on_message: Received = lambda _topic, _payload: None
        self._client = self._make(client_id, will)

    @property
    def port(self) -> int:
        """The port that it connects to."""
        return self._settings.port or (8883 if self._settings.tls else 1883)

    async def open(self) -> None:
        """Connect. Raises `LinkLost`."""
        where = f"{self._settings.host}:{self.port}"
        try:
            async with asyncio.timeout(self._settings.patience):
                await asyncio.to_thread(self._connect)
                await self._connected
        except tls.UnusableTlsFile as error:
            raise LinkLost(str(error)) from None
        except TimeoutError:
            raise LinkLost(f"{where} does not answer in time") from None
        except ssl.SSLCertVerificationError as error:
            advice = "name its authority in modules.mqtt.ca, and the host as the certificate has it"
            raise LinkLost(f"{where}: its certificate is not trusted ({error.verify_message}); {advice}") from None
        except ssl.SSLError as error:
            raise LinkLost(f"{where}: TLS failed ({error.reason or error}); does the broker speak TLS there?") from None
        except OSError as error:
            raise LinkLost(f"{where}: {error.strerror or error}; is the broker there?") from None

    async def close(self) -> None:
        """Take leave, and end the thread. Idempotent."""
        self._client.disconnect()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await asyncio.to_thread(self._client.loop_stop)
        self._break("it was closed")

    def drop(self) -> None:
        """Give the connection up without leave, so that the broker publishes the last will."""
        self._break("given up")
        sock = self._client.socket()
        if sock is not None:
            # Its thread is reading there, and paho 1.6 would not outlive a socket that is closed under it.
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def publish(self, message: BrokerMessage) -> asyncio.Future[None]:
        """Publish with QoS 1; the future is done once the broker has it, and raises `LinkLost` where it may not."""
        future: asyncio.Future[None] = self._loop.create_future()
        if self.closed.is_set():
            future.set_exception(LinkLost(self.reason))
            return future
        info = self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        if info.rc != 0:
            future.set_exception(LinkLost(f"not connected (code {info.rc})"))
        else:
            self._waiting[info.mid] = message.topic, future
        return future

    async def publish_all(self, messages: Sequence[BrokerMessage], refused: dict[int, str]) -> None:
        """Publish with QoS 1, and wait until the broker has answered all. `refused` gets the places of messages that it
        refuses, with the reason in words. Raises `LinkLost`."""
        futures = [self.publish(message) for message in messages]
        try:
            async with asyncio.timeout(float(self._settings.patience)):
                results = await asyncio.gather(*futures, return_exceptions=True)
        except TimeoutError:
            self.drop()
            raise LinkLost(f"{self._settings.host} confirms nothing for {self._settings.patience:g} s") from None
        refused |= {place: str(result) for place, result in enumerate(results) if isinstance(result, NotAllowed)}
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, NotAllowed):
                raise result

    def subscribe(self, topic: str) -> None:
        """Have messages of a topic given to `on_message`."""
        self._client.subscribe(topic, qos=1)

    def _make(self, client_id: str, will: BrokerMessage) -> Any:
        from paho.mqtt import client as mqtt

        options: dict[str, Any] = {"client_id": client_id, "protocol": mqtt.MQTTv5}
        if hasattr(mqtt, "CallbackAPIVersion"):  # paho-mqtt 2
            options["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION2
            client = mqtt.Client(**options)
        else:
            client = _telling_refusals(mqtt)(**options)
            client.on_refusal = lambda mid, code: self._post(self._note_publish, mid, code)
        client.max_inflight_messages_set(WINDOW)
        client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        client.on_connect = self._note_connect
        client.on_connect_fail = lambda *_: self._post(self._break, "the connection failed")
        client.on_disconnect = lambda *_: self._post(self._note_close)
        client.on_publish = lambda _client, _data, mid, *more: self._post(self._note_publish, mid, _code(more[:1]))
        client.on_message = self._note_message
        if self._settings.user:
            client.username_pw_set(self._settings.user, self._password or None)
        return client

    def _connect(self) -> None:
        """Connect, in a thread. Raises OSError."""
        settings = self._settings
        if settings.tls:
            self._client.tls_set_context(tls.context(settings))
        self._client.connect(settings.host, self.port, keepalive=_KEEPALIVE, clean_start=True)
        self._client.loop_start()

    def _post(self, call: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(call, *arguments)

    def _note_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, *_more: Any) -> None:
        self._post(self._accept, _code((reason,)), str(reason))

    def _accept(self, code: int, words: str) -> None:
        if self._connected.done():  # paho has connected anew by itself: then what waited is not known here
            self._note_close()
            self._client.disconnect()
        elif code >= _FAILURE:
            advice = "look at modules.mqtt.user and its password, or the certificate"
            self._connected.set_exception(LinkLost(f"{self._settings.host} refuses the connection: {words}; {advice}"))
        else:
            self._connected.set_result(None)

    def _note_publish(self, mid: int, code: int) -> None:
        _, future = self._waiting.pop(mid, ("", None))
        if future is None or future.done():
            return
        if code >= _FAILURE:
            future.set_exception(
                NotAllowed(f"the broker refuses a message (reason code {code}): look at its access rules")
            )
        else:
            future.set_result(None)

    def _note_message(self, _client: Any, _data: Any, message: Any) -> None:
        if not message.retain:  # a command that was kept is none any more
            self._post(self.on_message, message.topic, bytes(message.payload))

    def _note_close(self) -> None:
        if not self.closed.is_set():
            self.closed_at = [topic for topic, _ in self._waiting.values()]
            self._break("the broker has closed the connection")

    def _break(self, reason: str) -> None:
        if self.closed.is_set():
            return
        self.reason = reason
        self.closed.set()
        for future in (self._connected, *(future for _, future in self._waiting.values())):
            if not future.done():
                future.set_exception(LinkLost(f"{self._settings.host}:{self.port}: {reason}"))
                future.exception()  # nobody need ask
        self._waiting.clear()


def _telling_refusals(mqtt: Any) -> Any:
    """Return the client of paho 1.6 with what it keeps to itself: the reason in a broker's PUBACK (MQTT 5, 3.4.2.1).

    Without it, a message that the broker refuses counts as one that it has.
    """

    class Client(mqtt.Client):  # type: ignore[misc]
        def _handle_pubackcomp(self, cmd: str) -> Any:
            octets = self._in_packet["packet"]
            if len(octets) > 2 and octets[2] >= _FAILURE:
                self.on_refusal(int.from_bytes(octets[:2], "big"), octets[2])
            return super()._handle_pubackcomp(cmd)

    return Client


class NotAllowed(WhimbrelError):
    """The broker refuses one message, and would again."""


def _code(reasons: tuple[Any, ...]) -> int:
    """Return a reason as its number; 0 for none."""
    return int(getattr(reasons[0], "value", reasons[0])) if reasons else 0
