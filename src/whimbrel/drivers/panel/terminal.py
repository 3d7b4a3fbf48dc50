"""The panel in a terminal: its picture at the top; other output scrolls below."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from whimbrel.drivers import job
from whimbrel.drivers.panel import cells, placing
from whimbrel.drivers.panel.packing import pages
from whimbrel.drivers.panel.placing import PanelPlace, TooSmall
from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady, ignore
from whimbrel.text import harmless
from whimbrel.wording.styles import Style, paint
from whimbrel.wording.tables import fit

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import TerminalSettings

_PATIENCE = 2.0
"""Seconds for which a terminal may block, because of Ctrl-S or a hanging connection."""
# Waits for the end of this process, even by SIGKILL, and restores the terminal unless that was done already.
_GUARD = 'cat >/dev/null; printf "%s" "$1"'


class TerminalPanel:
    """Draws in one terminal. After a resize, Ctrl-Z, or while another job has the terminal, it draws again later."""

    mode = "1"

    def __init__(self, settings: TerminalSettings) -> None:
        self.size = (settings.width, settings.height)
        self.description = f"terminal {settings.device}"
        self._settings = settings
        self._fd = -1
        self._place: PanelPlace | None = None  # None while the panel is not in the terminal
        self._shown: list[str] = []
        self._beside: list[str] = []
        """The text beside the picture, made for this many columns:"""
        self._beside_columns = 0
        self._beside_shown: dict[int, str] = {}
        self._lit = True
        self._lock = threading.Lock()  # another thread handles Ctrl-Z
        self._forget: Callable[[], None] = ignore
        self._guard: subprocess.Popen[bytes] | None = None

    @staticmethod
    def check(settings: TerminalSettings) -> Iterable[tuple[str, str]]:
        """Yield the obstacles to drawing in the terminal."""
        try:
            fd = _open(settings)
        except NotReady as problem:
            yield "device", str(problem)
            return
        try:
            _find_place(fd, settings)
        except TooSmall as problem:
            yield "device", str(problem)
        finally:
            os.close(fd)

    @staticmethod
    def claims(settings: TerminalSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: it needs no lines."""
        return ()

    def open(self) -> None:
        """Take the terminal. Raises `NotReady` if there is none, or it is too small."""
        self._fd = _open(self._settings)
        try:
            with contextlib.suppress(OSError):
                self.description = f"terminal {os.ttyname(self._fd)}"
            _find_place(self._fd, self._settings)
        except TooSmall as problem:
            self.close()
            raise NotReady(str(problem)) from problem
        self._lit = True
        self._forget = job.before_stop(self.pause)

    def show(self, image: Image) -> None:
        """Draw the rows that have changed; nothing while another job has the terminal. Raises `PanelGone`."""
        packed = pages(image)
        with self._lock:
            if not self._foreground():
                self._place = None
                return
            where = self._settle()
            rows = (cells.halves if where.style == "half" else cells.braille)(packed)
            if not self._lit:
                rows = [" " * len(row) for row in rows]
            known = self._shown if len(self._shown) == len(rows) else [""] * len(rows)
            changed = {row: text for row, text in enumerate(rows) if text != known[row]}
            self._shown = []
            self._write(placing.draw(changed) + self._draw_beside(where))
            self._shown = rows

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows beside the picture, where text is wanted there."""
        where = self._place
        return (0, 0) if where is None or not self._settings.beside else where.room

    def show_beside(self, lines: Sequence[str], columns: int) -> None:
        """Set the text beside the picture; `show` draws it if there is still enough room."""
        self._beside, self._beside_columns = list(lines), columns

    def _draw_beside(self, where: PanelPlace) -> str:
        """Return the output that updates the text beside the picture."""
        columns, rows = self.room
        if not columns:
            return ""
        lines = self._beside if self._beside_columns == columns and self._lit else []
        if not lines and self._lit:
            return ""  # a text for the new width follows soon
        wanted = {row: lines[row] if row < len(lines) else "" for row in range(rows)}
        if lines and not wanted[rows - 1]:
            wanted[rows - 1] = paint(fit(harmless(self._settings.hint), columns), Style.FAINT)
        changed = {row: text for row, text in wanted.items() if self._beside_shown.get(row) != text}
        self._beside_shown = wanted
        return placing.draw_beside(where, changed)

    def stale(self) -> bool:
        """Return whether to draw again: it was resized, or this job has it again. Raises `PanelGone`."""
        where = self._place
        if not self._foreground():
            return False
        return where is None or (where.columns, where.rows) != self._measure()

    def dim(self, level: float) -> None:
        """Draw black for 0; a terminal has no brightness."""
        lit = level > 0
        if lit is not self._lit:
            self._lit = lit
            with self._lock:
                where = self._place
                if where is None or not self._foreground():
                    return
                if not lit:
                    dark = placing.draw(dict.fromkeys(range(where.height), " " * where.width))
                    self._write(dark + self._draw_beside(where))
                self._shown = []

    def close(self) -> None:
        """Restore the terminal."""
        self._forget()
        with self._lock:
            self._withdraw()
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def pause(self) -> None:
        """Restore the terminal until `show` finds this job in the foreground again."""
        if self._lock.acquire(timeout=_PATIENCE):
            try:
                self._withdraw()
            finally:
                self._lock.release()

    def _settle(self) -> PanelPlace:
        """Place the panel in the terminal's current size. Raises `PanelGone`."""
        where = self._place
        if where is not None and (where.columns, where.rows) == self._measure():
            return where
        try:
            fresh = _find_place(self._fd, self._settings)
        except TooSmall as problem:
            self._withdraw()
            raise PanelGone(str(problem)) from problem
        self._place, self._shown, self._beside_shown = fresh, [], {}
        self._write(placing.enter(fresh, self._settings.caption, anew=where is not None))
        self._post_guard(fresh)
        return fresh

    def _withdraw(self) -> None:
        """Restore the terminal; never raises."""
        where, self._place = self._place, None
        self._shown, self._beside_shown = [], {}
        self._dismiss_guard()
        if where is not None and self._fd >= 0 and self._foreground():
            with contextlib.suppress(PanelGone):
                self._write(placing.leave(where))

    def _measure(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._fd)
        except OSError as error:
            raise PanelGone(f"{self.description} was closed") from error
        return columns, rows

    def _foreground(self) -> bool:
        """Return whether this job of the shell has the terminal; the output of another must not be overwritten."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:  # it is not the terminal of this session, so there is no job control
            return True

    def _write(self, text: str) -> None:
        """Write in one system call, so that no other output comes between. Raises `PanelGone`."""
        left = memoryview(text.encode())
        until = time.monotonic() + _PATIENCE
        while left:
            try:
                left = left[os.write(self._fd, left) :]
            except BlockingIOError:
                poller = select.poll()
                poller.register(self._fd, select.POLLOUT)
                if not poller.poll(max(0.0, until - time.monotonic()) * 1000):
                    raise PanelGone(f"{self.description} takes nothing; was Ctrl-S pressed? (Ctrl-Q)") from None
            except OSError as error:
                raise PanelGone(f"{self.description} was closed ({error.strerror})") from error

    def _post_guard(self, where: PanelPlace) -> None:
        self._dismiss_guard()
        with contextlib.suppress(OSError):
            self._guard = subprocess.Popen(  # noqa: S603  # the program is fixed, its argument is a control sequence
                ["/bin/sh", "-c", _GUARD, "sh", placing.leave(where)],
                stdin=subprocess.PIPE,
                stdout=self._fd,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _dismiss_guard(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.kill()
            guard.wait()
            if guard.stdin is not None:
                guard.stdin.close()


def _open(settings: TerminalSettings) -> int:
    """Open the terminal for writing without blocking. Raises `NotReady`."""
    device = settings.device
    if os.environ.get("TERM") == "dumb" and str(device) == "/dev/tty":
        raise NotReady("this terminal (TERM=dumb) cannot be drawn in; set another display.driver")
    try:
        fd = os.open(device, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise NotReady(
                "there is no terminal to draw in; start the daemon in one, or set another display.driver"
            ) from error
        raise NotReady(f"{device} cannot be drawn in: {error.strerror}; set another display.driver") from error
    if not os.isatty(fd):
        os.close(fd)
        raise NotReady(f"{device} is not a terminal; set display.terminal.device, or another display.driver")
    return fd


def _find_place(fd: int, settings: TerminalSettings) -> PanelPlace:
    """Measure the terminal. Raises `TooSmall`, and `PanelGone` if it is closed."""
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError as error:
        raise PanelGone(f"{settings.device} was closed") from error
    size = (settings.width, settings.height)
    return placing.place(columns, rows, size, _styles(settings), settings.lines, beside=settings.beside)


def _styles(settings: TerminalSettings) -> tuple[str, ...]:
    if settings.style != "auto":
        return (settings.style,)
    # The Linux console has no braille in its font.
    return ("half",) if os.environ.get("TERM") == "linux" else ("half", "braille")
