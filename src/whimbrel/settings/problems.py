"""The problems of a settings file, one line for each mistake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from whimbrel.errors import WhimbrelError
from whimbrel.text import printable

_MOST_SHOWN = 60
"""Characters of a value from the file that a message quotes; enough to recognise it."""

MOST_PROBLEMS = 100
"""Limit of mistakes reported for one file."""


class Problem(NamedTuple):
    """One mistake and its place. Lines and columns count from 1; 0 if the mistake is not in a line."""

    file: str
    line: int
    column: int
    path: str
    """Keys from the top, as in ``modules.sniffer.tuner.dwell``; empty for the file as a whole."""
    expected: str
    """The expected value; empty if `found` is sufficient."""
    found: str
    hint: str = ""
    """Advice, if there is any."""

    def __str__(self) -> str:
        """Return one line, whatever the file contains."""
        where = self.file
        if self.line:
            where += f":{self.line}:{self.column}" if self.column else f":{self.line}"
        path = f"{self.path}: " if self.path else ""
        what = f"expected {self.expected}, found {self.found}" if self.expected else self.found
        hint = f" ({self.hint})" if self.hint else ""
        return printable(f"{where}: {path}{what}{hint}")


class ConfigError(WhimbrelError):
    """Unusable settings; `problems` has every mistake, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(map(str, self.problems)))


def note(problems: list[Problem], problem: Problem) -> None:
    """Add to `problems`. Raises ConfigError beyond `MOST_PROBLEMS`: so many mistakes mean that it is the wrong file."""
    problems.append(problem)
    if len(problems) > MOST_PROBLEMS:
        first = Problem(problem.file, 0, 0, "", "", f"more than {MOST_PROBLEMS} mistakes, of which these are the first")
        raise ConfigError([first, *problems[:MOST_PROBLEMS]])


def child(path: str, key: str) -> str:
    """Return the path of `key` below `path`, of bounded length for a key of any length."""
    return f"{path}.{shorten(key)}" if path else shorten(key)


def shorten(text: str) -> str:
    """Shorten a value from the file for a message of one line."""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
