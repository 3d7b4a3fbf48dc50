"""A panel controlled by a test."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PIL.Image import Image
from tests.lab.waiting import block_until

from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady
from whimbrel.testing import PATIENCE


class FakePanel:
    description = "fake panel"
    size = (128, 64)
    mode = "1"

    def __init__(self, settings: object = None) -> None:
        self.log: list[str] = []
        """The calls, images by their sizes."""
        self.shown: list[Image] = []
        self.level = 0.0
        self.present = True
        self.wants_again = False
        self.gate = threading.Event()
        """While it is not set, showing an image takes for ever."""
        self.gate.set()
        self.busy = threading.Event()
        self.threads: set[int] = set()

    @staticmethod
    def check(settings: object) -> list[tuple[str, str]]:
        return []

    def until(self, predicate: Callable[[], bool]) -> None:
        """Wait until that holds; called in the test's thread."""
        block_until(predicate)

    def open(self) -> None:
        if not self.present:
            self._note("missing")
            raise NotReady("no panel here")
        self.level = 1.0
        self._note("open")

    def show(self, image: Image) -> None:
        self.busy.set()
        self.gate.wait(PATIENCE)
        self.busy.clear()
        self._answer()
        self._note("show")  # before the image: a test that waits for one reads this then
        self.shown.append(image)

    def stale(self) -> bool:
        self._answer()
        wanted, self.wants_again = self.wants_again, False
        return wanted

    def dim(self, level: float) -> None:
        self._answer()
        self.level = level
        self._note(f"dim {level:g}")

    def close(self) -> None:
        self.level = 0.0
        self._note("close")

    def _answer(self) -> None:
        if not self.present:
            raise PanelGone("it was pulled out")

    def _note(self, what: str) -> None:
        self.threads.add(threading.get_ident())
        self.log.append(what)
