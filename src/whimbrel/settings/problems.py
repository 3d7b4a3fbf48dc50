"""What is wrong with a settings file, in one line for each mistake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from whimbrel.errors import WhimbrelError
from whimbrel.text import printable

_MOST_SHOWN = 60
"""Characters of a value from the file that one line repeats; enough to recognise it."""

MOST_PROBLEMS = 100
"""Mistakes that are looked for in one file."""


class Problem(NamedTuple):
    """One mistake and where it is. Lines and columns count from 1; 0 where the mistake is not in a line."""

    file: str
    line: int
    column: int
    path: str
    """Keys from the top, as ``modules.sniffer.tuner.dwell``; empty for the file as a whole."""
    expected: str
    """What would be right; empty where `found` says everything."""
    found: str
    hint: str = ""
    """What to do, where that can be told."""

    def __str__(self) -> str:
        """Write one line that nothing in the file can break."""
        where = self.file
        if self.line:
            where += f":{self.line}:{self.column}" if self.column else f":{self.line}"
        path = f"{self.path}: " if self.path else ""
        what = f"expected {self.expected}, found {self.found}" if self.expected else self.found
        hint = f" ({self.hint})" if self.hint else ""
        return printable(f"{where}: {path}{what}{hint}")


class ConfigError(WhimbrelError):
    """Settings that cannot be used; `problems` has every mistake, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(map(str, self.problems)))


def note(problems: list[Problem], problem: Problem) -> None:
    """Add to `problems`. Raises ConfigError beyond `MOST_PROBLEMS`: so many are made by the wrong file."""
    problems.append(problem)
    if len(problems) > MOST_PROBLEMS:
        first = Problem(problem.file, 0, 0, "", "", f"more than {MOST_PROBLEMS} mistakes, of which these are the first")
        raise ConfigError([first, *problems[:MOST_PROBLEMS]])


def child(path: str, key: str) -> str:
    """Return the path of `key` below `path`; a key of any length makes a path of bounded length."""
    return f"{path}.{shorten(key)}" if path else shorten(key)


def shorten(text: str) -> str:
    """Cut a value from the file to what one line can show."""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
