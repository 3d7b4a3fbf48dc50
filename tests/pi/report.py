"""What was found on the board, as it is printed and kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.pi.console import Console, Silent


class Report:
    """Findings and figures of one run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.failed: list[str] = []
        self._passed = 0
        self.figures: dict[str, float | str] = {}

    def say(self, line: str) -> None:
        """Write one line to the terminal."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def check(self, what: str, found: bool, told: object = "") -> None:
        """Note whether something is as it should be; `told` is shown where it is not."""
        if found:
            self._passed += 1
            self.say(f"ok      {what}")
        else:
            self.failed.append(what)
            self.say(f"FAILED  {what}\n{told}")

    def true(self, board: Console, what: str, command: str) -> None:
        """Check that a command succeeds on the board."""
        answer = board.ask(command)
        self.check(what, answer.status == 0, f"$ {command}\n{answer.output}")

    def becomes(self, board: Console, what: str, command: str, seconds: float = 60) -> None:
        """Check that a command succeeds on the board within so many of its seconds."""
        try:
            board.until(command, seconds)
        except Silent as error:
            self.check(what, False, error)
        else:
            self.check(what, True)

    def figure(self, name: str, value: float | str) -> None:
        """Keep a figure."""
        self.figures[name] = value
        self.say(f"        {name}: {value}")

    def close(self) -> int:
        """Keep the figures and return the status for the shell."""
        results = {"figures": self.figures, "passed": self._passed, "failed": self.failed}
        (self._folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
        self.say(f"{self._passed} passed, {len(self.failed)} failed")
        return 1 if self.failed else 0
