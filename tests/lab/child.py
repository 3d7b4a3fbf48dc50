"""A process of a test that never outlives its `with` block: one left behind fails the tests that come after it."""

from __future__ import annotations

import subprocess
from types import TracebackType
from typing import Any

from whimbrel.testing import PATIENCE


class Child(subprocess.Popen[Any]):
    """A `subprocess.Popen` that the end of its `with` block kills where the block failed, and waits for otherwise.

    Raises subprocess.TimeoutExpired, and kills it, where it has not ended `PATIENCE` after the block.
    """

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()
        try:
            self.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()
            raise
