"""The watcher's answers to a person: alerts, their evidence, what was seen, the rules, and the networks to guard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whimbrel.detections.guarded import Guard, GuardedNetwork
from whimbrel.detections.learning import access_points_of, doubts, network_of
from whimbrel.detections.registry import all_detections
from whimbrel.events.alerts import AlertAcknowledged, NetworksGuarded
from whimbrel.module import Context, VerbError
from whimbrel.settings import Mac, Ssid
from whimbrel.settings.scalars import find
from whimbrel.text import ssid as shown_ssid
from whimbrel.watching import guarded_file
from whimbrel.watching.rows import alert_row, evidence_row, network_row, rule_rows
from whimbrel.wording.suggestions import no_such

if TYPE_CHECKING:
    from whimbrel.detections.alert_table import Standing
    from whimbrel.detections.engine import Detections
    from whimbrel.detections.options import RuleSettings

_SLICE = 8
"""Alerts that are made into rows before others get a turn: a Zero takes about a millisecond for each."""
_MOST_NAMES = 32
Request = dict[str, Any]


class WatcherVerbs:
    """Answers verbs for as long as the watcher runs.

    `guarded` and `trusted` are those of the settings, `learned` the file of the others; `now` returns the time of the
    last frame, `settings` are those of the rules by name.
    """

    def __init__(
        self,
        ctx: Context[Any],
        detections: Detections,
        settings: dict[str, RuleSettings],
        guarded: Iterable[GuardedNetwork],
        trusted: Iterable[bytes],
        learned: Path | None,
        now: Callable[[], float],
    ) -> None:
        self._ctx = ctx
        self._detections = detections
        self._settings = settings
        self._guarded = tuple(guarded)
        self._trusted = tuple(trusted)
        self._file = guarded_file.default_path() if learned is None else learned
        self._now = now
        self._seen: dict[str, int] = {}  # rank of the severity at which a person has seen an alert, by its id
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Take in the networks that were learned, and answer from now on. A file with a mistake in it is a warning."""
        serve = self._ctx.serve
        serve("alerts", self._alerts, 'what is wrong in the air: {"alert": its id} or {"open": true}, optional')
        serve("evidence", self._evidence, 'the frames of an alert: {"alert": its id}')
        serve("acknowledge", self._acknowledge, 'an alert was seen: {"alert": its id, or "all"}')
        serve("rules", self._rules, 'what is looked for, and with which thresholds: {"rule": …}, optional')
        serve("guarded", self._list, "the networks that are guarded")
        serve("learn", self._learn, 'guard networks as they are heard now: {"ssids": […]} or {"bssid": …}')
        serve("forget", self._forget, 'guard a learned network no longer: {"ssid": …}')
        try:
            learned = await asyncio.to_thread(guarded_file.read, self._file)
        except guarded_file.BadFile as error:
            self._warn(error)
            learned = ()
        if learned or self._guarded:
            self._guard(learned)

    def _warn(self, error: Exception) -> None:
        self._ctx.warn("learned", f"the learned networks are not guarded: {error}")

    def _guard(self, learned: tuple[GuardedNetwork, ...]) -> None:
        """Have the networks of the settings and the learned ones guarded from now on."""
        guard = Guard((*self._guarded, *learned), self._trusted)
        self._detections.guard_with(guard)
        self._ctx.publish(NetworksGuarded(ssids=tuple(guard.by_ssid), bssids=tuple(guard.by_bssid)))

    async def _alerts(self, request: Request) -> dict[str, Any]:
        """Answer ``{"time": now, "alerts": [the newest first]}``."""
        if request.get("alert") is not None:
            found = [self._standing(request)]
        else:
            only_open = _truth(request, "open")
            found = [standing for standing in self._detections.alerts if not (only_open and standing.closed)]
        rows = []
        for number, standing in enumerate(found, 1):
            rows.append(alert_row(standing, acknowledged=self._is_seen(standing)))
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        # A simulated air may be ahead of the clock.
        return {"time": max(self._ctx.bus.clock(), self._now()), "alerts": rows}

    async def _evidence(self, request: Request) -> dict[str, Any]:
        standing = self._standing(request)
        return {"alert": alert_row(standing, acknowledged=self._is_seen(standing)), **evidence_row(standing)}

    async def _acknowledge(self, request: Request) -> dict[str, Any]:
        """Answer the ids that nobody had acknowledged before."""
        alerts = self._detections.alerts
        found = list(alerts) if request.get("alert") == "all" else [self._standing(request)]
        fresh = [standing for standing in found if not self._is_seen(standing)]
        for standing in fresh:
            self._seen[standing.id] = standing.severity.rank
            detection = standing.detection
            self._ctx.publish(AlertAcknowledged(id=standing.id, rule=detection.rule, title=detection.title))
        self._seen = {number: rank for number, rank in self._seen.items() if alerts.find(number) is not None}
        return {"acknowledged": [standing.id for standing in fresh]}

    def _is_seen(self, standing: Standing) -> bool:
        """Tell whether somebody has seen it as bad as it is now."""
        return self._seen.get(standing.id, -1) >= standing.severity.rank

    def _standing(self, request: Request) -> Standing:
        number = request.get("alert")
        if isinstance(number, bool) or not isinstance(number, (str, int)):
            raise VerbError('"alert": expected the id of an alert, as `whimbrel alerts` shows it')
        standing = self._detections.alerts.find(str(number))
        if standing is None:
            raise VerbError(f"no alert {str(number)[:20]!r} is remembered; `whimbrel alerts --all` lists them")
        return standing

    async def _rules(self, request: Request) -> list[dict[str, Any]]:
        classes = all_detections()
        name = request.get("rule")
        if name is not None:
            classes = tuple(cls for cls in classes if cls.rule == name)
            if not classes:
                raise VerbError(no_such("rule", str(name), [cls.rule for cls in all_detections()]))
        running = frozenset(detection.rule for detection in self._detections.detections)
        return rule_rows(classes, self._settings, running)

    async def _list(self, _request: Request) -> dict[str, Any]:
        """Answer ``{"file": where, "networks": […]}``; ``source`` of each is ``settings`` or ``learned``."""
        rows = [network_row(network) | {"source": "settings"} for network in self._guarded]
        rows += [network_row(network) | {"source": "learned"} for network in await self._read()]
        return {"file": str(self._file), "networks": rows}

    async def _learn(self, request: Request) -> dict[str, Any]:
        """Guard networks as they are heard; where there are doubts, only if the request is ``sure``.

        Answers ``{"networks": […], "doubts": [{"ssid": …, "text": …}], "written": …, "file": …}``.
        """
        sure, dry, channels = (_truth(request, name) for name in ("sure", "dry_run", "channels"))
        survey, guard = self._detections.survey, self._detections.air.guard
        names = self._names(request)
        async with self._writing:
            learned = {bytes(network.ssid): network for network in await self._read()}
            made: list[GuardedNetwork] = []
            found: list[dict[str, str]] = []
            for name in names:
                heard = access_points_of(survey, name)
                if not heard:
                    raise VerbError(
                        f'no access point of "{shown_ssid(name)}" is heard; `whimbrel survey` lists the names'
                    )
                try:
                    made.append(network_of(name, heard, learned.get(name), channels=channels))
                except ValueError as error:
                    raise VerbError(str(error)) from error
                texts = doubts(survey, self._detections.alerts, name, heard, self._now(), guard.by_ssid.get(name))
                found += [{"ssid": shown_ssid(name), "text": text} for text in texts]
            written = not dry and (sure or not found)
            if written:
                learned |= {bytes(network.ssid): network for network in made}
                await self._write(tuple(learned.values()))
        return {
            "networks": [network_row(network) for network in made],
            "doubts": found,
            "written": written,
            "file": str(self._file),
        }

    def _names(self, request: Request) -> list[bytes]:
        """Return the names of the networks to learn: those of the request; without any, those that are guarded."""
        if request.get("bssid") is not None:
            address = _scalar(Mac, request["bssid"], "bssid")
            name = self._detections.air.name_of(address)
            if not name:
                raise VerbError("no name is known of that access point; a hidden network is learned once it was named")
            return [name]
        texts = request.get("ssids", [])
        if not isinstance(texts, list) or len(texts) > _MOST_NAMES:
            raise VerbError(f'"ssids": expected a list of at most {_MOST_NAMES} names')
        names = [_scalar(Ssid, text, "ssids") for text in texts] or list(self._detections.air.guard.by_ssid)
        if not names:
            raise VerbError("no network is guarded yet: name those that are yours, as `whimbrel survey` lists them")
        return list(dict.fromkeys(names))

    async def _forget(self, request: Request) -> dict[str, Any]:
        """Guard a learned network no longer; answers ``{"forgotten": name, "file": …}``."""
        name = _scalar(Ssid, request.get("ssid"), "ssid")
        async with self._writing:
            learned = await self._read()
            kept = tuple(network for network in learned if network.ssid != name)
            if len(kept) == len(learned):
                inset = any(network.ssid == name for network in self._guarded)
                hint = (
                    "it stands in the settings, under modules.watcher.guarded" if inset else "`whimbrel learn --list`"
                )
                raise VerbError(f'"{shown_ssid(name)}" was not learned: {hint}')
            await self._write(kept)
        return {"forgotten": shown_ssid(name), "file": str(self._file)}

    async def _read(self) -> tuple[GuardedNetwork, ...]:
        """Return what the file holds now, edited or not. Raises `VerbError` for one with a mistake in it."""
        try:
            learned = await asyncio.to_thread(guarded_file.read, self._file)
        except guarded_file.BadFile as error:
            self._warn(error)
            raise VerbError(f"{error}; mend it, or move it away: it is not written over") from error
        self._ctx.clear("learned")
        return learned

    async def _write(self, learned: tuple[GuardedNetwork, ...]) -> None:
        try:
            await asyncio.to_thread(guarded_file.write, self._file, learned)
        except guarded_file.BadFile as error:
            raise VerbError(str(error)) from error
        self._guard(learned)


def _truth(request: Request, name: str) -> bool:
    value = request.get(name, False)
    if not isinstance(value, bool):
        raise VerbError(f'"{name}": expected true or false')
    return value


def _scalar(kind: Any, value: object, name: str) -> bytes:
    """Read an address or a name of a network, as in the settings. Raises `VerbError`."""
    scalar = find(kind)
    assert scalar is not None
    try:
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004, TRY301  # as for a text that is none
        found: bytes = scalar.parse(value)
    except ValueError as error:
        hint = f" ({error})" if str(error) else ""
        raise VerbError(f'"{name}": expected {scalar.noun} such as {scalar.example}{hint}') from error
    return found
