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
    """Makes a screen of the event that answers the command, to be shown on top; without it, the display says in words
    what came of it. A refusal is always said in words."""
    within: float = 0.0
    """Seconds within which something answers it, or the display says that nothing has; 0 if nothing has to."""


class MarkSeen(NamedTuple):
    """Count what the device itself has told as seen; alerts of detections are acknowledged by a command."""

    id: str


class Set(NamedTuple):
    """Change something of the display itself: brightness (0 to 1) or rotation (0 or 180)."""

    what: str
    value: float


Action = Push | Pop | Say | MarkSeen | Set
"""What a screen may ask of the display module."""


class Screen:
    """One screen. It keeps the user's position in it (a row, a sort order), and none of the data shown."""

    title = ""
    done = False
    """Whether its command was published: the result takes its place."""
    awake = False
    """Whether it is to be drawn anew several times a second, as a graph that moves; as of the last `draw`."""

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Return the image, of mode ``1``. Equal state and equal position give equal images."""
        raise NotImplementedError

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Take a step of a gesture (`whimbrel.events.device`). None: not for this screen (an unconsumed back pops)."""
        return None

    def follows(self) -> tuple[bytes, ...]:
        """Return the addresses whose signal it draws over time."""
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
        """What is shown."""
        return self._screens[-1]

    @property
    def depth(self) -> int:
        """How many lie on each other."""
        return len(self._screens)

    def press(self, key: str, gesture: str, state: ScreenState) -> list[Action]:
        """Give a key to the top, and return what is asked of the display module.

        What the top does not take: a short back pops, a long one goes to the bottom, menu opens the menu.
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
