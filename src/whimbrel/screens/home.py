"""The bottom of the stack: an overview in figures, and the way to all other screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.screens import survey_rows
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.alert_pages import alerts_page, waiting
from whimbrel.screens.canvas import DARK, LIGHT, Canvas
from whimbrel.screens.channels import channels_page
from whimbrel.screens.faces import face
from whimbrel.screens.menu import menu_page
from whimbrel.screens.notices import unheard_screen
from whimbrel.screens.page import HEAD, STEPS
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.screens.state import SCANNING
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
RADIO = "sniffer"
"""The module that has the radio."""
ADAPTER = "plug in an adapter"
"""In its reason for waiting, what to do."""
_TALL = 44
"""Rows below which there is no room for two rows of tiles."""


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
        canvas = Canvas(size)
        _draw_head(canvas, state)
        rows = self.tiles(state)
        low = canvas.height - HEAD < _TALL
        if low:
            rows = [[tile for row in rows for tile in row]]
        height = (canvas.height - HEAD) // len(rows)
        index = 0
        for i, row in enumerate(rows):
            top = HEAD + 1 + i * height
            for j, tile in enumerate(row):
                left = j * canvas.width // len(row)
                right = (j + 1) * canvas.width // len(row) - (j + 1 < len(row))
                area = (left, top, right, top + height - 1)
                shown = tile._replace(label="") if low else tile
                _draw_tile(canvas, area, shown, chosen=index == self._chosen(rows), blink=_blinks(state))
                index += 1
        self.awake = state.blind or any(tile.alarm for row in rows for tile in row)
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Choose and open."""
        rows = self.tiles(state)
        chosen = self._chosen(rows)
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
    icon = {"locked": "lock", "camping": "camping"}.get(state.mode, "hopping")
    label = "active scans" if state.transmits else state.mode or "no radio"
    return Tile("channel", icon, channel_label(state.freq) or "-", label, channels_page)


def _waiting(state: ScreenState) -> ModuleStatus | None:
    """Return the status of the module that waits for a radio; None if it has one."""
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
    return Tile("system", "board", figure, f"cpu {share(report.cpu)}", system_page)


def _draw_head(canvas: Canvas, state: ScreenState) -> None:
    if state.blind:
        light = _blinks(state)
        canvas.box(0, 0, canvas.width, HEAD - 1, LIGHT if light else DARK)
        canvas.icon(2, 0, "blind", DARK if light else LIGHT)
        canvas.text(16, 0, "RADIO IS BLIND", "title", DARK if light else LIGHT)
        canvas.dots(0, HEAD - 1, canvas.width)
        return
    end = _draw_battery(canvas, state)
    for name, there in (("trouble", bool(state.trouble)), ("paused", state.paused)):
        if there:
            end = end - canvas_icon_width(name) - 3
            canvas.icon(end, 0, name)
    end = canvas.right(end - 3, 0, f"{short_count(state.rate)}/s", "small")
    canvas.cut(0, 0, end - 3, "WHIMBREL", "title")
    canvas.dots(0, HEAD - 1, canvas.width)


def _draw_battery(canvas: Canvas, state: ScreenState) -> int:
    """Draw the charge, where there is a battery; return where that begins."""
    charge = state.system.battery if state.system else None
    if charge is None:
        return canvas.width + 3
    start = canvas.width - canvas_icon_width("battery")
    canvas.icon(start, 0, "battery")
    canvas.box(start + 2, 3, start + 2 + round(5 * min(max(charge, 0.0), 1.0)), 5)
    return start


def canvas_icon_width(name: str) -> int:
    """Return how wide an icon is."""
    from whimbrel.screens.icons import icon

    return icon(name).width


def _draw_tile(canvas: Canvas, area: tuple[int, int, int, int], tile: Tile, *, chosen: bool, blink: bool) -> None:
    left, top, right, bottom = area
    ink = LIGHT
    if chosen:
        canvas.round_box(left, top, right, bottom)
        ink = DARK
    elif tile.alarm and blink:
        canvas.frame(left, top, right, bottom)
    roomy = bottom - top >= 40 and right - left >= 56
    figure = face("large" if roomy else "number").strip(tile.figure)
    label = face("small").strip(tile.label)
    middle = (left + right) // 2
    tall = bool(tile.label) and bottom - top >= figure.height + label.height and right - left > label.width
    y = top + max((bottom - top - figure.height - (label.height + 1 if tall else 0)) // 2, 0)
    icon_width = canvas_icon_width(tile.icon)
    with_icon = right - left >= icon_width + 5 + figure.width
    width = figure.width + (icon_width + 4 if with_icon else 0)
    x = middle - width // 2
    if with_icon:
        canvas.icon(x, y + (6 if roomy else 2), tile.icon, ink)
    canvas.image.paste(ink, (x + width - figure.width, y), figure)
    if tall:
        canvas.image.paste(ink, (middle - label.width // 2, y + figure.height + 1), label)
