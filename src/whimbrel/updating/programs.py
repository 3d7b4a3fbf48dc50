"""Running other programs: without a terminal, in English, with an end."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
_MOST = 300
"""Characters of what a program said that are shown."""


class Ended(NamedTuple):
    """A program that has ended."""

    status: int
    """Its exit status; 127 where there is no such program, 124 where it took too long."""
    out: str
    err: str

    @property
    def reason(self) -> str:
        """The line that says best why it failed, in printable characters."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        named = [line for line in lines if "error" in line.lower() or line.startswith("E:")]
        told = (named or lines or [f"status {self.status}"])[-1]
        return "".join(letter if letter.isprintable() else "?" for letter in told)[:_MOST]


def run(argv: Sequence[str | Path], patience: float, **variables: str) -> Ended:
    """Run a program for so many seconds at the most. Raises nothing."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=patience,
            check=False, cwd="/", env=ENVIRONMENT | variables,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Ended(124, "", f"{argv[0]} took longer than {patience:g} s")
    except OSError as error:
        return Ended(127, "", f"{argv[0]}: {error.strerror}")
    return Ended(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put off the end of this process that a shutdown asks for; the unit gives it the time. Main thread only."""
    asked: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
    if asked:
        signal.raise_signal(signal.SIGTERM)
