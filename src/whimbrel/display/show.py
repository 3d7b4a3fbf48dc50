"""The contents of the panel: the stack of screens, interrupting alerts, and the state that they show. No I/O, no clock.
Imports Pillow: import it after the first frame, in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from whimbrel.display.alert_board import AlertBoard
from whimbrel.display.gathering import Gatherer
from whimbrel.display.outcomes import Outcomes, refusal
from whimbrel.events.alerts import Severity
from whimbrel.events.base import Event
from whimbrel.events.keys import Press
from whimbrel.screens.home import home_screen
from whimbrel.screens.notices import MessageScreen, Splash, waited_for
from whimbrel.screens.scale import drawn
from whimbrel.screens.screen import Action, Say, Screen, Stack
from whimbrel.screens.takeover import Takeover

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screen_offers import ScreenOffer
    from whimbrel.screens.alert_rows import AlertLine

_SPLASH = 1.5
"""Seconds for which the name is shown at the start."""
_SPLASH_MOST = 10.0
"""Seconds for which it is shown at most, while radio or modules are waited for: the overview tells what is wrong."""


class Show:
    """The screens of one display. Times are seconds since the epoch, of the clock that stamps the events."""

    def __init__(
        self,
        offers: Callable[[], Iterable[ScreenOffer]],
        version: str,
        hold: float,
        now: float,
        break_in: str = "critical",
        outcomes: Outcomes | None = None,
    ) -> None:
        """`offers`: the modules' menu entries; `hold`: seconds for which an alert is shown; `break_in`: its least
        severity: critical, warning, never; `outcomes`: commands given by an earlier display."""
        self.gatherer = Gatherer()
        self.state = self.gatherer.state
        self.state.now = now
        self.stack = Stack(home_screen(offers))
        self._hold = hold
        self._break_in = break_in
        self._board = AlertBoard()
        self.outcomes = outcomes or Outcomes()
        """Commands given on this screen that wait for their results."""
        self._version = version
        self._passing: Screen | None = None
        self._until = 0.0
        self._pass_by(Splash(version), now + _SPLASH)

    @property
    def _end(self) -> float:
        """The time at which what is shown in passing ends."""
        if isinstance(self._passing, Splash) and waited_for(self.state):
            return self._until - _SPLASH + _SPLASH_MOST
        return self._until

    @property
    def awake(self) -> bool:
        """Whether the picture moves by itself."""
        return self.stack.top.awake

    @property
    def due(self) -> float | None:
        """The time of the next change by itself: the end of a notice, or an overdue command; None for never."""
        times = [self._end if self._passing is self.stack.top else None, self.outcomes.due]
        return min((time for time in times if time is not None), default=None)

    def press(self, step: Press) -> list[Action]:
        """Pass a key to the screen shown. Return its requests to the display module."""
        if isinstance(self._passing, Splash):
            self._end_passing()
        return self.stack.press(step.key, step.gesture, self.state)

    def take_alarm(self, event: Event) -> bool:
        """Process an event of `AlertBoard.KINDS`, or an urgent one; return whether it interrupts.

        It is then shown for a moment over the present screen, and can be read again in the alerts.
        """
        row = self._board.take(event)
        self._offer_alerts()
        if row is None or not self._is_urgent(row):
            return False
        self._pass_by(Takeover(row, self.state.now), self.state.now + self._hold)
        return True

    def mark_seen(self, number: str) -> None:
        """Count an alert as seen on this display."""
        self._board.acknowledge(number)
        self._offer_alerts()

    def asked(self, seq: int, command: Say) -> None:
        """Note that a screen's command was published as the event `seq`."""
        self.outcomes.asked(seq, command, self.state.now)

    def take_outcome(self, body: Any) -> bool:
        """Show the result of a command if it was given here; return whether it was."""
        screen = self.outcomes.answer(body)
        if screen is None:
            return False
        self._tell(screen)
        return True

    def refuse(self, command: str, text: str) -> None:
        """Show the reason for a refused command, until a key is pressed."""
        self.stack.push(refusal(command, text))

    def explain(self, title: str, text: str) -> None:
        """Show a text until a key takes that away; the same again takes the place of the one before."""
        top = self.stack.top
        if isinstance(top, MessageScreen) and top.title == title:
            self.stack.pop()
        self.stack.push(MessageScreen(title, text))

    def turn(self, now: float) -> None:
        """Let time pass: remove expired notices."""
        self.state.now = now
        # A clock that was set back must not keep it there.
        if self._passing is not None and not now < self._end < now + self._hold + _SPLASH_MOST:
            self._end_passing()
        if (screen := self.outcomes.overdue(now)) is not None:
            self._tell(screen)

    def draw(self, size: tuple[int, int]) -> Image:
        """Return the picture, of mode ``1``. Raises the screens' errors."""
        return drawn(self.stack.top, self.state, size)

    def farewell(self, size: tuple[int, int]) -> Image:
        """Return the picture for a panel that keeps it when the device is off."""
        return drawn(Splash(self._version, "is off"), self.state, size)

    def give_up(self) -> bool:
        """Take the top away, which cannot be drawn; return whether there is another below it."""
        lower = self.stack.depth > 1
        self.stack.pop()
        return lower

    def _tell(self, screen: Screen) -> None:
        """Show the result of a command in place of its screen."""
        if self.stack.top.done:
            self.stack.pop()
        self.stack.push(screen)

    def _offer_alerts(self) -> None:
        self.state.alerts = self._board.rows
        self.state.features |= {"alerts"}

    def _is_urgent(self, row: AlertLine) -> bool:
        if row.of_device:
            return True
        severities = {"critical": (Severity.CRITICAL,), "warning": (Severity.CRITICAL, Severity.WARNING)}
        return row.severity in severities.get(self._break_in, ())

    def _pass_by(self, screen: Screen, until: float) -> None:
        self._end_passing()
        self._passing, self._until = screen, until
        self.stack.push(screen)

    def _end_passing(self) -> None:
        passing, self._passing = self._passing, None
        if passing is not None and self.stack.top is passing:
            self.stack.pop()
