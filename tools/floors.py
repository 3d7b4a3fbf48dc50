"""Compares how much of each source file its own test covers with ``tests/floors.txt``.

``python -m tools.floors [--raise]`` reads what the last run of pytest measured. Counted are the lines inside functions
that ran during a test of the file's own (`tools.mirror`), also in a process that the test started: what runs when a
module is imported proves nothing about it. A floor is a percentage. ``--raise`` writes higher ones where more is
covered, with `SLACK` below it, and never a lower one: that is an edit to be explained. A file that has none yet, a new
one, has the floor `NEW`: it does not need a run of all tests to be added, and none comes without a test.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Mapping
from pathlib import Path

from coverage import Coverage
from tools import mirror

SLACK = 2
"""Per cent by which one run may be lower, because of a cache filled by another test, or a faster thread."""
NEW = 50
"""Per cent: the floor of a file that the list does not have yet."""
FLOORS = "tests/floors.txt"


def inner_lines(source: str) -> set[int]:
    """Return the numbers of the lines inside the functions of a source text, their heads left out."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.update(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
    return found


def percent(wanted: set[int], contexts: Mapping[int, list[str]], test: str) -> float:
    """Return how much of the lines `wanted` ran in a context of `test`, a file or a folder.

    `contexts` are coverage's, by line.
    """
    if not wanted:
        return 100.0
    prefix = f"tests/{test}::" if test.endswith(".py") else f"tests/{test}/"
    ran = {line for line, names in contexts.items() if any(name.startswith(prefix) for name in names)}
    return 100.0 * len(wanted & ran) / len(wanted)


def measure(root: Path) -> dict[str, float]:
    """Return the percentage of each source file under `root` with its own test, from the last run's data."""
    measured = Coverage(config_file=str(root / "pyproject.toml"))
    measured.load()
    data = measured.get_data()
    result = {}
    sources = root.resolve() / "src" / "whimbrel"
    for source, test in mirror.read(root).own.items():
        path = sources / source
        statements = set(measured.analysis2(str(path))[1])
        wanted = statements & inner_lines(path.read_text(encoding="utf-8"))
        result[source] = percent(wanted, data.contexts_by_lineno(str(path)), test)
    return result


def read_floors(path: Path) -> dict[str, int]:
    """Return the floor of each file, from lines ``PER-CENT FILE``."""
    if not path.exists():
        return {}
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {name: int(floor) for floor, name in rows}


def below(measured: Mapping[str, float], floors: Mapping[str, int]) -> list[str]:
    """Return a sentence for each file that is below its floor."""
    return [
        f"{name}: {value:.0f} % covered by its own test, its floor is {floors.get(name, NEW)} %"
        + ("" if name in floors else f", that of a file without one in {FLOORS}")
        for name, value in sorted(measured.items())
        if value < floors.get(name, NEW)
    ]


def raised(measured: Mapping[str, float], floors: Mapping[str, int]) -> dict[str, int]:
    """Return the new floors, without those of removed files."""
    return {name: max(floors.get(name, NEW), int(value) - SLACK) for name, value in measured.items()}


HEAD = """\
# Per cent of the lines inside functions that a file's own test runs at least (tools/floors.py). Written by
# `make coverage COVERAGE=--raise`, which only raises them.
"""


def main(argv: list[str] | None = None, root: Path = Path()) -> int:
    """Compare; return 1 where a file is under its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raise", action="store_true", dest="up", help="write higher floors where more is covered")
    up = parser.parse_args(argv).up
    measured = measure(root)
    floors = read_floors(root / FLOORS)
    if up:
        new = raised(measured, floors)
        rows = (f"{floor:3} {name}\n" for name, floor in sorted(new.items()))
        (root / FLOORS).write_text(HEAD + "".join(rows), encoding="utf-8")
        floors = new
    problems = below(measured, floors)
    for problem in problems:
        print(problem, file=sys.stderr)
    if missing := sorted(measured.keys() - floors):
        print(f"without a floor of their own: {', '.join(missing)}; COVERAGE=--raise writes them", file=sys.stderr)
    mean = sum(measured.values()) / len(measured)
    print(f"{len(measured)} files with a test of their own, which covers {mean:.1f} % of a file on average")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
