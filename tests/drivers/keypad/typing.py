"""A terminal with its other side in the test."""

from __future__ import annotations

import contextlib
import os
import pty
import termios
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Terminal:
    """A pseudo-terminal; `type_` is its user, `path` what a program opens."""

    def __init__(self) -> None:
        self.user, self.program = pty.openpty()
        self.path = Path(os.ttyname(self.program))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in (self.user, self.program):
            with contextlib.suppress(OSError):
                os.close(end)

    def type_(self, octets: bytes) -> None:
        os.write(self.user, octets)

    def hang_up(self) -> None:
        os.close(self.user)

    @property
    def mode(self) -> list[Any]:
        return termios.tcgetattr(self.program)

    @property
    def echoes(self) -> bool:
        return bool(self.mode[3] & termios.ECHO)
