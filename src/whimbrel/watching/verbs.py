"""The watcher's verbs: alerts, their evidence, acknowledgements, the rules, and the guarded networks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from whimbrel.detections.registry import all_detections
from whimbrel.events.radio import RadioOpened
from whimbrel.module import Context, VerbError
from whimbrel.settings import Mac, Ssid
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS, EVIDENCE, RULES, Acknowledged, Alerts, Evidence, RuleRow
from whimbrel.verbs.guarding import FORGET, GUARDED, LEARN, DoubtRow, Forgotten, Guarded, Learned
from whimbrel.watching.guarding import Guarding, GuardingError
from whimbrel.watching.requests import scalar, truth
from whimbrel.watching.rows import alert_row, each_rule, evidence_row, incident_row, network_row
from whimbrel.wording.suggestions import no_such

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections
    from whimbrel.detections.options import RuleSettings
    from whimbrel.detections.standing import StandingAlert
    from whimbrel.watching.acknowledgements import Acknowledgements
    from whimbrel.watching.alert_store import AlertStore
    from whimbrel.watching.keeper import AlertKeeper

T = TypeVar("T")

_SLICE = 8
"""Alerts converted at a time before other modules can run: a Pi Zero takes about a millisecond for each."""
_RULES_SLICE = 2
"""Rules at a time: a Pi Zero takes some five milliseconds for each."""
_MOST_NAMES = 32
Request = dict[str, Any]


class WatcherVerbs:
    """Answers verbs while the watcher runs.

    `settings` are those of the rules by name; `now` returns the time of the last frame.
    """

    def __init__(
        self,
        ctx: Context[Any],
        detections: Detections,
        settings: dict[str, RuleSettings],
        seen: Acknowledgements,
        keeper: AlertKeeper,
        store: AlertStore,
        guarding: Guarding,
        now: Callable[[], float],
    ) -> None:
        self._ctx = ctx
        self._detections = detections
        self._settings = settings
        self._seen = seen
        self._keeper = keeper
        self._store = store
        self._guarding = guarding
        self._now = now

    def open(self) -> None:
        """Answer from now on."""
        serve = self._ctx.serve
        serve(ALERTS, self._alerts)
        serve(EVIDENCE, self._evidence)
        serve(ACKNOWLEDGE, self._acknowledge)
        serve(RULES, self._rules)
        serve(GUARDED, self._list)
        serve(LEARN, self._learn)
        serve(FORGET, self._forget)

    async def _alerts(self, request: Request) -> Alerts:
        await self._store.published()
        if request.get("alert") is not None:
            found = self._named(request)
        else:
            only_open = truth(request, "open")
            found = [standing for standing in self._detections.alerts if not (only_open and standing.closed)]
        rows = []
        wanted = {standing.incident for standing in found}
        incidents = [incident for incident in self._detections.alerts.incidents if incident.id in wanted]
        for number, standing in enumerate(found, 1):
            rows.append(alert_row(standing, acknowledged=standing in self._seen))
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        # A simulated air may be ahead of the clock.
        return Alerts(
            time=max(self._ctx.bus.clock(), self._now()),
            alerts=tuple(rows),
            incidents=tuple([incident_row(each, acknowledged=self._seen.all_of(each.parts)) for each in incidents]),
            number=self._detections.alerts.number,
        )

    async def _evidence(self, request: Request) -> Evidence:
        await self._store.published()
        standing = self._standing(request)
        return evidence_row(standing, acknowledged=standing in self._seen)

    async def _acknowledge(self, request: Request) -> Acknowledged:
        """Answer with the newly acknowledged ids; if a history keeps the alerts, once they are on its card, or with the
        news that it does not take them."""
        await self._store.published()
        alerts = self._detections.alerts
        found = list(alerts) if request.get("alert") == "all" else self._named(request)
        fresh = tuple(standing.id for standing in self._seen.add(found))
        safe = not fresh or await self._keeper.safe(self._ctx.bus.seq)
        return Acknowledged(acknowledged=fresh, safe=safe)

    def _standing(self, request: Request) -> StandingAlert:
        number = request.get("alert")
        if isinstance(number, bool) or not isinstance(number, (str, int)):
            raise VerbError('"alert": expected the id of an alert, as `whimbrel alerts` shows it')
        standing = self._detections.alerts.find(str(number))
        if standing is None:
            raise VerbError(f"no alert {str(number)[:20]!r} is remembered; `whimbrel alerts --all` lists them")
        return standing

    def _named(self, request: Request) -> list[StandingAlert]:
        """Return the alerts of an incident, or the one alert."""
        number = request.get("alert")
        named = [] if isinstance(number, bool) else self._detections.alerts.named(str(number))
        return named or [self._standing(request)]

    async def _rules(self, request: Request) -> tuple[RuleRow, ...]:
        classes = all_detections()
        name = request.get("rule")
        if name is not None:
            classes = tuple(cls for cls in classes if cls.rule == name)
            if not classes:
                raise VerbError(no_such("rule", str(name), [cls.rule for cls in all_detections()]))
        running = frozenset(detection.rule for detection in self._detections.detections)
        opened = self._ctx.latest(RadioOpened)
        scanning = opened is not None and opened.body.announcements_only
        rows = []
        for row in each_rule(classes, self._settings, running, scanning=scanning):
            rows.append(row)
            if len(rows) % _RULES_SLICE == 0:
                await asyncio.sleep(0)
        return tuple(rows)

    async def _list(self, _request: Request) -> Guarded:
        learned = await _allowed(self._guarding.learned())
        rows = [network_row(network, "settings") for network in self._guarding.configured]
        rows += [network_row(network, "learned") for network in learned]
        return Guarded(file=str(self._guarding.file), networks=tuple(rows))

    async def _learn(self, request: Request) -> Learned:
        """Guard networks as they are heard; where there are doubts, only if the request is ``sure``."""
        sure, dry, channels, devices = (truth(request, name) for name in ("sure", "dry_run", "channels", "devices"))
        names = self._names(request)
        found = await _allowed(self._guarding.learn(names, sure=sure, dry_run=dry, channels=channels, devices=devices))
        return Learned(
            networks=tuple(network_row(network, "heard") for network in found.networks),
            doubts=tuple(DoubtRow(ssid=doubt.ssid, text=doubt.text) for doubt in found.doubts),
            written=found.written,
            file=str(self._guarding.file),
        )

    def _names(self, request: Request) -> list[bytes]:
        """Return the SSIDs to learn: those of the request, by default the guarded ones."""
        if request.get("bssid") is not None:
            try:
                return [self._guarding.name_of(scalar(Mac, request["bssid"], "bssid"))]
            except GuardingError as error:
                raise VerbError(str(error)) from error
        texts = request.get("ssids", [])
        if not isinstance(texts, list) or len(texts) > _MOST_NAMES:
            raise VerbError(f'"ssids": expected a list of at most {_MOST_NAMES} names')
        names = [scalar(Ssid, text, "ssids") for text in texts] or list(self._detections.air.guard.by_ssid)
        if not names:
            raise VerbError("no network is guarded yet: name those that are yours, as `whimbrel survey` lists them")
        return list(dict.fromkeys(names))

    async def _forget(self, request: Request) -> Forgotten:
        """Guard a learned network no longer."""
        name = scalar(Ssid, request.get("ssid"), "ssid")
        await _allowed(self._guarding.forget(name))
        return Forgotten(ssid=name, file=str(self._guarding.file))


async def _allowed(answer: Awaitable[T]) -> T:
    """Return the result of `answer`. Raises `VerbError` if it is refused."""
    try:
        return await answer
    except GuardingError as error:
        raise VerbError(str(error)) from error
