"""The menu: where to go, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.radio import PauseListening, ResumeListening, UnlockChannel
from whimbrel.screens.access_point import REASON
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.alert_pages import alerts_page
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.channel_picker import picker_page
from whimbrel.screens.channels import channels_page
from whimbrel.screens.hold import reboot_screen, shutdown_screen
from whimbrel.screens.listing import Listing, RowArea, put
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import HEAD, STEPS, Page
from whimbrel.screens.registry import MenuEntry
from whimbrel.screens.screen import Action, Do, Pop, Push, Say, Screen, ScreenFactory, Set
from whimbrel.screens.stations import stations_page
from whimbrel.screens.system import system_page

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.registry import ScreenRegistry
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


class Entries(Listing[MenuEntry]):
    """Lines of a menu."""

    def __init__(self, entries: Callable[[], Sequence[MenuEntry]]) -> None:
        super().__init__()
        self._entries = entries

    def rows(self, state: ScreenState) -> Sequence[MenuEntry]:
        """Return what can be done now."""
        return [entry for entry in self._entries() if entry.shown(state)]

    def identity(self, row: MenuEntry) -> Hashable:
        """Return what does not change when the label does."""
        return row.act

    def note(self, state: ScreenState) -> str:
        """Return nothing: the number of lines is none of interest."""
        return ""

    def draw_row(self, canvas: Canvas, line: RowArea, row: MenuEntry, state: ScreenState) -> None:
        """Draw the label."""
        put(canvas, line, line.left + 2, line.right, row.label(state))

    def opened(self, row: MenuEntry, state: ScreenState) -> list[Action]:
        """Do it."""
        return row.act(state)


class Brightness(Screen):
    """A bar that left and right change; the panel follows at once."""

    title = "brightness"
    _STEP = 0.1

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the bar."""
        canvas = Canvas(size)
        canvas.text(0, 0, "BRIGHTNESS", "title")
        canvas.dots(0, HEAD - 1, canvas.width)
        middle = (canvas.height + HEAD) // 2
        canvas.bar(8, middle - 6, canvas.width - 16, 9, state.brightness)
        canvas.centre(middle + 5, f"{state.brightness:.0%}")
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Change it."""
        if key in {"left", "right", "up", "down"} and gesture in STEPS:
            step = self._STEP if key in {"right", "up"} else -self._STEP
            return [Set("brightness", round(min(max(state.brightness + step, self._STEP), 1.0), 2))]
        return [Pop()] if (key, gesture) == ("ok", "short") else None


def menu_page(registry: ScreenRegistry) -> Screen:
    """Return the menu, with what modules have added to it."""
    own = _entries()

    def entries() -> list[MenuEntry]:
        added = [_leads(name, factory) for name, factory in registry.screens.items()]
        return [*own[:5], *added, *own[5:8], *registry.entries, *own[8:]]

    return Menu("menu", Entries(entries))


def _leads(label: str, factory: ScreenFactory, shown: Callable[[ScreenState], bool] = lambda _state: True) -> MenuEntry:
    return MenuEntry(lambda _state: label, _Opens(factory), shown)


class _Opens:
    """Opens a screen; equal where it opens the same."""

    def __init__(self, factory: ScreenFactory) -> None:
        self._factory = factory

    def __call__(self, _state: ScreenState) -> list[Action]:
        return [Push(self._factory())]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Opens) and other._factory == self._factory

    def __hash__(self) -> int:
        return hash(self._factory)


def _locked(state: ScreenState) -> bool:
    return state.mode == "locked"


def _unlock(_state: ScreenState) -> list[Action]:
    return [Say(UnlockChannel(reason=REASON)), Pop()]


def _pause(state: ScreenState) -> list[Action]:
    return [Say((ResumeListening if state.paused else PauseListening)(reason=REASON)), Pop()]


def _turn(state: ScreenState) -> list[Action]:
    return [Set("rotation", 0.0 if state.rotation else 180.0)]


def _entries() -> list[MenuEntry]:
    return [
        _leads("Access points", access_points_page),
        _leads("Stations", stations_page),
        _leads("Channels", channels_page),
        _leads("Alerts", alerts_page, lambda state: "alerts" in state.features),
        _leads("System", system_page),
        _leads("Stay on a channel", picker_page, lambda state: bool(state.mode) and not _locked(state)),
        MenuEntry(lambda _state: "Visit all channels", _unlock, _locked),
        MenuEntry(lambda state: "Go on listening" if state.paused else "Pause listening", _pause),
        _leads("Brightness", Brightness),
        MenuEntry(lambda _state: "Turn the picture", _turn),
        MenuEntry(lambda _state: "Reload settings", lambda _state: [Do("reload"), Pop()]),
        _leads("Restart a module", restart_page),
        _leads("Keys", lambda: MessageScreen("keys", KEYS_HELP)),
        _leads("Reboot", reboot_screen),
        _leads("Shut down", shutdown_screen),
    ]


class Restarts(Listing[str]):
    """The modules by name; ok starts one anew."""

    empty = "not known yet"

    def rows(self, state: ScreenState) -> Sequence[str]:
        """Return the names."""
        return [row[0] for row in state.system.modules] if state.system else ()

    def identity(self, row: str) -> Hashable:
        """Return the name."""
        return row

    def draw_row(self, canvas: Canvas, line: RowArea, row: str, state: ScreenState) -> None:
        """Draw the name."""
        put(canvas, line, line.left + 2, line.right, row)

    def opened(self, row: str, state: ScreenState) -> list[Action]:
        """Start it anew."""
        return [Do("restart", (("module", row),)), Pop()]


def restart_page() -> Screen:
    """Return the screen to choose a module on."""
    return Page("restart a module", Restarts())
