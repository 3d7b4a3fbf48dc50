"""What reach speaks with in the page's soak, beside the page: a broker, receivers of messages and logs, a scraper."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import urlopen

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from tests.lab.mosquitto import Mosquitto
from tests.lab.ports import free_port
from tests.lab.sinks import HttpSink

_SETTINGS = """\
  metrics: {{port: {metrics}}}
  syslog: {{host: 127.0.0.1, port: {syslog}, transport: tcp}}
  mqtt: {{host: 127.0.0.1, port: {mqtt}}}
  notify: {{to: ["ntfy://127.0.0.1:{notify}/soak"], severity: notice, pause: 1min, digest: 5min}}
"""
_SCRAPE = 15.0
"""Seconds between two scrapes, as Prometheus has by default in many set-ups."""
_LOOK = 0.2


class Others:
    """Runs them for as long as its ``with`` block, and counts what they were told."""

    def __init__(self, folder: Path) -> None:
        self._broker = Mosquitto(folder)
        self._sink = HttpSink()
        self._log_server = socket.create_server(("127.0.0.1", 0))
        self._log_server.settimeout(_LOOK)
        self._metrics = free_port()
        self._listener = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._listener.on_message = self._note_message
        self._published = 0
        self._lines = 0
        self._scrapes = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._take_logs), threading.Thread(target=self._scrape)]
        self.settings = _SETTINGS.format(
            metrics=self._metrics, syslog=self._log_server.getsockname()[1], mqtt=self._broker.port,
            notify=self._sink.port,
        )  # fmt: skip
        """The lines of the settings that name them."""

    def __enter__(self) -> Self:
        self._sink.__enter__()
        self._broker.start()
        self._listener.connect("127.0.0.1", self._broker.port)
        self._listener.subscribe("whimbrel/#", qos=1)
        self._listener.loop_start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._listener.disconnect()
        self._listener.loop_stop()
        self._log_server.close()
        self._broker.kill()
        self._sink.__exit__(kind, error, trace)

    def told(self) -> str:
        """Return what they were told, in words."""
        return ", ".join(f"{number} {name}" for name, number in self._counts().items())

    def faults(self) -> list[str]:
        """Return those that were told nothing, a line each."""
        return [f"there were no {name}" for name, number in self._counts().items() if not number]

    def _counts(self) -> dict[str, int]:
        return {
            "messages": len(self._sink.requests),
            "messages at the broker": self._published,
            "lines of the log": self._lines,
            "scrapes": self._scrapes,
        }

    def _note_message(self, *_: object) -> None:
        self._published += 1

    def _take_logs(self) -> None:
        """Read what log servers are sent, one connection after the other."""
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._log_server.accept()
                with connection:
                    connection.settimeout(_LOOK)
                    self._read_logs(connection)

    def _read_logs(self, connection: socket.socket) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                octets = connection.recv(65536)
                if not octets:
                    return
                # RFC 5424 begins each message with its priority; 16 is local0.
                self._lines += octets.count(b" <1")

    def _scrape(self) -> None:
        while not self._over.wait(_SCRAPE):
            with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{self._metrics}/metrics", timeout=10) as page:
                self._scrapes += b"whimbrel_up 1.0" in page.read()
