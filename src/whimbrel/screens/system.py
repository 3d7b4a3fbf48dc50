"""The state of the board, losses, modules, and the addresses of the device."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.system import ModuleStatus
from whimbrel.screens.listing import Fact, Facts, Listing, RowArea, put
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import ROW, Page, View
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.wording.quantities import octets, share, short_count, span

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState


class BoardView(View):
    """Processor, memory and disk as gauges; temperature and time below."""

    def draw(self, canvas: Canvas, state: ScreenState, top: int) -> None:
        """Draw a line for each."""
        report = state.system
        if report is None:
            canvas.centre(top + max((canvas.height - top - ROW) // 2, 0), "not known yet")
            return
        memory = report.memory_used / report.memory_total if report.memory_total else None
        gauges = (("cpu", report.cpu), ("mem", memory), ("disk", report.disk_used))
        for i, (name, part) in enumerate(gauges):
            y = top + 2 + ROW * i
            canvas.text(1, y, name, "small")
            room = canvas.width - 24 - 24
            if part is not None and room > 8:
                canvas.bar(24, y, room, 8, part)
            canvas.right(canvas.width - 1, y, share(part), "small")
        y = top + 2 + ROW * 3
        heat = "no sensor" if report.temperature is None else f"{report.temperature:.0f} °C"
        canvas.text(1, y, heat)
        canvas.right(canvas.width - 1, y + 2, f"up {span(report.uptime)}", "small")
        if report.throttled:
            end = canvas.icon(1, y + ROW + 1, "warning") + 3
            canvas.cut(end, y + ROW + 1, canvas.width - end, report.throttled, "small")
        else:
            canvas.text(1, y + ROW + 1, f"whimbrel {octets(report.resident)}", "small")
            if report.battery is not None:
                canvas.right(canvas.width - 1, y + ROW + 1, f"battery {share(report.battery)}", "small")


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
        canvas.icon(line.left, line.y + 2, "done" if row.is_well else "warning", line.ink)
        right = canvas.right(line.right, line.y + 2, row.state, "small", line.ink)
        put(canvas, line, line.left + 10, right - 3, row.module)

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
    return Page("system", BoardView(), Modules(), _Titled("losses", _losses), _Titled("addresses", _addresses))


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


def _addresses(state: ScreenState) -> list[Fact]:
    return [] if state.system is None else [Fact(interface, address) for interface, address in state.system.addresses]
