"""Alerts and incidents as the watcher makes them, and a daemon that remembers them behind a real control socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whimbrel.bus import Bus, Sender
from whimbrel.events.alerts import Alert, AlertClosed, Severity
from whimbrel.events.incidents import IncidentOpened
from whimbrel.module import Context, VerbError
from whimbrel.modules.control import Control, ControlSettings
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS, Acknowledged, AlertRow, Alerts
from whimbrel.verbs.daemon import STATUS, Status
from whimbrel.verbs.history import HISTORY, AlertPast, History

_FIELDS: dict[str, Any] = {
    "rule": "deauth-flood", "family": "disruption", "title": "Stations are thrown out",
    "meaning": "Somebody forges the farewell of an access point.", "advice": "Use protected management frames.",
    "lasting": True, "severity": Severity.CRITICAL, "confidence": "high", "text": "12 frames in 10 s",
    "bssid": bytes.fromhex("021122334455"), "ssid": b"home", "sender": None, "receiver": None, "channel": 6,
    "freq": 2437, "band": "2.4", "rssi": -40, "rssi_range": (-50, -40), "first": 1_767_225_600.0,
    "last": 1_767_225_601.0, "count": 10, "threshold": "10 in 10 s", "frames": 3,
}  # fmt: skip


def alert(number: int, kind: Any = Alert, **more: Any) -> Any:
    """Return an alert, or another body about one."""
    return kind(**_FIELDS | {"id": str(number)} | more)


def incident(number: int, kind: Any = IncidentOpened, **more: Any) -> Any:
    """Return an incident that begins with the alert of this number, or another body about one."""
    fields = {name: _FIELDS[name] for name in kind.fields if name in _FIELDS}
    rest = {"id": str(number), "cause": "", "alerts": (str(number),), "rules": (_FIELDS["rule"],)}
    return kind(**fields | rest | more)


def row(body: Alert, *, is_open: bool) -> AlertRow:
    """Return an alert as the verb ``alerts`` answers it."""
    more: dict[str, Any] = {"acknowledged": False, "left_out": 0, "fooled_by": "", "reference": ""}
    return AlertRow(**body.as_dict(), state="open" if is_open else "closed", **more)


class AlertingDaemon:
    """A bus with a control socket, and what the watcher and the history would answer there.

    ``async with``: the socket is there for as long as the block; alerts may be raised before it, and nobody hears them.
    """

    def __init__(self, path: Path, *, remembers: int = 128, **settings: Any) -> None:
        self.path = path
        self.rows: dict[int, AlertRow] = {}
        self.past: dict[int, AlertRow] | None = None
        """What a history would have; None without one."""
        self.number = 0
        self.asked: list[str] = []
        """Ids that clients have acknowledged."""
        self._remembers = remembers
        self._settings = settings
        self.bus = Bus()
        self._watcher: Sender = self.bus.sender("watcher")
        self._task: asyncio.Task[None]
        self.control: Control
        """The module behind the socket."""

    async def __aenter__(self) -> Self:
        self.bus = Bus()
        self._watcher = self.bus.sender("watcher")
        ctx = Context("control", ControlSettings(socket=self.path, **self._settings), self.bus)
        ctx.serve(ALERTS, self._alerts)
        ctx.serve(STATUS, self._status)
        ctx.serve(ACKNOWLEDGE, self._acknowledge)
        ctx.serve(HISTORY, self._history)
        self._ctx = ctx
        self.control = Control(ctx)
        self._task = asyncio.create_task(self.control.run())
        await ctx.is_ready.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ctx.stop()
        await self._task
        self._ctx.release()

    def publish(self, body: object, source: str | None = None) -> None:
        """Publish as the watcher, or as another module."""
        (self._watcher if source is None else self.bus.sender(source)).publish(body)

    def raise_alert(self, **more: Any) -> Alert:
        """Raise the next alert; one too many is forgotten."""
        self.number += 1
        body: Alert = alert(self.number, **more)
        self.rows[self.number] = row(body, is_open=True)
        if self.past is not None:
            self.past[self.number] = self.rows[self.number]
        if len(self.rows) > self._remembers:
            del self.rows[min(self.rows)]
        self.publish(body)
        return body

    def close_alert(self, number: int) -> None:
        """End an alert."""
        self.rows[number] = self.rows[number].replace(state="closed")
        self.publish(alert(number, AlertClosed))

    async def _alerts(self, _request: dict[str, Any]) -> Alerts:
        rows = tuple(self.rows[number] for number in sorted(self.rows, reverse=True))
        return Alerts(time=0.0, alerts=rows, incidents=(), number=self.number)

    async def _status(self, _request: dict[str, Any]) -> Status:
        return Status(
            version="1.2.3", pid=1, config="", seconds=1.0, ready=True, status="", receiver=(), discarded={},
            events=self.bus.seq, listeners=(),
        )  # fmt: skip

    async def _acknowledge(self, request: dict[str, Any]) -> Acknowledged:
        self.asked.append(str(request.get("alert")))
        return Acknowledged(acknowledged=(str(request.get("alert")),))

    async def _history(self, _request: dict[str, Any]) -> History:
        if self.past is None:
            raise VerbError("history: the module that answers it is not on")
        rows = [
            AlertPast(**{name: getattr(found, name) for name in AlertPast.fields if name in found.fields},
                      open=found.state == "open", clock=True, kept=0)
            for _, found in sorted(self.past.items(), reverse=True)
        ]  # fmt: skip
        return History(file="f", octets=0, alerts=tuple(rows))
