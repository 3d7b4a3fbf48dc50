"""The base class of screens, their actions, and the stack of screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState


class Push(NamedTuple):
    """Show another screen on top of this one."""

    screen: Screen


class Pop(NamedTuple):
    """Go back to the screen below."""


class Say(NamedTuple):
    """Publish an event: a command, as a rule."""

    body: object
    answered: Callable[[Any], Screen | None] | None = None
    """Constructs a screen from the event that answers the command, to show on top; without it, the display shows the
    answer in words. A refusal is always shown in words."""
    within: float = 0.0
    """Seconds after which the display reports a missing answer; 0 if no answer is expected."""


class MarkSeen(NamedTuple):
    """Mark the device's own problems as seen; a command acknowledges alerts of detections."""

    id: str


class Set(NamedTuple):
    """Change something of the display itself: brightness (0 to 1) or rotation (0 or 180)."""

    what: str
    value: float


Action = Push | Pop | Say | MarkSeen | Set
"""The requests of a screen to the display module."""


class Screen:
    """One screen. It keeps the user's position in it (a row, a sort order), and none of the data shown."""

    title = ""
    done = False
    """Whether its command was published: the result takes its place."""
    awake = False
    """Whether it must be drawn several times a second, such as a moving graph; set by the last `draw`."""

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Return the image, of mode ``1``. Equal state and equal position give equal images."""
        raise NotImplementedError

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Process a step of a gesture (`whimbrel.events.device`). Return None if it is not for this screen (then back
        pops)."""
        return None

    def follows(self) -> tuple[bytes, ...]:
        """Return the addresses of the signals that it draws over time."""
        return ()

    def menu(self) -> Screen | None:
        """Return the screen for the menu key if no screen handles that key itself. Called for the bottom screen."""
        return None


ScreenFactory = Callable[[], Screen]
"""How a module brings its own screen: registered by name, opened from the menu."""


class Stack:
    """The screens that lie on each other; the bottom one stays."""

    def __init__(self, bottom: Screen) -> None:
        self._screens = [bottom]

    @property
    def top(self) -> Screen:
        """The top screen."""
        return self._screens[-1]

    @property
    def depth(self) -> int:
        """How many lie on each other."""
        return len(self._screens)

    def press(self, key: str, gesture: str, state: ScreenState) -> list[Action]:
        """Pass a key to the top screen, and return its requests to the display module.

        Keys that the top screen does not use: a short back pops, a long one goes to the bottom, menu opens the menu.
        """
        actions = self.top.key(key, gesture, state)
        if actions is None:
            actions = [Pop()] if (key, gesture) == ("back", "short") else []
            if (key, gesture) == ("back", "long"):
                self.home()
            elif (key, gesture) == ("menu", "short"):
                self._open_menu()
        left: list[Action] = []
        for action in actions:
            if isinstance(action, Push):
                self._screens.append(action.screen)
            elif isinstance(action, Pop):
                self.pop()
            else:
                left.append(action)
        return left

    def push(self, screen: Screen) -> None:
        """Lay `screen` on top."""
        self._screens.append(screen)

    def pop(self) -> None:
        """Take the top away, unless it is the last."""
        if len(self._screens) > 1:
            self._screens.pop()

    def home(self) -> None:
        """Take everything away but the bottom."""
        del self._screens[1:]

    def _open_menu(self) -> None:
        """Show the menu: the one that lies open already, if there is one."""
        menu = self._screens[0].menu()
        if menu is None:
            return
        for i, screen in enumerate(self._screens):
            if type(screen) is type(menu) and i:
                del self._screens[i + 1 :]
                return
        self._screens.append(menu)
