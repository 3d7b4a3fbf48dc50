"""The text beside the picture, on a panel with room for it: the access points, live, and the newest alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.alerts import Severity
from whimbrel.rows import AccessPointRow
from whimbrel.text import harmless
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.air_tables import ACCESS_POINTS, access_point_cells
from whimbrel.wording.quantities import count, dbm, wrapped
from whimbrel.wording.styles import Style, of_severity, paint
from whimbrel.wording.tables import Cell, arrange, fit, text_width, written

if TYPE_CHECKING:
    from whimbrel.screens.alert_rows import AlertLine
    from whimbrel.screens.state import ScreenState

_WEAK = -1000
"""dBm below any level."""
_MOST_SAID = 3
"""Rows that the newest alert takes at most."""
_TURNS = {"SSID": 0, "CH": 0, "dBm": 0, "SECURITY": 3, "STATIONS": 2, "VENDOR": 1}
"""The columns, each with its turn to be removed if there is room for few."""
_NUMBERS = {column.title: number for number, column in enumerate(ACCESS_POINTS)}
_COLUMNS = tuple(ACCESS_POINTS[_NUMBERS[title]]._replace(leaves=turn) for title, turn in _TURNS.items())


def beside(state: ScreenState, columns: int, rows: int) -> list[str]:
    """Return at most `rows` lines of at most `columns` characters, with colours; nothing before the first snapshot."""
    if state.air is None or min(columns, rows) <= 0:
        return []
    found = sorted(state.air.access_points, key=_strength)
    head = f"{count(len(found), 'access point')}, {count(len(state.air.stations), 'station')}"
    table = arrange(_COLUMNS, map(_cells, found), columns)
    below = _newest(state, columns)
    lines = [paint(fit(head, columns), Style.STRONG), *(written(line, coloured=True) for line in table)]
    lines = lines[: max(rows - len(below), 0)]
    return [*lines, *[""] * (rows - len(lines) - len(below)), *below][:rows]


def _cells(row: AccessPointRow) -> tuple[Cell, ...]:
    cells = access_point_cells(row)
    return tuple(cells[_NUMBERS[title]] for title in _TURNS)


def _strength(row: AccessPointRow) -> tuple[int, bytes]:
    return (-(_WEAK if row.rssi.max is None else row.rssi.max), row.bssid)


def _newest(state: ScreenState, columns: int) -> list[str]:
    """Return the newest open or unseen alerts in a few lines; nothing if there are none."""
    waiting = [
        row for row in state.alerts if row.severity is not Severity.WEAKNESS and (row.open or not row.acknowledged)
    ]
    if not waiting:
        return []
    newest = max(waiting, key=lambda row: (row.open, row.first))
    lines = wrapped(_told(newest), columns, text_width)
    if len(lines) > _MOST_SAID:
        lines = [*lines[: _MOST_SAID - 1], fit(" ".join(lines[_MOST_SAID - 1 :]), columns)]
    return [paint(line, of_severity(newest.severity)) for line in lines]


def _told(row: AlertLine) -> str:
    label = channel_label(row.freq, row.channel)
    parts = [
        row.title,
        f'"{row.network}"' if row.network else row.bssid,
        f"ch {label}" if label else "",
        "" if row.rssi is None else dbm(row.rssi),
        "" if row.open else "over",
    ]
    return harmless(", ".join(filter(None, parts)))
