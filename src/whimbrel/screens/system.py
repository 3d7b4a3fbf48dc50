"""The state of the board, losses, modules, and the addresses of the device."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.system import ModuleStatus
from whimbrel.screens.inks import CRITICAL, LIGHT, MUTED, STRONG, WARNING
from whimbrel.screens.listing import Fact, Facts, Listing, RowArea, put, put_icon, put_small
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page, View
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.screens.styles import LARGE
from whimbrel.wording.quantities import minute, octets, share, short_count, span

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState


_MUCH, _TOO_MUCH = 0.75, 0.92
"""Shares in use from which a gauge looks like a warning."""


class BoardView(View):
    """Processor, memory and disk as gauges; temperature and time below."""

    def draw(self, canvas: Canvas, state: ScreenState, top: int) -> None:
        """Draw a line for each."""
        report = state.system
        unit = canvas.style.unit
        if report is None:
            canvas.centre(top + max((canvas.height - top - canvas.style.row) // 2, 0), "not known yet", ink=MUTED)
            return
        memory = report.memory_used / report.memory_total if report.memory_total else None
        gauges = (("cpu", report.cpu), ("mem", memory), ("disk", report.disk_used))
        for i, (name, part) in enumerate(gauges):
            y = top + (2 + 11 * i) * unit
            canvas.text(unit, y, name, "small", MUTED)
            room = canvas.width - 48 * unit
            if part is not None and room > 8 * unit:
                canvas.bar(24 * unit, y, room, 8 * unit, part, _load_ink(part))
            canvas.right(canvas.width - unit, y, share(part), "small")
        y = top + 35 * unit
        heat = "no sensor" if report.temperature is None else f"{report.temperature:.0f} °C"
        canvas.text(unit, y, heat)
        canvas.right(canvas.width - unit, y + canvas.style.drop, f"up {span(report.uptime)}", "small")
        y += 12 * unit
        if report.throttled:
            end = canvas.icon(unit, y, "warning", WARNING) + 3 * unit
            canvas.cut(end, y, canvas.width - end, report.throttled, "small", WARNING)
        else:
            canvas.text(unit, y, f"whimbrel {octets(report.resident)}", "small", MUTED)
            if report.battery is not None:
                canvas.right(canvas.width - unit, y, _battery(report.battery, report.charging), "small")
        if canvas.style is LARGE:
            self._draw_more(canvas, state, y + canvas.style.line + 3)

    def _draw_more(self, canvas: Canvas, state: ScreenState, y: int) -> None:
        """Draw the modules with problems, addresses and losses, as far as there is room."""
        style = canvas.style
        canvas.dots(0, y, canvas.width)
        y += 3 * style.unit
        facts = [Fact(status.module, status.state) for status in state.trouble]
        facts += [*_addresses(state), *_losses(state)]
        for fact, top in zip(facts, range(y, canvas.height - style.line + 1, style.line), strict=False):
            end = canvas.text(style.unit, top, fact.label, "small", MUTED) + 4 * style.unit
            ink = WARNING if any(fact.label == status.module for status in state.trouble) else LIGHT
            room = canvas.width - style.unit - end
            width = min(canvas.face("small").width(fact.value), room)
            canvas.cut(canvas.width - style.unit - width, top, room, fact.value, "small", ink)


def _battery(charge: float, charging: bool | None) -> str:
    return f"{'charging' if charging else 'battery'} {share(charge)}"


def _load_ink(part: float) -> int:
    return STRONG if part < _MUCH else WARNING if part < _TOO_MUCH else CRITICAL


class Modules(Listing[ModuleStatus]):
    """Every module and its state; ok shows why."""

    empty = "not known yet"
    rings = False

    def title(self, state: ScreenState) -> str:
        """Return the rows."""
        return "MODULES"

    def rows(self, state: ScreenState) -> Sequence[ModuleStatus]:
        """Return them, those that are not well first."""
        return sorted(state.modules, key=lambda row: row.is_well)

    def identity(self, row: ModuleStatus) -> Hashable:
        """Return the name."""
        return row.module

    def draw_row(self, canvas: Canvas, line: RowArea, row: ModuleStatus, state: ScreenState) -> None:
        """Draw whether it is well, its name, its state."""
        put_icon(canvas, line, line.left, "done" if row.is_well else "warning", STRONG if row.is_well else WARNING)
        right = put_small(canvas, line, line.right, row.state)
        unit = canvas.style.unit
        put(canvas, line, line.left + 10 * unit, right - 3 * unit, row.module)

    def opened(self, row: ModuleStatus, state: ScreenState) -> list[Action]:
        """Show the reason."""
        return [Push(module_screen(row))]


def module_screen(row: ModuleStatus) -> Screen:
    """Return the screen with the state of one module and its reason."""
    told = [row.reason] if row.reason else []
    told += [text for text in row.warnings if text not in row.reason]
    return MessageScreen(row.module, "\n".join([row.state, *told]), "" if row.is_well else "warning")


def system_page() -> Page:
    """Return the screen of the system."""
    return Page(
        "system", BoardView(), Modules(), _Titled("losses", _losses), _Titled("addresses", _addresses),
        _Titled("time", _time),
    )  # fmt: skip


def trouble_page(trouble: Sequence[ModuleStatus]) -> Screen:
    """Return the screen with the problems: the one module, or the list that begins with them."""
    if len(trouble) == 1:
        return module_screen(trouble[0])
    page = system_page()
    page.at = next(i for i, view in enumerate(page.views) if isinstance(view, Modules))
    return page


class _Titled(Facts):
    """Facts that have a title of their own."""

    def __init__(self, title: str, facts: Callable[[ScreenState], Sequence[Fact]]) -> None:
        super().__init__(facts, MessageScreen)
        self._title = title.upper()

    def title(self, state: ScreenState) -> str:
        """Return it."""
        return self._title


def _losses(state: ScreenState) -> list[Fact]:
    facts: list[Fact] = []
    if state.system is not None:
        if state.system.receiver:
            facts.append(Fact("receiver", "; ".join(state.system.receiver)))
        facts += [Fact(where, f"{lost} lost") for where, lost in state.system.losses]
        facts += [Fact(why, short_count(number)) for why, number in state.system.discarded]
    totals = state.air.totals.as_dict() if state.air else {}
    return facts + [Fact(name.replace("_", " "), short_count(number)) for name, number in totals.items()]


def _time(state: ScreenState) -> list[Fact]:
    return [Fact("now", minute(state.now)), Fact("it is", "an estimate" if state.estimate else "known")]


def _addresses(state: ScreenState) -> list[Fact]:
    return [] if state.system is None else [Fact(interface, address) for interface, address in state.system.addresses]
