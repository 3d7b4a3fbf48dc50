"""Counts pictures and snapshots; writes a line for each case: label, name, repetitions, octets on the bus.

Each case has three marks: around nothing, and around all of its repetitions.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from tools.icount.guest.marks import mark
from tools.icount.guest.panel import HALF_SECOND, SNAPSHOT, Octets, everything, heard, plug_in

from whimbrel.display.picture import finish
from whimbrel.display.show import Show
from whimbrel.events.base import Event
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.menu import menu_page
from whimbrel.screens.screen import Screen
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.survey.snapshots import Snapshots
from whimbrel.survey.survey import Survey

MANY = 20
WARM = 8
SIZE = (128, 64)
NEAREST = "00:22:33:44:55:00"


class Device:
    """A survey of a usual air, and its display."""

    def __init__(self) -> None:
        self.survey = Survey()
        self.snapshots = Snapshots(self.survey)
        self.show = Show(ScreenOffers(), "0", 8.0, 0.0)
        self.now = 1000.0
        self.take(everything(self.now))
        self.snapshot()
        self.show.turn(self.now)

    def take(self, frames: list[Any]) -> None:
        """Have frames come by."""
        for frame in frames:
            self.survey.observe(frame)

    def snapshot(self) -> None:
        """Make a snapshot, and show it from now on."""
        *_, body = self.snapshots.steps()
        self.show.gatherer.take(Event(1, self.now, "watcher", body))

    def hear(self, turn: int) -> None:
        """Have the next half second come by."""
        self.now += 0.5
        self.take(heard(turn, self.now))
        self.show.turn(self.now)

    def draw(self, _turn: int = 0) -> Any:
        """Return the picture as a thread takes it."""
        image = finish(self.show.draw(SIZE), 0, (1, 0), "1")
        image.tobytes()
        return image

    def open(self, screen: Screen | None) -> None:
        """Show the overview, or a screen on it."""
        self.show.stack.home()
        if screen is not None:
            self.show.stack.push(screen)
            self.show.gatherer.follow(screen.follows())


class Cases:
    """Counts one case after the other."""

    def __init__(self) -> None:
        self.label = 0

    def count(self, name: str, step: Callable[[int], object], before: Callable[[int], object] | None = None) -> None:
        """Count `step`, called with 0, 1, 2…; `before` is called each time and not counted."""
        for turn in range(WARM):
            self._turn(turn, before, step)
        gc.collect()
        Octets.sent = 0
        mark(self.label)
        self._turns(before)
        mark(self.label)
        self._turns(before, step)
        mark(self.label)
        print(f"{self.label}\t{name}\t{MANY}\t{Octets.sent // MANY}")
        self.label += 1

    def _turns(self, *steps: Callable[[int], object] | None) -> None:
        for turn in range(WARM, WARM + MANY):
            self._turn(turn, *steps)

    @staticmethod
    def _turn(turn: int, *steps: Callable[[int], object] | None) -> None:
        for step in steps:
            if step is not None:
                step(turn)


def main() -> None:
    """Count every case."""
    device, cases = Device(), Cases()
    screens: dict[str, Screen | None] = {
        "overview": None,
        "list of access points": access_points_page(),
        "signal graph": access_point_page(bytes.fromhex(NEAREST.replace(":", ""))),
        "menu": menu_page(ScreenOffers()),
    }

    def news(turn: int) -> None:
        device.hear(turn)
        device.snapshot()

    for name, screen in screens.items():
        device.open(screen)
        cases.count(f"{name} drawn, nothing new", device.draw)
        cases.count(f"{name} drawn after a snapshot", device.draw, news)
    cases.count(HALF_SECOND, device.hear)
    cases.count(SNAPSHOT, news)
    panel = plug_in()
    panel.open()
    device.open(None)
    picture = device.draw()
    pictures = [picture, picture.point(lambda value: 255 - value)]
    cases.count("picture packed and sent whole", lambda turn: panel.show(pictures[turn % 2]))
    pictures[1] = picture.copy()
    pictures[1].paste(1, (0, 16, 128, 23))
    cases.count("picture packed, a line of text sent", lambda turn: panel.show(pictures[turn % 2]))
