"""Alerts, their frames, rules and guarded networks as rows."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Alert
from whimbrel.verbs.alerts import AlertRow, Evidence, FrameRow, IncidentRow, RuleRow, RuleSettingRow
from whimbrel.verbs.guarding import NetworkRow

if TYPE_CHECKING:
    from whimbrel.detections.base import Detection
    from whimbrel.detections.guarded import GuardedNetwork
    from whimbrel.detections.incidents import Incident
    from whimbrel.detections.standing import StandingAlert
    from whimbrel.wifi.frames import Frame

_FCS = 4


def alert_row(standing: StandingAlert, *, acknowledged: bool) -> AlertRow:
    """Return the present fields of the event `Alert`, with its state and the facts about its rule."""
    return AlertRow(
        **standing.body(Alert, again=standing.again).as_dict(),
        state="closed" if standing.closed else "open",
        acknowledged=acknowledged,
        left_out=standing.evidence.left_out,
        fooled_by=standing.detection.fooled_by,
        reference=standing.detection.reference,
    )


def incident_row(incident: Incident, *, acknowledged: bool) -> IncidentRow:
    """Return the present fields of the event `IncidentOpened`, with its state."""
    return incident.body(IncidentRow, state="closed" if incident.closed else "open", acknowledged=acknowledged)


def evidence_row(standing: StandingAlert, *, acknowledged: bool) -> Evidence:
    """Return an alert with its frames, the oldest first."""
    return Evidence(
        alert=alert_row(standing, acknowledged=acknowledged),
        frames=tuple(frame_row(frame) for frame in standing.evidence.frames),
        left_out=standing.evidence.left_out,
    )


def frame_row(frame: Frame) -> FrameRow:
    """Return a frame without capture header and FCS."""
    octets = frame.raw[frame.start : frame.end]
    return FrameRow(
        time=frame.time,
        freq=frame.freq,
        rssi=frame.rssi,
        noise=frame.noise,
        tsft=frame.tsft,
        rate=frame.rate,
        phy=frame.phy,
        length=max(frame.length - _FCS, len(octets)) if frame.cut else len(octets),
        octets=octets,
    )


def rule_row(
    cls: type[Detection[Any]], settings: RuleSettings, *, failed: bool = False, scanning: bool = False
) -> RuleRow:
    """Return a detection with the settings in force, in the notation of the settings file.

    `scanning`: whether the daemon hears announcements of access points alone.
    """
    from whimbrel.settings.classes import SettingsCodec

    codec = SettingsCodec(cls.Settings)
    return RuleRow(
        rule=cls.rule,
        title=cls.title,
        severity=settings.severity or cls.severity,
        enabled=settings.enabled,
        failed=failed,
        needs_monitor=cls.needs_monitor_mode(),
        unheard=scanning and cls.needs_monitor_mode(),
        looks_for=" ".join((inspect.getdoc(cls) or "").replace("\n- ", "\n").split()),
        family=cls.family,
        meaning=cls.meaning,
        advice=cls.advice,
        fooled_by=cls.fooled_by,
        reference=cls.reference,
        kismet=tuple(cls.kismet),
        nzyme=tuple(cls.nzyme),
        settings={
            declared.name: RuleSettingRow(
                value=codec.codec(declared.name).write(getattr(settings, declared.name)),
                default=codec.codec(declared.name).write(declared.default),
                help=declared.metadata["help"],
            )
            for declared in cls.Settings.__settings__.values()
        },
    )


def rule_rows(
    classes: tuple[type[Detection[Any]], ...],
    settings: Mapping[str, RuleSettings],
    running: frozenset[str] | None,
    *,
    scanning: bool = False,
) -> tuple[RuleRow, ...]:
    """Return every detection; the arguments are those of `each_rule`."""
    return tuple(each_rule(classes, settings, running, scanning=scanning))


def each_rule(
    classes: Iterable[type[Detection[Any]]],
    settings: Mapping[str, RuleSettings],
    running: frozenset[str] | None,
    *,
    scanning: bool = False,
) -> Iterator[RuleRow]:
    """Yield every detection; `running` are the names of the running ones, None without a running engine; `scanning` as
    in `rule_row`."""
    for cls in classes:
        chosen = settings.get(cls.rule) or cls.Settings()
        failed = running is not None and chosen.enabled and cls.rule not in running
        yield rule_row(cls, chosen, failed=failed, scanning=scanning)


def network_row(network: GuardedNetwork, source: str) -> NetworkRow:
    """Return a guarded network; `source` is its origin."""
    return NetworkRow(
        ssid=network.ssid,
        bssids=network.bssids,
        channels=tuple(map(str, network.channels)),
        security=network.security,
        pmf=network.pmf,
        source=source,
        stations=network.stations,
    )
