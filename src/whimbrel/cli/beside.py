"""The second process beside a daemon in a terminal: started before it, ended after it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

TIED = "WHIMBREL_TIED"
"""The variable that tells the second process which file descriptor ends with its daemon."""
_PATIENCE = 30.0
"""Seconds that it is given to end, which is more than its stages take by the default settings."""


_OF_THE_SERVICE = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
"""Variables of a service manager that are only for the daemon."""


@contextlib.contextmanager
def reach_beside(arguments: Sequence[str]) -> Iterator[None]:
    """Run ``whimbrel reach`` with these arguments for as long as the block.

    It has a session of its own, so that a Ctrl-C ends the daemon first, whose last words it still passes on. It ends
    when its end of a pipe says that this process has, however that came about.
    """
    ours, theirs = _pipe()
    command = [sys.executable, "-m", "whimbrel", "reach", *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in _OF_THE_SERVICE}
    environment[TIED] = str(theirs)
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, pass_fds=(theirs,), stdin=subprocess.DEVNULL, start_new_session=True
    )
    os.close(theirs)
    try:
        yield
    finally:
        os.close(ours)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _pipe() -> tuple[int, int]:
    """Return the end that is kept, and the one that is handed on."""
    reading, writing = os.pipe()
    return writing, reading
