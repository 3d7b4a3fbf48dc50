"""Runs every test that the tables of docs/reliability.md name, one row after the other, and writes what came of each.

``python -m tools.torture [--minutes N] [WORD …]``: only rows whose fault begins with one of the words. Ends with 1
where a row fails, or where the time was up before all were run.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

PAGE = Path("docs/reliability.md")
REPORT = Path("build/torture.md")
MINUTES = 25.0
_ROW = re.compile(r"^\| ([^|]+) \|.*\| `(tests/[^`|]+)` \|$", re.MULTILINE)


class Fault(NamedTuple):
    """A row of the tables."""

    name: str
    """What is injected."""
    tests: tuple[str, ...]
    """What pytest is given."""


def faults(page: str) -> list[Fault]:
    """Return the rows that name tests."""
    return [Fault(name.strip(), tuple(shlex.split(tests))) for name, tests in _ROW.findall(page)]


def run(fault: Fault, seconds: float) -> str:
    """Run the tests of a row; return what came of it in a word or a line."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *fault.tests]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return "the time was up"
    last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    return f"passed: {last}" if done.returncode == 0 else f"FAILED: {last}"


def main(argv: list[str] | None = None) -> int:
    """Run the rows, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long at most")
    parser.add_argument("words", nargs="*", help="the beginnings of the faults; all without them")
    args = parser.parse_args(argv)
    words = tuple(args.words) or ("",)
    chosen = [fault for fault in faults(PAGE.read_text(encoding="utf-8")) if fault.name.startswith(words)]
    until = time.monotonic() + args.minutes * 60
    lines = ["| fault | result | seconds |", "|---|---|---|"]
    good = bool(chosen)
    for fault in chosen:
        began = time.monotonic()
        result = run(fault, max(until - began, 1.0)) if began < until else "the time was up"
        good = good and result.startswith("passed")
        lines.append(f"| {fault.name} | {result} | {time.monotonic() - began:.0f} |")
        print(lines[-1], flush=True)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
