"""The kinds fetched from the daemon: those with a listener here."""

from __future__ import annotations

from whimbrel import receivers
from whimbrel.bus import Bus
from whimbrel.events.air import AirReport
from whimbrel.events.alerts import NetworksGuarded, ReportAlerts
from whimbrel.events.base import KINDS, Body
from whimbrel.events.device import SystemReport
from whimbrel.events.incidents import COURSE, AlertsStanding
from whimbrel.events.interest import is_bulky
from whimbrel.events.position import PositionChanged, PositionLost
from whimbrel.events.radio import FrameBatch, ReceiverJudged
from whimbrel.events.recording import AlertEvidence, CapturedFrames, RecorderState
from whimbrel.events.system import (
    DaemonReady,
    DaemonStarted,
    ModulesState,
    ReloadSettings,
    RestartModule,
    SettingsReloaded,
)

STANDING: tuple[type[Body], ...] = (
    *receivers.KINDS, AirReport, DaemonReady, DaemonStarted, ModulesState, NetworksGuarded, PositionChanged,
    PositionLost, ReceiverJudged, RecorderState, SystemReport,
)  # fmt: skip
"""Kinds whose newest event is a state: late listeners get that one."""
NEVER: frozenset[type] = frozenset(
    {
        # No frame gets here.
        FrameBatch, AlertEvidence, CapturedFrames,
        # Each process handles those of its own modules.
        ReloadSettings, RestartModule,
        # The feed answers the one by the other.
        ReportAlerts, AlertsStanding,
    }
)  # fmt: skip
"""Kinds that are not fetched."""
ALWAYS: tuple[type[Body], ...] = (*COURSE, DaemonStarted, SettingsReloaded)
"""Kinds that are fetched whether a module listens or not: the ledger and the process need them."""


def small_kinds(bus: Bus, apart_from: frozenset[str]) -> frozenset[type[Body]]:
    """Return the kinds of small events to fetch; the listeners `apart_from` do not count."""
    wanted = {kind for kind in _fetched() if not is_bulky(kind) and bus.wanted(kind, apart_from)}
    return frozenset(wanted.union(ALWAYS))


def large_kinds(bus: Bus) -> frozenset[type[Body]]:
    """Return the kinds of large events to fetch: those with a listener by name."""
    return frozenset(kind for kind in _fetched() if is_bulky(kind) and bus.is_taken(kind))


def _fetched() -> list[type[Body]]:
    return [kind for kind in KINDS.values() if kind not in NEVER and not _is_local(kind)]


def _is_local(kind: type[Body]) -> bool:
    return kind.__module__ == "whimbrel.events.reach"
