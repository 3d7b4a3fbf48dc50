"""Confirmation of dangerous actions: the user holds a key while a bar fills, and may release it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.device import PowerWanted
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.inks import MUTED, WARNING
from whimbrel.screens.screen import Action, Say, Screen

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState

HOLD = 2.0
"""Seconds for which ok must be held."""
_TALL = 50
"""Rows that an icon and large letters need."""
_LEAP = 10.0
"""Seconds between two steps that no finger explains: the clock was set."""


class Hold(Screen):
    """Asks for a held ok, then gives the command."""

    def __init__(self, title: str, icon: str, body: object, afterwards: str) -> None:
        self.title = title
        self._icon = icon
        self._body = body
        self._afterwards = afterwards
        self._since: float | None = None
        self._seen = 0.0  # the time of the last step
        self.done = False

    @property
    def awake(self) -> bool:  # type: ignore[override]  # it is known without drawing
        """Whether the bar is filling."""
        return self._since is not None and not self.done

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the pending action, and the bar."""
        canvas = Canvas(size)
        room, unit = canvas.height, canvas.style.unit
        if room >= _TALL * unit:
            y = (room - _TALL * unit) // 2
            canvas.icon(canvas.width // 2 - canvas.icon_width(self._icon) // 2, y, self._icon, WARNING)
            canvas.centre(y + 12 * unit, self.title, "number")
        else:
            y = 0
            canvas.centre(0, self.title)
        if self.done:
            canvas.centre(min(y + 32 * unit, room - 11 * unit), self._afterwards)
            return canvas.image
        width = min(canvas.width - 16 * unit, 112 * unit)
        at = (canvas.width - width) // 2, min(y + 28 * unit, room - 20 * unit)
        canvas.bar(*at, width, 9 * unit, self.filled(state.now), WARNING)
        hint = "let go to cancel" if self._since is not None else "hold ok"
        canvas.centre(min(y + 39 * unit, room - 11 * unit), hint, ink=MUTED)
        return canvas.image

    def filled(self, now: float) -> float:
        """Return how much of the time has passed, 0 to 1."""
        if self._since is None:
            return 0.0
        return min(max((now - self._since) / HOLD, 0.0), 1.0)

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Follow the steps of ok."""
        if key != "ok":
            return None
        if self.done:
            return []
        now = state.now
        if gesture == "press" or (self._since is not None and not 0 <= now - self._seen < _LEAP):
            self._since = now
        self._seen = now
        if self._since is not None and gesture != "press" and now - self._since >= HOLD:
            self.done = True
            return [Say(self._body, within=60.0)]
        if gesture in {"release", "short"}:
            self._since = None
        return []


def shutdown_screen() -> Screen:
    """Return the screen that ends the board's run."""
    return Hold("Shut down", "power", PowerWanted(what="shutdown"), "good bye")


def reboot_screen() -> Screen:
    """Return the screen that reboots the board."""
    return Hold("Reboot", "power", PowerWanted(what="reboot"), "back in a minute")
