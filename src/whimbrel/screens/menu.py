"""The menu: screens and actions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.radio import PauseListening, ResumeListening, UnlockChannel
from whimbrel.events.system import ReloadSettings, RestartModule
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.alert_pages import alerts_page
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.channel_picker import picker_page
from whimbrel.screens.channels import channels_page
from whimbrel.screens.hold import reboot_screen, shutdown_screen
from whimbrel.screens.listing import Listing, RowArea, put
from whimbrel.screens.menu_entries import MenuLine, acts, leads, offered
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import STEPS, Page, draw_head
from whimbrel.screens.screen import Action, Pop, Say, Screen, Set
from whimbrel.screens.state import SCANNING
from whimbrel.screens.survey_pages import REASON, stations_page
from whimbrel.screens.system import system_page

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screen_offers import ScreenOffer
    from whimbrel.screens.state import ScreenState

KEYS_HELP = """up, down: move
right: sort, or turn the page
left: filter, or turn back
ok: open
back: go back
back, held: home
ok on a signal: stay on
that channel, or hop
menu: this menu"""


class Menu(Page):
    """The menu; the key that opened it closes it."""

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Close by menu."""
        return [Pop()] if (key, gesture) == ("menu", "short") else super().key(key, gesture, state)


class Entries(Listing[MenuLine]):
    """Lines of a menu."""

    def __init__(self, lines: Callable[[], Sequence[MenuLine]]) -> None:
        super().__init__()
        self._lines = lines

    def rows(self, state: ScreenState) -> Sequence[MenuLine]:
        """Return the present entries."""
        return [line for line in self._lines() if line.entry.shown(state)]

    def identity(self, row: MenuLine) -> Hashable:
        """Return the identity of an entry, which stays the same when its label changes."""
        return row.name

    def note(self, state: ScreenState) -> str:
        """Return an empty text: the number of menu entries does not matter."""
        return ""

    def draw_row(self, canvas: Canvas, line: RowArea, row: MenuLine, state: ScreenState) -> None:
        """Draw the label."""
        put(canvas, line, line.left + 2 * canvas.style.unit, line.right, row.entry.label(state))

    def opened(self, row: MenuLine, state: ScreenState) -> list[Action]:
        """Do it."""
        return row.entry.act(state)


class Brightness(Screen):
    """A bar that left and right change; the panel follows at once."""

    title = "brightness"
    _STEP = 0.1

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the bar."""
        canvas = Canvas(size)
        unit = canvas.style.unit
        draw_head(canvas, "BRIGHTNESS", canvas.width)
        middle = (canvas.height + canvas.style.head) // 2
        canvas.bar(8 * unit, middle - 6 * unit, canvas.width - 16 * unit, 9 * unit, state.brightness)
        canvas.centre(middle + 5 * unit, f"{state.brightness:.0%}")
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Change it."""
        if key in {"left", "right", "up", "down"} and gesture in STEPS:
            step = self._STEP if key in {"right", "up"} else -self._STEP
            return [Set("brightness", round(min(max(state.brightness + step, self._STEP), 1.0), 2))]
        return [Pop()] if (key, gesture) == ("ok", "short") else None


def menu_page(offers: Callable[[], Iterable[ScreenOffer]]) -> Screen:
    """Return the menu, with the modules' entries."""
    own = _lines()
    known: list[ScreenOffer] | None = None
    kept: list[MenuLine] = []

    def lines() -> list[MenuLine]:
        nonlocal known, kept
        now = list(offers())
        if now != known:
            known = now
            kept = sorted([*own, *map(offered, now)], key=lambda line: (*line.place, line.name))
        return kept

    return Menu("menu", Entries(lines))


def _locked(state: ScreenState) -> bool:
    return state.mode == "locked"


def _unlock(_state: ScreenState) -> list[Action]:
    return [Say(UnlockChannel(reason=REASON)), Pop()]


def _pause(state: ScreenState) -> list[Action]:
    command = ResumeListening if state.paused else PauseListening
    return [Pop(), Say(command(reason=REASON), within=10.0)]


def _pausing(state: ScreenState) -> str:
    return "Go on listening" if state.paused else "Pause listening"


def _reload(_state: ScreenState) -> list[Action]:
    return [Pop(), Say(ReloadSettings(reason=REASON), within=30.0)]


def _turn(state: ScreenState) -> list[Action]:
    return [Set("rotation", 0.0 if state.rotation else 180.0)]


def _lines() -> list[MenuLine]:
    look, radio, device = Section.LOOK, Section.RADIO, Section.DEVICE
    return [
        leads("Access points", MenuPlace(look, 10), access_points_page),
        leads("Stations", MenuPlace(look, 20), stations_page),
        leads("Channels", MenuPlace(look, 30), channels_page),
        leads("Alerts", MenuPlace(look, 40), alerts_page, lambda state: "alerts" in state.features),
        leads("System", MenuPlace(look, 45), system_page),
        leads(
            "Stay on a channel",
            MenuPlace(radio, 10),
            picker_page,
            lambda state: state.mode not in {"", "locked", SCANNING},
        ),
        acts("Visit all channels", MenuPlace(radio, 10), _unlock, _locked),
        acts("Pause listening", MenuPlace(radio, 20), _pause, label=_pausing),
        leads("Brightness", MenuPlace(device, 10), Brightness),
        acts("Turn the picture", MenuPlace(device, 20), _turn),
        acts("Reload settings", MenuPlace(device, 30), _reload),
        leads("Restart a module", MenuPlace(device, 35), restart_page),
        leads("Keys", MenuPlace(device, 40), lambda: MessageScreen("keys", KEYS_HELP)),
        leads("Reboot", MenuPlace(device, 90), reboot_screen, lambda state: "reboot" in state.features),
        leads("Shut down", MenuPlace(device, 95), shutdown_screen, lambda state: "shutdown" in state.features),
    ]


class Restarts(Listing[str]):
    """The modules by name; ok restarts one."""

    empty = "not known yet"

    def rows(self, state: ScreenState) -> Sequence[str]:
        """Return the names."""
        return [status.module for status in state.modules]

    def identity(self, row: str) -> Hashable:
        """Return the name."""
        return row

    def draw_row(self, canvas: Canvas, line: RowArea, row: str, state: ScreenState) -> None:
        """Draw the name."""
        put(canvas, line, line.left + 2 * canvas.style.unit, line.right, row)

    def opened(self, row: str, state: ScreenState) -> list[Action]:
        """Restart the module."""
        return [Say(RestartModule(module=row, reason=REASON)), Pop()]


def restart_page() -> Screen:
    """Return the screen to choose a module on."""
    return Page("restart a module", Restarts())
