"""Mutation testing: changes one thing in a source file at a time, and asks whether the file's test notices.

``python -m tools.mutate [--mutants N] [--seed N] [PACKAGE …]``. The changes are those of Cosmic Ray, the tests those of
`tools.mirror`; they run in a copy below ``build/mutants``, where the survivors are written, as ``PACKAGE.diff``.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools import mirror

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "mutants"
PACKAGES = ("wifi", "bus", "supervisor", "detections")
_BESIDE = {"bus": "bus", "wifi": "wifi"}
"""Packages whose tests are quick enough to be asked about what a file's own test did not notice, with their folders."""
_SHORTEST_WAIT = 60.0
"""Seconds that a test gets at least, on a machine that does other things too."""
_LONGEST = 30
"""Seconds of a single test at most: what takes longer hangs."""
_PATIENCE = 5
"""How many times as long as without a mutation a test may take."""


class Place(NamedTuple):
    """A place of a source file at which something can be changed."""

    source: str
    """Relative to ``src/whimbrel``."""
    position: tuple[int, int]
    """Line and column."""
    changes: tuple[tuple[str, int], ...]
    """The operators of Cosmic Ray that change it, each with the number of its occurrence in the file."""


class Mutant(NamedTuple):
    """A changed source file."""

    source: str
    change: str
    """The operator's name."""
    difference: str
    text: str


def places(source: str, text: str) -> Iterator[Place]:
    """Yield the places of the source file `source`, which contains `text`."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.operators.provider import OperatorProvider

    provider, tree = OperatorProvider(), get_ast(text)
    found: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for name in provider:
        if provider[name].arguments():  # of variables, which have to be named
            continue
        operator = provider[name]()
        positions = (where for node in ast_nodes(tree) for where in operator.mutation_positions(node))
        for number, (start, _) in enumerate(positions):
            found.setdefault(start, []).append((name, number))
    for position in sorted(found):
        yield Place(source, position, tuple(found[position]))


def mutants(package: str, rng: random.Random) -> Iterator[Mutant]:
    """Yield mutants of a package in an order of `rng`: one for each place, however many operators change it."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.operators.provider import OperatorProvider

    folder = ROOT / "src/whimbrel"
    texts = {source: (folder / source).read_text(encoding="utf-8") for source in sources(package)}
    found = [place for source, text in texts.items() for place in places(source, text)]
    rng.shuffle(found)
    for place in found:
        name, number = rng.choice(place.changes)
        before = texts[place.source]
        after = mutate_code(before, OperatorProvider()[name](), number)
        if after is not None and differs(before, after):
            lines = difflib.unified_diff(before.splitlines(), after.splitlines(), place.source, name, "", "", 2, "")
            yield Mutant(place.source, name, "\n".join(lines), after)


def sources(package: str) -> dict[str, str]:
    """Return the source files of a package or module that have a test, each with that test."""
    own = mirror.read(ROOT).own
    return {source: test for source, test in own.items() if source.startswith((f"{package}/", f"{package}.py"))}


def differs(before: str, after: str) -> bool:
    """Return whether a change can be noticed: it can be compiled, and is not in an annotation."""
    try:
        return _bare(after) != _bare(before)
    except SyntaxError:
        return False


def _bare(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            node.annotation = ast.Constant(None)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
    return ast.dump(tree)


class Copy:
    """A copy of the project in which files are changed, and tests run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durations: dict[str, float] = {}
        shutil.rmtree(folder, ignore_errors=True)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def notices(self, mutant: Mutant, test: str) -> bool:
        """Return whether the test fails, or takes too long, with the mutant.

        Raises AssertionError if it fails without.
        """
        if test not in self._durations:
            began = time.monotonic()
            if not self._passes(test, None):
                raise AssertionError(f"tests/{test} fails without a mutation")
            self._durations[test] = time.monotonic() - began
        path = self._folder / "src/whimbrel" / mutant.source
        kept = path.read_text(encoding="utf-8")
        path.write_text(mutant.text, encoding="utf-8")
        try:
            return not self._passes(test, max(self._durations[test] * _PATIENCE, _SHORTEST_WAIT))
        finally:
            path.write_text(kept, encoding="utf-8")

    def _passes(self, test: str, seconds: float | None) -> bool:
        command = [
            sys.executable, "-B", "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow",
            f"--timeout={_LONGEST}", f"tests/{test}",
        ]  # fmt: skip
        # Before the path of the installed sources. Two mutants of one second and size have the same compiled file.
        environment = os.environ | {"PYTHONPATH": str(self._folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, cwd=self._folder, env=environment, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def judge(package: str, number: int, seed: int) -> tuple[int, list[Mutant]]:
    """Test `number` mutants of a package; return how many there were, and the survivors."""
    copy = Copy(BUILD / package)
    tests = sources(package)
    tried = 0
    survivors: list[Mutant] = []
    for mutant in mutants(package, random.Random(f"{seed} {package}")):
        if tried == number:
            break
        tried += 1
        print(f"{package}: {tried} of {number}", end="\r", file=sys.stderr, flush=True)
        asked = [tests[mutant.source], *filter(None, [_BESIDE.get(package)])]
        if not any(copy.notices(mutant, test) for test in asked):
            survivors.append(mutant)
            print(f"survived: {mutant.source}: {mutant.change}\n{mutant.difference}\n", flush=True)
    (BUILD / f"{package}.diff").write_text("".join(f"{each.difference}\n\n" for each in survivors), encoding="utf-8")
    return tried, survivors


def main(argv: list[str] | None = None) -> int:
    """Judge the packages; return 1 where there was nothing to judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=60, help="how many of each package (60)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("packages", nargs="*", default=PACKAGES, help=f"below src/whimbrel ({' '.join(PACKAGES)})")
    args = parser.parse_args(argv)
    every = 0
    for package in args.packages:
        tried, survivors = judge(package, args.mutants, args.seed)
        every += tried
        print(f"{package}: {tried - len(survivors)} of {tried} mutants noticed", flush=True)
    return 0 if every else 1


if __name__ == "__main__":
    sys.exit(main())
