"""Metrics: figures for Prometheus, on a page that it scrapes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple

from whimbrel.bus import Lagged
from whimbrel.events.alerts import ReportAlerts
from whimbrel.metering.figures import KINDS, STANDING, Figures
from whimbrel.module import Module, NotReady, Side, Stage, VerbError
from whimbrel.settings import Duration, frozen, setting
from whimbrel.system.addresses import place_of
from whimbrel.tasks import first_to_end
from whimbrel.verbs.air import SURVEY
from whimbrel.verbs.daemon import STATUS

_CAPACITY = 4096
_CLIENTS, _OF_ONE = 8, 4
"""Connections that are answered at a time, of all and of one place."""
_PATIENCE, _WHOLE = 10.0, 20.0
"""Seconds that a client may be silent, and that its connection may last."""
_PROTECTED = 1.0
"""Seconds for which a connection does not make room for another one."""


@frozen
class MetricsSettings:
    """Figures for Prometheus (docs/metrics.md)."""

    address: str = setting("127.0.0.1", help="Address to serve on; 0.0.0.0 for all: nobody has to log in.")
    port: int = setting(9753, low=1, high=65535, help="Port to serve on, below /metrics.")
    interval: Duration = setting(
        Duration(15.0),
        low=0.05,
        help="How often the daemon is asked for channels and queues.",
    )


class Metrics(Module[MetricsSettings]):
    """Serves the newest figures; what is scraped costs the daemon nothing."""

    Settings = MetricsSettings
    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.REACH

    async def run(self) -> None:
        """Serve until asked to stop. Raises `NotReady` where the port is taken."""
        figures = Figures()
        events = self.ctx.subscribe(*KINDS, capacity=_CAPACITY)
        server = self._listen(figures)
        thread = threading.Thread(target=server.serve_forever, name="metrics", kwargs={"poll_interval": 0.2})
        thread.start()
        self.ctx.publish(ReportAlerts())
        # What was told before this start: a module that is started again is late.
        for event in sorted(event for kind in STANDING for event in self.ctx.latest_of_each(kind)):
            figures.take(event.body, event.source)
        self.ctx.ready()
        try:
            await first_to_end((self._take_in(figures, events), self._ask(figures)))
        finally:
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            thread.join()

    @classmethod
    def check(cls, settings: MetricsSettings) -> Iterator[tuple[str, str]]:
        """Yield a library that is missing."""
        try:
            import prometheus_client  # noqa: F401
        except ImportError:
            yield "port", "prometheus-client is not installed: apt install python3-prometheus-client"

    def _listen(self, figures: Figures) -> ThreadingHTTPServer:
        from prometheus_client import CollectorRegistry, MetricsHandler, ProcessCollector

        registry = CollectorRegistry()
        registry.register(_Collector(figures))
        ProcessCollector(namespace="whimbrel_reach", registry=registry)
        where = (self.settings.address, self.settings.port)
        try:
            server = _Server(where, MetricsHandler.factory(registry))
        except OSError as error:
            text = f"cannot serve on {where[0]}:{where[1]}: {error.strerror}; set modules.{self.ctx.name}.port"
            raise NotReady(text) from error
        return server

    async def _take_in(self, figures: Figures, events: Any) -> None:
        async for event in events:
            if isinstance(event, Lagged):
                self.ctx.publish(ReportAlerts())
            else:
                figures.take(event.body, event.source)

    async def _ask(self, figures: Figures) -> None:
        while True:
            try:
                survey = await self.ctx.ask(SURVEY, what="channels")
                status = await self.ctx.ask(STATUS)
            except VerbError:  # away, or its watcher not ready
                figures.ask((), ())
            else:
                figures.ask(survey.channels, status.listeners)
            await asyncio.sleep(self.settings.interval)


class _Server(ThreadingHTTPServer):
    """Answers few at a time, each in its thread, and none for ever: the page may be open to a whole network."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lock = threading.Lock()
        self._open: dict[Any, _Client] = {}
        """What is answered, by its socket, the oldest first."""

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread; where there are too many, the oldest of the place with most makes room, or this one does
        not get any."""
        client = _Client(time.monotonic(), place_of(client_address[0]))
        with self._lock:
            free = self._made_room(client)
            if free:
                self._open[request] = client
        if not free:
            self.shutdown_request(request)
            return
        request.settimeout(_PATIENCE)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one client."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)

    def service_actions(self) -> None:
        """End the connections that last too long: a client that says a little now and then is never silent."""
        late = time.monotonic() - _WHOLE
        with self._lock:
            for request in [request for request, client in self._open.items() if client.since < late]:
                self._end(request)

    def _made_room(self, client: _Client) -> bool:
        counts = Counter(each.place for each in self._open.values())
        if len(self._open) < _CLIENTS and counts[client.place] < _OF_ONE:
            return True
        place = client.place if counts[client.place] >= _OF_ONE else counts.most_common(1)[0][0]
        oldest = next(request for request, each in self._open.items() if each.place == place)
        if client.since - self._open[oldest].since < _PROTECTED:
            return False
        self._end(oldest)
        return True

    def _end(self, request: Any) -> None:
        """End a connection, for its thread as for its client; the thread closes the socket."""
        del self._open[request]
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave a client that is gone; anything else is an error of this thread."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            raise error


class _Client(NamedTuple):
    since: float
    """Monotonic seconds."""
    place: str


class _Collector:
    """Gives the figures to prometheus-client when they are scraped."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for family in self._figures.families():
            kind = CounterMetricFamily if family.is_counter else GaugeMetricFamily
            found = kind(f"whimbrel_{family.name}", family.help, labels=family.labels)
            for labels, value in family.samples:
                found.add_metric(labels, value)
            yield found

    def describe(self) -> list[Any]:
        """Return nothing: names are known when they are scraped."""
        return []
