"""The thread that owns a panel: it shows the newest image, absorbs a slow bus, and retries an unplugged panel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.drivers.ports import PanelGone, is_roomy
from whimbrel.module import NotReady

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.ports import Panel

LOOK = 1.0
"""Seconds without a new image after which the panel's presence is checked."""


class Sent(NamedTuple):
    """The counts since the last query."""

    frames: int = 0
    skipped: int = 0
    """Images that were equal to the one before."""
    replaced: int = 0
    """Images that gave way to a newer one before they could be sent."""
    seconds: float = 0.0
    """Time that sending took."""


class Beside(NamedTuple):
    """Text beside the picture."""

    columns: int
    """For how much room it was made."""
    lines: tuple[str, ...]


NOTHING = Beside(0, ())


class PanelThread:
    """Keeps the newest image on the panel, whenever there is a panel.

    `on_change` is called in the thread with the problem, and with an empty text when the panel is there (again). All
    methods belong to one other thread; none of them waits for the panel, except `join`.
    """

    def __init__(self, panel: Panel, on_change: Callable[[str], object], retry: float) -> None:
        self._panel = panel
        self._on_change = on_change
        self._retry = retry
        self._wake = threading.Condition()
        # Guarded by the condition: the requested state, and whether the thread has taken it.
        self._image: Image | None = None
        self._octets = b""
        self._beside = NOTHING
        self._level = 1.0
        self._fresh = False
        self._stopping = False
        self._sent = Sent()
        self._problem: str | None = None
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)

    def start(self) -> None:
        """Begin to search for the panel."""
        self._thread.start()

    @property
    def room(self) -> tuple[int, int]:
        """The present columns and rows of characters beside the panel's picture; (0, 0) for none."""
        return self._panel.room if is_roomy(self._panel) else (0, 0)

    def put(self, image: Image, beside: Beside = NOTHING) -> bool:
        """Have `image`, which is not changed any more, shown soon; return whether anything differs from before."""
        octets = image.tobytes()
        with self._wake:
            sent = self._sent
            if octets == self._octets and beside == self._beside and self._image is not None:
                self._sent = sent._replace(skipped=sent.skipped + 1)
                return False
            if self._fresh:
                self._sent = sent._replace(replaced=sent.replaced + 1)
            self._image, self._octets, self._beside, self._fresh = image, octets, beside, True
            self._wake.notify()
        return True

    def dim(self, level: float) -> None:
        """Have the brightness set: 0 is off, 1 is full."""
        with self._wake:
            self._level = level
            self._wake.notify()

    def take(self) -> Sent:
        """Return the counts since the previous call."""
        with self._wake:
            sent, self._sent = self._sent, Sent()
        return sent

    def stop(self) -> None:
        """Ask the thread to darken the panel and end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()

    def join(self, timeout: float) -> bool:
        """Wait for its end; return whether it has come. A thread that a bus holds is left behind."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._panel.open()
                self._tell("")
                self._serve()
            except (NotReady, PanelGone) as missing:
                self._tell(str(missing))
            except Exception as error:  # noqa: BLE001  # a driver's mistake costs the panel, not the thread
                self._tell(f"{self._panel.description}: {type(error).__name__}: {error}")
            finally:
                self._panel.close()
            with self._wake:
                self._wake.wait_for(lambda: self._stopping, self._retry)

    def _serve(self) -> None:
        """Show images until the thread must end. Raises the panel's errors."""
        level = 1.0
        begun = False  # whether the panel shows an image of ours
        while True:
            with self._wake:
                if not (self._stopping or self._fresh or self._level != level):
                    self._wake.wait(LOOK)
                if self._stopping:
                    return
                image, beside, wanted = self._image, self._beside, self._level
                news, self._fresh = self._fresh or not begun, False
            if wanted != level:
                self._panel.dim(wanted)
                # Waking may set up the panel again, which empties it.
                news = news or level <= 0
                level = wanted
            if (news or self._panel.stale()) and image is not None:
                self._show(image, beside)
                begun = True

    def _show(self, image: Image, beside: Beside) -> None:
        began = time.perf_counter()
        if is_roomy(self._panel):
            self._panel.show_beside(beside.lines, beside.columns)
        self._panel.show(image)
        seconds = time.perf_counter() - began
        with self._wake:
            self._sent = self._sent._replace(frames=self._sent.frames + 1, seconds=self._sent.seconds + seconds)

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._on_change(problem)
