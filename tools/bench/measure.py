"""The results of a benchmark, and their measurement."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Line(NamedTuple):
    """One measurement beside its peer, or beside a limit."""

    what: str
    ours: float
    unit: str
    peer: str = ""
    """Name of the peer; empty for a plain limit."""
    theirs: float = 0.0
    ratio: float | None = None
    """As the budget counts it: how many times faster, or which part of the peer's cost."""
    budget: str = ""
    """In words; empty for a line without a budget."""
    met: bool = True
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the line as JSON values."""
        return self._asdict()


Benchmark = Callable[[], list[Line]]


def faster(what: str, ours: float, unit: str, peer: str, theirs: float, least: float | None, note: str = "") -> Line:
    """Return a line for costs: `ours` must be at most `theirs` divided by `least`; None is no budget."""
    ratio = theirs / ours
    budget = "" if least is None else f"at least {least:g} times faster"
    return Line(what, ours, unit, peer, theirs, ratio, budget, least is None or ratio >= least, note)


def part(what: str, ours: float, unit: str, peer: str, theirs: float, most: float, note: str = "") -> Line:
    """Return a line for costs: `ours` must be less than `most` times `theirs`."""
    ratio = ours / theirs
    return Line(what, ours, unit, peer, theirs, ratio, f"less than {most:g} of it", ratio < most, note)


def limit(what: str, ours: float, unit: str, most: float, note: str = "") -> Line:
    """Return a line for a value that must not exceed `most`."""
    return Line(what, ours, unit, budget=f"at most {most:g} {unit}", met=ours <= most, note=note)


def interleave(runs: Sequence[Callable[[], float]], repeat: int) -> list[float]:
    """Call each of `runs` in turn, `repeat` times over, so that a slow moment hits all; return the medians."""
    results: list[list[float]] = [[] for _ in runs]
    for _ in range(repeat):
        for run, result in zip(runs, results, strict=True):
            result.append(run())
    return [statistics.median(result) for result in results]


def cpu_seconds(command: Sequence[str], *, statuses: Sequence[int] = (0,), **options: Any) -> float:
    """Run `command` to its end, which must have one of `statuses`, and return its user and system time. Raises
    subprocess.CalledProcessError."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in statuses:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime
