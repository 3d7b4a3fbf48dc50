"""Reach on the panel: addresses, broker, log server, messages; and the web page as a code for a phone's camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.device import ReachReport
from whimbrel.screens.canvas import DARK, LIGHT, Canvas
from whimbrel.screens.listing import Fact, Facts
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Push, Screen
from whimbrel.wording.quantities import age, wrapped

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState

Matrix = Sequence[Sequence[int]]
"""A QR code without its quiet zone: rows of modules, dark ones are true."""


class CodeScreen(Screen):
    """A QR code as large as the panel allows, dark on light as cameras expect it, and its address in words beside it.

    `matrix` is None where there is no program that makes one.
    """

    title = "web page"

    def __init__(self, matrix: Matrix | None, url: str, hint: str = "") -> None:
        self.matrix = matrix
        self.url = url
        self.hint = hint

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the code at the left, where there is one, and where there is room."""
        canvas = Canvas(size)
        left = self._draw_code(canvas)
        address, _, port = self.url.removeprefix("http://").rstrip("/").rpartition(":")
        words = "\n".join(filter(None, (address, f"port {port}" if port else "", self.hint)))
        pitch = canvas.style.line
        lines = wrapped(words, canvas.width - left, canvas.face("small").width)
        for i, line in enumerate(lines[: canvas.height // pitch]):
            canvas.text(left, 1 + i * pitch, line, "small")
        return canvas.image

    def _draw_code(self, canvas: Canvas) -> int:
        """Draw it; return the column behind it."""
        if self.matrix is None:
            return 1
        modules = len(self.matrix)
        side = min(canvas.width, canvas.height)
        scale = side // (modules + 2)  # a quiet zone of one module at least; ISO/IEC 18004 asks for four
        if scale < 1:
            return 1
        canvas.box(0, 0, side, side, LIGHT)
        edge = (side - scale * modules) // 2
        for y, row in enumerate(self.matrix):
            for x, dark in enumerate(row):
                if dark:
                    at = edge + x * scale, edge + y * scale
                    canvas.box(*at, at[0] + scale, at[1] + scale, DARK)
        return side + 3


def network_page(code: Callable[[], Screen]) -> Screen:
    """Return the screen of reach; `code` makes that of the web page."""
    return Page("network", Facts(lambda state: _facts(state, code), MessageScreen))


def network_entry(code: Callable[[], Screen]) -> MenuEntry:
    """Return the menu's entry for the network, which is there while reach is."""
    return MenuEntry(lambda _: "Network", lambda _: [Push(network_page(code))], _is_there)


def code_entry(code: Callable[[], Screen]) -> MenuEntry:
    """Return the menu's entry for the web page, which is there while the page is."""
    return MenuEntry(lambda _: "Web page", lambda _: [Push(code())], _has_page)


def _is_there(state: ScreenState) -> bool:
    report = state.latest(ReachReport)
    return report is not None and report.there


def _has_page(state: ScreenState) -> bool:
    report = state.latest(ReachReport)
    return report is not None and bool(report.page)


def _facts(state: ScreenState, code: Callable[[], Screen]) -> Sequence[Fact]:
    report = state.latest(ReachReport)
    if report is None or not report.there:
        return [Fact("reach", "is not running")]
    facts = [Fact(interface, address) for interface, address in (state.system.addresses if state.system else ())]
    if report.page:
        facts.append(Fact("page", report.page.partition("//")[2].rstrip("/"), code))
    if report.broker:
        facts.append(Fact("broker", report.broker))
    if report.log_server:
        facts.append(Fact("log server", report.log_server))
    if report.sent:
        facts.append(Fact("last message", f"{age(max(state.now - report.sent_at, 0.0))} ago: {report.sent}"))
    return [*facts, Fact("waiting", str(report.waiting))]
