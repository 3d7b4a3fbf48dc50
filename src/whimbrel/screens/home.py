"""The bottom of the stack: an overview in figures, and the way to all other screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.screens import survey_rows
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.alert_pages import alerts_page, waiting
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.channels import channels_page
from whimbrel.screens.inks import CARD, CRITICAL, DARK, LIGHT, MUTED, NOTICE, STRONG, WARNING
from whimbrel.screens.menu import menu_page
from whimbrel.screens.newest import draw_newest
from whimbrel.screens.notices import RADIO, unheard_screen
from whimbrel.screens.page import STEPS, draw_head, head_note
from whimbrel.screens.receivers import LISTENING, doing_shortly, receivers_page
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.screens.state import SCANNING
from whimbrel.screens.styles import LARGE, PaperSize
from whimbrel.screens.summary import Summary
from whimbrel.screens.survey_pages import stations_page
from whimbrel.screens.system import module_screen, system_page, trouble_page
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import share, short_count

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.events.system import ModuleStatus
    from whimbrel.screen_offers import ScreenOffer
    from whimbrel.screens.state import ScreenState

_BLINK = 1.0
"""Seconds that a warning is light, and dark."""
CLOSED = "closed"
"""The state of a receiver without a radio."""
ADAPTER = "plug in an adapter"
"""In its reason for waiting, what to do."""
_TALL = 44
"""Rows below which there is no room for two rows of tiles."""
_TILE = 62
"""Rows of a tile in the large style."""


class Tile(NamedTuple):
    """A tile, and the screen that it opens."""

    name: str
    """The identity of the tile, independent of its contents."""
    icon: str
    figure: str
    label: str
    open: Callable[[], Screen]
    alarm: bool = False
    """Whether it needs attention."""


class Home(Screen):
    """Tiles: up, down, left and right choose one, ok opens it."""

    title = "Whimbrel"

    def __init__(self, offers: Callable[[], Iterable[ScreenOffer]]) -> None:
        self._offers = offers
        self._at = ""  # the name of the chosen tile
        self._summary: Summary | None = None  # in place of the tiles, on a slow panel

    def menu(self) -> Screen | None:
        """Return the menu."""
        return menu_page(self._offers)

    def tiles(self, state: ScreenState) -> list[list[Tile]]:
        """Return the tiles, row by row."""
        below = [_channel(state), _system(state)]
        if "alerts" in state.features:
            below.insert(1, _alerts(state))
        return [[_missing_radio(status)] if (status := _waiting(state)) else _heard(state), below]

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the head line and the tiles."""
        if isinstance(size, PaperSize):
            self._summary = self._summary or Summary()
            self.awake = False
            return self._summary.draw(state, size)
        canvas = Canvas(size)
        style = canvas.style
        _draw_head(canvas, state)
        rows = self.tiles(state)
        room = canvas.height - style.head
        low = room < _TALL
        if low:
            rows = [[tile for row in rows for tile in row]]
        if style is LARGE:
            room = _TILE * len(rows)
        height = room // len(rows)
        index = 0
        for i, row in enumerate(rows):
            top = style.head + 1 + i * height
            for j, tile in enumerate(row):
                left = j * canvas.width // len(row)
                right = (j + 1) * canvas.width // len(row) - (style.unit if j + 1 < len(row) else 0)
                area = (left, top, right, top + height - style.unit)
                shown = tile._replace(label="") if low else tile
                _draw_tile(canvas, area, shown, chosen=index == self._chosen(rows), blink=_blinks(state))
                index += 1
        if style is LARGE:
            draw_newest(canvas, state, style.head + 1 + room)
        self.awake = state.blind or any(tile.alarm for row in rows for tile in row)
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Choose and open."""
        if self._summary is not None:
            return self._turn(self._summary, key, gesture)
        rows = self.tiles(state)
        chosen = self._chosen(rows)
        if (key, gesture) == ("back", "short"):  # there is nothing to go back to, and some boards have four keys
            return [Push(menu_page(self._offers))]
        if (key, gesture) == ("ok", "short"):
            return [Push([tile for row in rows for tile in row][chosen].open())]
        if gesture not in STEPS or key not in {"up", "down", "left", "right"}:
            return None
        first, second = map(len, rows)
        if key in {"left", "right"}:
            chosen = (chosen + (1 if key == "right" else -1)) % (first + second)
        elif key == "down" and chosen < first:
            chosen = first + round(chosen * (second - 1) / max(first - 1, 1))
        elif key == "up" and chosen >= first:
            chosen = round((chosen - first) * (first - 1) / max(second - 1, 1))
        self._at = [tile.name for row in rows for tile in row][chosen]
        return []

    def _turn(self, summary: Summary, key: str, gesture: str) -> list[Action] | None:
        """Turn the pages of a slow panel, or open the menu."""
        if gesture in STEPS and key in {"up", "down", "left", "right"}:
            summary.by_hand += 1 if key in {"down", "right"} else -1
            return []
        return [Push(menu_page(self._offers))] if gesture == "short" and key in {"ok", "back"} else None

    def _chosen(self, rows: list[list[Tile]]) -> int:
        names = [tile.name for row in rows for tile in row]
        return names.index(self._at) if self._at in names else 0


def home_screen(offers: Callable[[], Iterable[ScreenOffer]]) -> Screen:
    """Return the bottom screen of a stack; `offers` returns the modules' menu entries."""
    return Home(offers)


def _known(state: ScreenState, rows: Callable[[ScreenState], Sequence[object]]) -> str:
    return short_count(len(rows(state))) if state.air else "-"


def _blinks(state: ScreenState) -> bool:
    return state.now // _BLINK % 2 < 1


def _channel(state: ScreenState) -> Tile:
    if len(state.receivers) > 1:
        return _receivers(state)
    icon = {"locked": "lock", "camping": "camping"}.get(state.mode, "hopping")
    label = "active scans" if state.transmits else state.mode or "no radio"
    return Tile("channel", icon, channel_label(state.freq) or "-", label, channels_page)


def _receivers(state: ScreenState) -> Tile:
    number, hearing = len(state.receivers), sum(row.state == LISTENING for row in state.receivers)
    label = "active scans" if state.transmits else "+".join(map(doing_shortly, state.receivers))
    return Tile("channel", "hopping", f"{hearing}/{number}", label, receivers_page, alarm=hearing < number)


def _waiting(state: ScreenState) -> ModuleStatus | None:
    """Return the status of the module that waits for a radio; None if it has one, or another one listens."""
    if any(row.state != CLOSED for row in state.receivers if row.receiver != RADIO):
        return None
    return next((each for each in state.modules if each.module == RADIO and each.state == "waiting"), None)


def _missing_radio(status: ModuleStatus) -> Tile:
    label = "plug in an adapter" if ADAPTER in status.reason else "ok: what to do"
    return Tile("radio", "blind", "no radio", label, lambda: module_screen(status), alarm=True)


def _heard(state: ScreenState) -> list[Tile]:
    known = _known(state, survey_rows.access_points)
    return [Tile("access points", "access point", known, "APs", access_points_page), _stations(state)]


def _stations(state: ScreenState) -> Tile:
    if state.mode == SCANNING:
        return Tile("stations", "station", "-", "not heard", unheard_screen)
    return Tile("stations", "station", _known(state, survey_rows.stations), "stations", stations_page)


def _alerts(state: ScreenState) -> Tile:
    number = len(waiting(state))
    return Tile("alerts", "alert", short_count(number), "new" if number else "alerts", alerts_page, alarm=number > 0)


def _system(state: ScreenState) -> Tile:
    report = state.system
    if report is None:
        return Tile("system", "board", "-", "system", system_page)
    figure = f"{report.temperature:.0f}°" if report.temperature is not None else share(report.cpu)
    if trouble := state.trouble:
        return Tile("system", "board", figure, "trouble", lambda: trouble_page(trouble), alarm=True)
    if report.throttled:
        return Tile("system", "board", figure, "throttled", system_page, alarm=True)
    if state.estimate:
        return Tile("system", "board", figure, "time?", system_page)
    return Tile("system", "board", figure, f"cpu {share(report.cpu)}", system_page)


def _draw_head(canvas: Canvas, state: ScreenState) -> None:
    style, unit = canvas.style, canvas.style.unit
    if state.blind:
        light = _blinks(state)
        ground, ink = (CRITICAL, LIGHT) if canvas.coloured else (LIGHT, DARK)
        canvas.box(0, 0, canvas.width, style.head - unit, ground if light else DARK)
        canvas.icon(2 * unit, style.title, "blind", ink if light else LIGHT)
        canvas.text(16 * unit, style.title, "RADIO IS BLIND", "title", ink if light else LIGHT)
        canvas.dots(0, style.head - unit, canvas.width)
        return
    end = _draw_battery(canvas, state)
    for name, there in (("trouble", bool(state.trouble)), ("paused", state.paused)):
        if there:
            end = end - canvas.icon_width(name) - 3 * unit
            canvas.icon(end, style.title, name, WARNING)
    end = head_note(canvas, end - 3 * unit, f"{short_count(state.rate)}/s")
    draw_head(canvas, "WHIMBREL", end - 3 * unit)


def _draw_battery(canvas: Canvas, state: ScreenState) -> int:
    """Draw the charge, where there is a battery; return where that begins."""
    charge = state.system.battery if state.system else None
    unit = canvas.style.unit
    if charge is None:
        return canvas.width + 3 * unit
    start = canvas.width - canvas.icon_width("battery")
    ink = CRITICAL if state.system is not None and state.system.battery_low else LIGHT
    canvas.icon(start, canvas.style.title, "battery", ink)
    x, y = start + 2 * unit, canvas.style.title + 3 * unit
    canvas.box(x, y, x + round(5 * unit * min(max(charge, 0.0), 1.0)), y + 2 * unit, ink)
    if state.system is not None and state.system.charging:
        start -= canvas.icon_width("charging") + unit
        canvas.icon(start, canvas.style.title, "charging", STRONG)
    return start


def _draw_tile(canvas: Canvas, area: tuple[int, int, int, int], tile: Tile, *, chosen: bool, blink: bool) -> None:
    left, top, right, bottom = area
    unit = canvas.style.unit
    ink = LIGHT
    if chosen:
        ink = canvas.choose(left, top, right, bottom)
    elif canvas.coloured:
        canvas.round_box(left, top, right, bottom, CARD)
    if tile.alarm and blink and (canvas.coloured or not chosen):
        canvas.frame(left, top, right, bottom, WARNING)
    roomy = bottom - top >= 40 and right - left >= 56 * unit
    figure = canvas.face("large" if roomy else "number").strip(tile.figure)
    label = canvas.face("small").strip(tile.label)
    middle = (left + right) // 2
    tall = bool(tile.label) and bottom - top >= figure.height + label.height and right - left > label.width
    y = top + max((bottom - top - figure.height - (label.height + unit if tall else 0)) // 2, 0)
    icon_width = canvas.icon_width(tile.icon)
    with_icon = right - left >= icon_width + 5 * unit + figure.width
    width = figure.width + (icon_width + 4 * unit if with_icon else 0)
    x = middle - width // 2
    if with_icon:
        icon_top = y + (6 if roomy else 2) if unit == 1 else y + (figure.height - 9 * unit) // 2
        canvas.icon(x, icon_top, tile.icon, WARNING if tile.alarm and canvas.coloured else canvas.tint(ink, NOTICE))
    canvas.paste(x + width - figure.width, y, figure, ink)
    if tall:
        below = WARNING if tile.alarm and canvas.coloured else canvas.tint(ink, MUTED)
        canvas.paste(middle - label.width // 2, y + figure.height + unit, label, below)
