"""A history's part of a report: entries from before the start of the daemon, and devices no longer heard."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from whimbrel.reporting.heard import Heard, ListeningSession, Loss
from whimbrel.rows import AccessPointRow, SignalRow
from whimbrel.verbs.alerts import AlertRow, IncidentRow, RuleRow
from whimbrel.verbs.history import AccessPointPast, AlertPast, History, IncidentPast, SessionRow
from whimbrel.wifi.channels import band_of, center_of, channel_number
from whimbrel.wifi.vendors import vendor
from whimbrel.wording.quantities import count

PARTS = "sessions access_points changes alerts incidents"
"""The requested parts of the history."""
COUNTS = "channels crowds"
"""The further requested parts, in intervals of the hours that `step_of` returns."""
_STRETCHES = 36
"""Of the time that a report is about, at most."""
_STEPS = (1, 2, 3, 4, 6, 8, 12, 24, 48)
_WEEK = 168


def with_history(heard: Heard, history: History, rules: Mapping[str, RuleRow], since: float) -> Heard:
    """Return the data of a daemon together with its history since `since`.

    The daemon's own data is newer. Entries from before the clock was set have no known time: they are left out, and
    counted.
    """
    here = {row.bssid for row in heard.access_points}
    alerts, incidents = {row.id for row in heard.alerts}, {row.id for row in heard.incidents}
    gone = [row for row in history.access_points if row.last.clock and row.bssid not in here]
    return heard.replace(
        sessions=(*_sessions(history, heard.sessions, since), *heard.sessions),
        access_points=(*heard.access_points, *map(_access_point, gone)),
        changes=history.changes,
        earlier=frozenset(row.bssid for row in gone),
        alerts=(
            *heard.alerts,
            *(_alert(row, rules.get(row.rule)) for row in history.alerts if row.clock and row.id not in alerts),
        ),
        incidents=(
            *heard.incidents, *(_incident(row) for row in history.incidents if row.clock and row.id not in incidents)
        ),
        remarks=(*heard.remarks, *_remarks(history)),
    )  # fmt: skip


def of_file(name: str, history: History) -> Heard:
    """Return the empty data of a daemon that does not run, to be completed by its history."""
    known = [row for row in history.sessions if row.clock]
    lost = (
        ("frames lost in the kernel", sum(row.kernel_lost for row in known), "Nothing is known of what they said."),
        (
            "events lost on the way", sum(row.bus_lost for row in known),
            "A part of the daemon was too slow for them: the screen or the journal may have missed something.",
        ),
        (
            "entries that the history could not keep", sum(row.not_kept for row in known),
            "The card did not take them, or too many access points were new: they are missing here.",
        ),
    )  # fmt: skip
    return Heard(
        name=f"the device whose history is {name}",
        live=True,
        sessions=(),
        access_points=(),
        stations=(),
        channels=(),
        alerts=(),
        losses=tuple(Loss(what=what, number=number, meaning=meaning) for what, number, meaning in lost),
    )


def step_of(history: History, since: float) -> int:
    """Return the hours of an interval, so that all sessions after `since` fit."""
    known = [row for row in history.sessions if row.clock]
    if not known:
        return 1
    hours = (max(row.ended for row in known) - max(min(row.began for row in known), since)) / 3600
    fitting = (step for step in _STEPS if step * _STRETCHES >= hours)
    return next(fitting, math.ceil(hours / _STRETCHES / _WEEK) * _WEEK)


def with_hours(heard: Heard, counts: History, step: int) -> Heard:
    """Return it with the traffic of the channels in intervals of this many hours."""
    return heard.replace(hours=counts.channels, crowds=counts.crowds, step=step)


def _sessions(history: History, now: tuple[ListeningSession, ...], since: float) -> Iterator[ListeningSession]:
    """Yield the sessions before the present one, the oldest first."""
    end = min((session.began for session in now), default=float("inf"))
    for row in sorted(history.sessions, key=lambda row: row.id):
        if row.clock and row.began < end and row.ended <= end + _OVERLAP:
            yield _session(row, since)


_OVERLAP = 1.0
"""Seconds by which the clocks of two sessions may disagree."""


def _session(row: SessionRow, since: float) -> ListeningSession:
    began = min(max(row.began, since), row.ended)
    return ListeningSession(began=began, ended=row.ended, place=row.place, frames=row.frames, lost=row.kernel_lost)


def _access_point(row: AccessPointPast) -> AccessPointRow:
    said = row.announced
    level = SignalRow(last=None, min=None, max=row.loudest, smoothed=None)
    number, band = channel_number(said.freq), band_of(said.freq)
    return AccessPointRow(
        **said.as_dict(),
        bssid=row.bssid, names=(said.ssid,), names_dropped=0, vendor=vendor(row.bssid), channel=number, band=band,
        center=center_of(band, number, said.width) or said.freq, interval=0, measured_interval=None, uptime=None,
        load=None, rssi=level, beacons=0, frames=0, flips=0, stations=0, first=row.first.time, last=row.last.time,
        last_seq=None, carrier=None, fingerprint={},
    )  # fmt: skip


def _alert(row: AlertPast, rule: RuleRow | None) -> AlertRow:
    told = row.as_dict()
    return AlertRow(
        **{name: told[name] for name in AlertRow.fields if name in told},
        state="open" if row.open else "closed",
        left_out=max(row.frames - row.kept, 0),
        fooled_by=rule.fooled_by if rule else "",
        reference=rule.reference if rule else "",
    )


def _incident(row: IncidentPast) -> IncidentRow:
    told = row.as_dict()
    return IncidentRow(
        **{name: told[name] for name in IncidentRow.fields if name in told},
        state="open" if row.open else "closed",
        acknowledged=False,
    )


def _remarks(history: History) -> Iterator[str]:
    unset = sum(not row.clock for row in history.sessions)
    if unset:
        times = count(unset, "time")
        yield f"{times} of listening from before the clock was set have no place in time, and are left out."
    doubtful = sum(row.estimate for row in history.sessions)
    if doubtful:
        times = count(doubtful, "time")
        yield f"{times} of listening: dates are estimates, because nobody had told the clock since the board's start."
    if history.left_out:
        yield "The history has more entries than one answer: this report has the newest. A later --since shows all."
