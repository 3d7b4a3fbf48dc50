"""The `Keypad` for the keyboard of a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
import time
from collections.abc import Callable, Iterable

from whimbrel.drivers import job
from whimbrel.drivers.keypad.keystrokes import HELP, QUIT, Change, Keystroke, KeystrokeParser, Typist
from whimbrel.drivers.keypad.settings import KeyboardSettings
from whimbrel.drivers.keypad.terminal_mode import TerminalMode
from whimbrel.drivers.ports import Edge
from whimbrel.events.base import Body
from whimbrel.events.keys import KeysExplained
from whimbrel.module import NotReady, ignore

MOST_AT_ONCE = 1024
"""Limit of octets per read."""
GLANCE = 0.5
"""Seconds between checks of a background job whether it has the terminal again."""
_STDIN = 0
LEGEND = (
    "Arrows move, Enter opens, a or Esc goes back, b is the menu; with Shift or Alt they are held. "
    "? shows the keys, q or Ctrl-C ends it"
)


class KeyboardKeypad:
    """Reads the keys of a terminal; writes nothing to it, so that a panel can be drawn there."""

    description = "keyboard"

    def __init__(self, settings: KeyboardSettings) -> None:
        self.settings = settings
        self._fd = -1
        self._mode: TerminalMode | None = None
        self._parser = KeystrokeParser()
        self._typist = Typist(gap=settings.gap, hold=settings.hold)
        self._edge: Edge = _nobody
        self.on_event: Callable[[Body], object] = ignore
        self._ended = asyncio.Event()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @staticmethod
    def check(settings: KeyboardSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing."""
        return ()

    @staticmethod
    def claims(settings: KeyboardSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: it needs no lines."""
        return ()

    async def open(self) -> None:
        """Take the terminal. Raises `NotReady` if there is none, or another job has it."""
        try:
            self._take()
        except BaseException:
            await self.close()
            raise

    def _take(self) -> None:
        path = self.settings.terminal
        what = "standard input" if path is None else str(path)
        try:
            self._fd = _STDIN if path is None else os.open(path, os.O_RDONLY | os.O_NOCTTY)
        except OSError as error:
            raise NotReady(f"{what} cannot be opened ({error.strerror}); set keyboard.terminal") from error
        try:
            self.description = f"keyboard of {os.ttyname(self._fd)}"
            self._mode = TerminalMode(self._fd)
            in_foreground = self._mode.in_foreground()
            if in_foreground:
                self._mode.enter()
        except (OSError, termios.error) as error:
            raise NotReady(f"{what} is no terminal; start Whimbrel in one, or set keyboard.terminal") from error
        if not in_foreground:
            raise NotReady("the keyboard belongs to another job of the shell; bring this one to the front (fg)")

    def held(self) -> Iterable[str]:
        """Return nothing: a terminal does not report held keys."""
        return ()

    async def run(self, edge: Edge) -> None:
        """Report keys until the terminal is closed; then release the keys that are down."""
        assert self._mode is not None
        loop = asyncio.get_running_loop()
        self._edge = edge
        self._ended.clear()
        signals = self._handle_signals(loop)
        loop.add_reader(self._fd, self._read)
        try:
            await self._ended.wait()
        finally:
            loop.remove_reader(self._fd)
            for number in signals:
                loop.remove_signal_handler(number)
            self._let_go()
            self._edge = _nobody

    async def close(self) -> None:
        """Restore the terminal."""
        if self._mode is not None:
            self._mode.leave()
            self._mode = None
        if self._fd > _STDIN:
            os.close(self._fd)
        self._fd = -1

    def _handle_signals(self, loop: asyncio.AbstractEventLoop) -> list[signal.Signals]:
        """Restore and take the terminal around Ctrl-Z and ``fg``, if it is this process's own."""
        if self._fd != _STDIN:
            return []
        taken = []
        # Only the main thread may handle signals; in another thread the shell has to restore the terminal.
        with contextlib.suppress(RuntimeError, ValueError):
            for number, handler in ((signal.SIGTSTP, self._suspend), (signal.SIGCONT, self._resume)):
                loop.add_signal_handler(number, handler)
                taken.append(number)
        return taken

    def _suspend(self) -> None:
        """Restore the terminal and stop for Ctrl-Z; return when continued."""
        assert self._mode is not None
        self._let_go()
        self._mode.leave()
        job.about_to_stop()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._resume()

    def _resume(self) -> None:
        """Take the terminal again once this job is in the foreground, checking now and then."""
        if self._mode is None or self._ended.is_set():
            return
        loop = asyncio.get_running_loop()
        self._mode.forget()
        if not self._mode.in_foreground():
            loop.remove_reader(self._fd)
            self._set_timer("glance", GLANCE, self._resume)
            return
        try:
            self._mode.enter()
        except (OSError, termios.error):
            self._ended.set()
            return
        loop.add_reader(self._fd, self._read)

    def _read(self) -> None:
        """Read the input; called by the loop when there is some, or the terminal was closed."""
        assert self._mode is not None
        if not self._mode.in_foreground():  # reading would stop the whole process
            self._resume()
            return
        try:
            octets = os.read(self._fd, MOST_AT_ONCE)
        except OSError:
            octets = b""
        if not octets:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._ended.set()
            return
        self._strike(self._parser.feed(octets))
        if self._parser.pending:
            self._set_timer("escape", self.settings.escape, self._give_up_sequence)
        else:
            self._clear_timer("escape")

    def _give_up_sequence(self) -> None:
        self._strike(self._parser.flush())

    def _strike(self, strokes: Iterable[Keystroke]) -> None:
        for stroke in strokes:
            now = time.monotonic()
            if stroke.key == HELP:
                self.on_event(KeysExplained(text=LEGEND))
                continue
            if stroke.key == QUIT:
                if self._fd == _STDIN:  # the user of another terminal has not started it
                    signal.raise_signal(signal.SIGINT)  # as Ctrl-C: the daemon ends in order
                continue
            self._report(self._typist.strike(stroke, now), now)

    def _silence(self) -> None:
        now = time.monotonic()
        self._report(self._typist.advance(now), now)

    def _report(self, changes: Iterable[Change], now: float) -> None:
        for key, down in changes:
            self._edge(key, down, now)
        due = self._typist.due()
        if due is None:
            self._clear_timer("silence")
        else:
            self._set_timer("silence", due - now, self._silence)

    def _let_go(self) -> None:
        for name in list(self._timers):
            self._clear_timer(name)
        self._parser = KeystrokeParser()
        self._report(self._typist.let_go(), time.monotonic())

    def _set_timer(self, name: str, seconds: float, callback: object) -> None:
        self._clear_timer(name)
        self._timers[name] = asyncio.get_running_loop().call_later(max(seconds, 0.0), callback)  # type: ignore[arg-type]

    def _clear_timer(self, name: str) -> None:
        if name in self._timers:
            self._timers.pop(name).cancel()


def _nobody(_key: str, _down: bool, _at: float) -> None:
    pass
