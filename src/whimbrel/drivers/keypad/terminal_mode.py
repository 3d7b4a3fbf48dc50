"""Puts a terminal into the mode without line buffering, and restores it whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import termios
from collections.abc import Iterator
from typing import Any

_LFLAG = 3
_CC = 6
Attributes = list[Any]
"""What `termios.tcgetattr` returns."""

# Waits for the end of this process, even by SIGKILL, and restores the terminal unless that was done already.
_GUARD = 'cat >/dev/null; [ "$(stty -g <&2)" = "$1" ] && stty "$2" <&2'


class TerminalMode:
    """The mode of the terminal `fd`: each key can be read at once and is not echoed. Signals (Ctrl-C) stay enabled.

    After `enter`, a small separate process waits to restore the terminal even if this one is killed.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._before: Attributes = []
        self._ours: Attributes = []
        self._entered = False
        self._guard: subprocess.Popen[bytes] | None = None

    def in_foreground(self) -> bool:
        """Return whether this process may read: another job of the shell may have the terminal."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:  # it is not the terminal of this session, so there is no job control
            return True

    def enter(self) -> None:
        """Change the mode. Idempotent. Raises OSError or termios.error if it is no terminal any more."""
        if self._entered:
            return
        found = termios.tcgetattr(self._fd)
        if found != self._ours:
            self._before = found
            self._ours = termios.tcgetattr(self._fd)
            self._ours[_LFLAG] &= ~(termios.ICANON | termios.ECHO)
            self._ours[_CC][termios.VMIN] = 1
            self._ours[_CC][termios.VTIME] = 0
            with _despite_job_control():
                termios.tcsetattr(self._fd, termios.TCSANOW, self._ours)
            self._ours = termios.tcgetattr(self._fd)
        self._entered = True
        self._post_guard()

    def leave(self) -> None:
        """Restore the mode. Idempotent; never raises."""
        if not self._entered:
            return
        self.forget()
        if self.in_foreground():  # otherwise the shell has set its own mode
            with contextlib.suppress(OSError, termios.error), _despite_job_control():
                termios.tcsetattr(self._fd, termios.TCSANOW, self._before)

    def forget(self) -> None:
        """Note that the shell may have changed the mode while this process was stopped."""
        self._entered = False
        guard, self._guard = self._guard, None
        if guard is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(guard.pid, signal.SIGKILL)
        guard.wait()
        if guard.stdin is not None:
            guard.stdin.close()

    def _post_guard(self) -> None:
        argv = ["/bin/sh", "-c", _GUARD, "sh", as_text(self._ours), as_text(self._before)]
        # In a session of its own it survives the signals of this terminal, and may set its mode from the background.
        with contextlib.suppress(OSError):
            self._guard = subprocess.Popen(  # noqa: S603  # the program is fixed, its arguments are numbers
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._fd,  # the shell finds the terminal there; any other number could be too large for it
                start_new_session=True,
            )


def as_text(attributes: Attributes) -> str:
    """Return a mode in the format of ``stty -g``: four words of flags and every control character, in hexadecimal."""
    flags = [f"{flag:x}" for flag in attributes[:4]]
    characters = [f"{char if isinstance(char, int) else char[0]:x}" for char in attributes[_CC]]
    return ":".join(flags + characters)


@contextlib.contextmanager
def _despite_job_control() -> Iterator[None]:
    """Allow setting the mode from the background, where the kernel would otherwise stop this process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
