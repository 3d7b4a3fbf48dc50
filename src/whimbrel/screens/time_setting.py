"""The page that sets the clock: year, month, day, hour and minute by the keys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from whimbrel.events.device import TimeWanted
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.inks import LIGHT, MUTED
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.page import STEPS, draw_head, head_note
from whimbrel.screens.screen import Action, Push, Say, Screen
from whimbrel.screens.survey_pages import REASON

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState

NAME = "Time"
_WITHIN = 130.0
"""Seconds; more than it may take (`whimbrel.timekeeping.asking`)."""
_YEARS = (2026, 2099)
_DAY = 2
"""The place of the day among the fields, which are year, month, day, hour, minute."""
_DATE = 3
"""How many of them are the first line."""


class TimeScreen(Screen):
    """Up and down change a field; left, right and ok go to another; ok on the minute sets the clock, to local time."""

    title = "time"

    def __init__(self) -> None:
        self._at = 0
        self._fields: list[int] = []  # empty as long as it shows the present time
        self.done = False

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw date and time in large figures, the chosen field on a ground, and what ok does."""
        canvas = Canvas(size)
        style, unit = canvas.style, canvas.style.unit
        fields = self._shown(state)
        hint = "is being set" if self.done else f"ok: {'set' if self._at == len(fields) - 1 else 'next'}"
        lines = [(0, fields[:_DATE], "-"), (_DATE, fields[_DATE:], ":")]
        bottom = canvas.height - style.line
        if bottom - style.head < 2 * _pitch(canvas, "number"):
            lines, bottom = [lines[self._at >= _DATE]], canvas.height
            draw_head(canvas, "TIME", head_note(canvas, canvas.width, hint) - 3 * unit)
        else:
            draw_head(canvas, "TIME", canvas.width)
            canvas.text(unit, bottom, "an estimate" if state.estimate else _zone(fields), "small", MUTED)
            canvas.right(canvas.width - unit, bottom, hint, "small")
        room = bottom - style.head
        face = "large" if _fits_large(canvas, room) else "number"
        pitch = _pitch(canvas, face)
        top = style.head + 2 * unit + max((room - pitch * len(lines)) // 2, 0)
        for i, (first, values, between) in enumerate(lines):
            self._draw_line(canvas, top + i * pitch, first, [f"{value:02}" for value in values], (face, between))
        return canvas.image

    def _draw_line(self, canvas: Canvas, y: int, first: int, parts: list[str], how: tuple[str, str]) -> None:
        """Draw fields, of which the first one has the number `first`; `how` is the face, and what is between them."""
        name, between = how
        face, unit = canvas.face(name), canvas.style.unit
        gap = face.width(between) + 2 * unit
        x = (canvas.width - sum(map(face.width, parts)) - gap * (len(parts) - 1)) // 2
        for i, part in enumerate(parts):
            if i:
                canvas.text(x - gap + unit, y, between, name)
            end = x + face.width(part)
            chosen = first + i == self._at and not self.done
            area = (x - 2 * unit, y - 2 * unit, end + unit, y + face.strip(part).height + unit)
            canvas.text(x, y, part, name, canvas.choose(*area) if chosen else LIGHT)
            x = end + gap

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Change a field, go to the next one, or set the clock."""
        if self.done:
            return [] if key == "ok" else None
        fields = self._shown(state)
        if key in {"up", "down"} and gesture in STEPS:
            self._fields = _changed(fields, self._at, 1 if key == "up" else -1)
            return []
        if key in {"left", "right"} and gesture in STEPS:
            self._at = (self._at + (1 if key == "right" else -1)) % len(fields)
            return []
        if (key, gesture) != ("ok", "short"):
            return None
        if self._at < len(fields) - 1:
            self._at += 1
            return []
        self._fields = fields
        self.done = True
        return [Say(TimeWanted(time=datetime(*fields).timestamp(), reason=REASON), within=_WITHIN)]  # type: ignore[arg-type]

    def _shown(self, state: ScreenState) -> list[int]:
        if self._fields:
            return self._fields
        at = datetime.fromtimestamp(state.now)
        return [at.year, at.month, at.day, at.hour, at.minute]


def _pitch(canvas: Canvas, face: str) -> int:
    """Return the rows from one line to the next."""
    return canvas.face(face).strip("0").height + 5 * canvas.style.unit


def _fits_large(canvas: Canvas, room: int) -> bool:
    """Return whether in large figures the date fits into a line, and both lines into `room` rows."""
    wide = canvas.face("large").width("0000-00-00") + 10 * canvas.style.unit
    return wide <= canvas.width and 2 * _pitch(canvas, "large") <= room


def _changed(fields: list[int], at: int, step: int) -> list[int]:
    """Return the fields with the one at `at` moved; a day that the month does not have becomes its last."""
    low, high = (_YEARS, (1, 12), (1, _days(fields)), (0, 23), (0, 59))[at]
    changed = list(fields)
    # A clock that knows nothing is at a year that nobody sets.
    moved = fields[at] + step - low if fields[at] >= low else 0
    changed[at] = low + moved % (high - low + 1)
    changed[_DAY] = min(changed[_DAY], _days(changed))
    return changed


def _days(fields: list[int]) -> int:
    year, month = fields[:2]
    return (datetime(year + month // 12, month % 12 + 1, 1) - datetime(year, month, 1)).days


def _zone(fields: list[int]) -> str:
    return datetime(*fields).astimezone().tzname() or ""  # type: ignore[arg-type]


def time_entry() -> MenuEntry:
    """Return the line of the menu."""
    return MenuEntry(lambda _state: NAME, lambda _state: [Push(TimeScreen())])
