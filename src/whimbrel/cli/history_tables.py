"""The answer of a history as tables and sentences for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.history import AccessPointPast, AlertPast, ChangePast, DatedMoment, History, SessionRow, StationPast
from whimbrel.wifi.channels import channel_label, channel_number
from whimbrel.wording import phrases
from whimbrel.wording.quantities import count, minute, short_count, span
from whimbrel.wording.styles import Look, of_severity
from whimbrel.wording.tables import Column, layout

_SESSIONS = (
    Column("BEGAN"), Column("LISTENED", right=True), Column("FRAMES", right=True), Column("LOST", right=True),
    Column("PLACE", least=8), Column("RADIO", least=12),
)  # fmt: skip
_ACCESS_POINTS = (
    Column("BSSID"), Column("SSID", least=12), Column("CH", right=True), Column("SECURITY", least=8),
    Column("FIRST"), Column("LAST"), Column("dBm", right=True), Column("CHANGES", right=True),
)  # fmt: skip
_CHANGES = (Column("WHEN"), Column("BSSID"), Column("SSID", least=12), Column("WHAT", least=20))
_STATIONS = (
    Column("STATION"), Column("VENDOR", least=8), Column("BSSID"), Column("FIRST"), Column("LAST"), Column("WHY"),
)  # fmt: skip
_ALERTS = (
    Column("ID", right=True), Column("WHEN"), Column("SEVERITY", style=of_severity), Column("RULE", least=12),
    Column("WHAT", least=20),
    Column("COUNT", right=True), Column("STATE"),
)  # fmt: skip
_UNKNOWN = "clock not set"
_DOUBT = "~"


def show(answer: History, how: Look | None = None) -> Iterator[str]:
    """Yield the lines for all requested parts."""
    parts: tuple[tuple[Sequence[Any], tuple[Column, ...], Callable[[Any], tuple[str, ...]]], ...] = (
        (answer.sessions, _SESSIONS, _session), (answer.access_points, _ACCESS_POINTS, _access_point),
        (answer.changes, _CHANGES, _change), (answer.stations, _STATIONS, _station), (answer.alerts, _ALERTS, _alert),
    )  # fmt: skip
    how = how or Look()
    shown = False
    for rows, columns, cells in parts:
        if rows:
            if shown:
                yield ""
            shown = True
            yield from layout(columns, [cells(row) for row in rows], how.width, coloured=how.coloured)
    if not shown:
        yield "nothing of that is in the history"
    if any(
        map(_is_estimate, (*answer.sessions, *answer.access_points, *answer.changes, *answer.stations, *answer.alerts))
    ):
        yield f"\n{_DOUBT}: the time is an estimate: nobody had told it since the board's start"
    if answer.left_out:
        yield f"\nthere are more: select fewer by --since, --ssid or --device, or read {harmless(answer.file)} itself"


def explained(answer: History) -> Iterator[str]:
    """Yield the kept data of one alert."""
    for row in answer.alerts:
        yield f"{harmless(row.title)} ({row.severity}, {harmless(row.confidence)} confidence)"
        yield harmless(row.text)
        yield f"alert {harmless(row.id)} of the rule {harmless(row.rule)}, {_state(row)}"
        yield f"from {_dated(row.first, row)} for {span(row.last - row.first)}"
        yield f"{count(len(answer.evidence), 'frame')} kept"
    if not answer.alerts:
        yield "no such alert is in the history"


def _session(row: SessionRow) -> tuple[str, ...]:
    lost = row.kernel_lost + row.bus_lost + row.not_kept
    began = _dated(row.began, row)
    lasted = span(row.ended - row.began)
    return began, lasted, short_count(row.frames), str(lost), harmless(row.place) or "-", harmless(row.radio) or "-"


def _access_point(row: AccessPointPast) -> tuple[str, ...]:
    said = row.announced
    return (
        mac(row.bssid), phrases.network_shown(said.ssid, said.mesh_id),
        channel_label(said.freq, channel_number(said.freq)) or "-", str(said.security) or "-", _moment(row.first),
        _moment(row.last), "-" if row.loudest is None else str(row.loudest), str(row.changes),
    )  # fmt: skip


def _change(row: ChangePast) -> tuple[str, ...]:
    change = row.change
    old, new = (phrases.value(value, change.field) for value in (change.old, change.new))
    return _moment(row.at), mac(row.bssid), ssid(row.ssid) or "-", f"{harmless(change.field)}: {old} became {new}"


def _station(row: StationPast) -> tuple[str, ...]:
    vendor = harmless(row.vendor) or "-"
    return mac(row.station), vendor, mac(row.bssid), _moment(row.first), _moment(row.last), harmless(row.why)


def _alert(row: AlertPast) -> tuple[str, ...]:
    return (
        harmless(row.id), _dated(row.first, row), row.severity, harmless(row.rule), harmless(row.text), str(row.count),
        _state(row),
    )  # fmt: skip


def _state(row: AlertPast) -> str:
    going = ("open" if row.open else "over",) if row.lasting else ()  # what does not last is neither
    return ", ".join((*going, "seen" if row.acknowledged else "not seen"))


def _moment(at: DatedMoment) -> str:
    return _dated(at.time, at)


def _dated(time: float, by: DatedMoment | SessionRow | AlertPast) -> str:
    return f"{_DOUBT if by.estimate else ''}{minute(time)}" if by.clock else _UNKNOWN


def _is_estimate(row: Any) -> bool:
    """Return whether one of the times of a row is an estimate."""
    moments = (getattr(row, name, None) for name in ("first", "last", "at"))
    return any(getattr(at, "estimate", False) for at in (row, *moments))
