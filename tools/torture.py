"""Runs every test that the tables of docs/reliability.md name, one row after the other, and writes what came of each.

``python -m tools.torture [--minutes N] [WORD …]``: only rows whose fault begins with one of the words. Ends with 1
where a row fails, or where the time was up before all were run; with 2 where none fails but tests were skipped, which
the report names with what they lack.
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

_SKIP = re.compile(r"SKIPPED \[\d+\] [^:]+(?::\d+)?: (.+)")


class Fault(NamedTuple):
    """A row of the tables."""

    name: str
    """What is injected."""
    tests: tuple[str, ...]
    """What pytest is given."""


def faults(page: str) -> list[Fault]:
    """Return the rows that name tests."""
    return [Fault(name.strip(), tuple(shlex.split(tests))) for name, tests in _ROW.findall(page)]


def outcome(status: int, said: str) -> str:
    """Return the result of a run of pytest: passed only if nothing failed and nothing was skipped."""
    lines = said.strip().splitlines() or ["nothing"]
    if status != 0:
        return f"FAILED: {lines[-1]}"
    lacks = "; ".join(dict.fromkeys(match[1] for line in lines if (match := _SKIP.match(line))))
    lacks = f"{lines[-1]}; {lacks}".replace("|", "/")
    if not re.search(r"\d+ passed", lines[-1]):
        return f"SKIPPED: {lacks}"
    return f"in part: {lacks}" if re.search(r"\d+ skipped", lines[-1]) else f"passed: {lines[-1]}"


def run(fault: Fault, seconds: float) -> str:
    """Run the tests of a row; return what came of it in a word or a line."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "-rs", *fault.tests]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return "the time was up"
    return outcome(done.returncode, done.stdout)


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
    results = []
    for fault in chosen:
        began = time.monotonic()
        result = run(fault, max(until - began, 1.0)) if began < until else "the time was up"
        results.append(result)
        lines.append(f"| {fault.name} | {result} | {time.monotonic() - began:.0f} |")
        print(lines[-1], flush=True)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if not results or any(result.startswith(("FAILED", "the time")) for result in results):
        return 1
    untested = sum(not result.startswith("passed") for result in results)
    if untested:
        print(f"no row failed; {untested} of {len(results)} were not tested, or not in full")
    return 2 if untested else 0


if __name__ == "__main__":
    raise SystemExit(main())
