"""The watcher's commands: report alerts, acknowledge them, forget them, guard a network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whimbrel.bus import Lagged
from whimbrel.events.alerts import (
    AcknowledgeAlert,
    Alert,
    AlertState,
    GuardedAs,
    LearnNetwork,
    NetworkLearned,
    ReportAlerts,
)
from whimbrel.events.device import ReportSignal, SignalReported
from whimbrel.events.history import HistoryErased
from whimbrel.events.incidents import AlertsStanding, IncidentOpened, IncidentState
from whimbrel.events.system import CommandRefused
from whimbrel.watching.guarding import Guarding, GuardingError
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from whimbrel.bus import Subscription
    from whimbrel.detections.engine import Detections
    from whimbrel.events.base import Event
    from whimbrel.module import Context
    from whimbrel.watching.acknowledgements import Acknowledgements
    from whimbrel.watching.alert_store import AlertStore

_SLICE = 32
"""Alerts reported at a time before other modules can run."""


class WatcherCommands:
    """Executes commands, and publishes the results."""

    KINDS = (ReportAlerts, ReportSignal, AcknowledgeAlert, LearnNetwork, HistoryErased)
    """The commands, and what a person has erased from a history."""

    def __init__(
        self,
        ctx: Context[Any],
        detections: Detections,
        seen: Acknowledgements,
        store: AlertStore,
        guarding: Guarding,
    ) -> None:
        self._ctx = ctx
        self._survey = detections.survey
        self._alerts = detections.alerts
        self._seen = seen
        self._store = store
        self._guarding = guarding

    async def run(self, commands: Subscription) -> None:
        """Report the present alerts, then execute `commands` until the subscription is closed."""
        await self._report()
        async for event in commands:
            if isinstance(event, Lagged):
                await self._report()
                continue
            try:
                await self._do(event)
            except Exception as error:  # noqa: BLE001  # a mistake in one answer must not end the watch
                self._refuse(event, f"{type(error).__name__}: {error}")

    async def _do(self, event: Event) -> None:
        if isinstance(event.body, ReportAlerts):
            await self._report()
        elif isinstance(event.body, ReportSignal):
            self._report_signal(event.body.address)
        elif isinstance(event.body, AcknowledgeAlert):
            await self._acknowledge(event)
        elif isinstance(event.body, HistoryErased):
            await self._forget(event.body)
        else:
            await self._learn(event)

    async def _report(self) -> None:
        await self._store.published()
        states = []
        for number, standing in enumerate(list(self._alerts), 1):
            alert = standing.body(Alert, again=standing.again)
            states.append(AlertState(alert, open=not standing.closed, acknowledged=standing in self._seen))
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        incidents = [
            IncidentState(incident.body(IncidentOpened), open=not incident.closed)
            for incident in self._alerts.incidents.remembered.values()
        ]
        self._ctx.publish(AlertsStanding(alerts=tuple(reversed(states)), incidents=tuple(incidents)))

    def _report_signal(self, address: bytes) -> None:
        tables = (self._survey.access_points.table, self._survey.stations.table)
        heard = next((found for table in tables if (found := table.entries.get(address)) is not None), None)
        self._ctx.publish(SignalReported(address=address, samples=heard.signal.past if heard else ()))

    async def _acknowledge(self, event: Event) -> None:
        await self._store.published()
        if named := self._alerts.named(event.body.id):
            self._seen.add(named)
        else:
            self._refuse(event, "it is not remembered any more")

    async def _forget(self, body: HistoryErased) -> None:
        """Forget alerts: the history would get them back with its next request for a report."""
        await self._store.published()
        if body.alerts:
            self._alerts.forget(body.alerts)
            await self._report()

    async def _learn(self, event: Event) -> None:
        try:
            name = self._guarding.name_of(event.body.bssid)
            learned = await self._guarding.learn([name], sure=event.body.sure)
        except GuardingError as error:
            self._refuse(event, str(error))
            return
        network = learned.networks[0]
        self._ctx.publish(
            NetworkLearned(
                network=GuardedAs(bytes(network.ssid), network.bssids, network.security, network.pmf or Pmf.NONE),
                written=learned.written,
                doubts=tuple(doubt.text for doubt in learned.doubts),
                answers=event.seq,
            )
        )

    def _refuse(self, event: Event, text: str) -> None:
        self._ctx.publish(CommandRefused(command=event.body.kind, text=text, answers=event.seq))
