"""What the suites in virtual machines have in common: commands, findings, waiting for a state."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def run(*argv: str, timeout: float = 120) -> str:
    """Return what a command prints; raises AssertionError with what it complained of where it fails."""
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=timeout)
    check(done.returncode == 0, f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(condition: object, said: object) -> None:
    """Raise AssertionError with what was found, also under ``-O``."""
    if not condition:
        raise AssertionError(said)


def say(*words: object) -> None:
    """Write one line to the console."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def wait_for(what: str, probe: Callable[[], T], within: float = 60, every: float = 0.5) -> T:
    """Return the first true result of `probe`. Raises AssertionError with the last one after `within` seconds."""
    end = time.monotonic() + within
    while not (found := probe()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:g} s: {what}; last found: {found!r}")
        time.sleep(every)
    return found
