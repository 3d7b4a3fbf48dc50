"""Which test is a source file's own: the one of the same name, or the one that ``tests/mirror.toml`` names."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple


class Mirror(NamedTuple):
    """Paths of sources are relative to ``src/whimbrel``, those of tests to ``tests``."""

    own: dict[str, str]
    """The test of each source file that has one, or the folder of tests."""
    problems: list[str]
    """The missing or outdated entries, each in a sentence."""


def read(root: Path) -> Mirror:
    """Find the own test of every source file below `root`, the project's folder."""
    sources, tests = root / "src" / "whimbrel", root / "tests"
    listed = {
        source: test
        for group in tomllib.loads((tests / "mirror.toml").read_text(encoding="utf-8"))["elsewhere"]
        for source, test in group["by"].items()
    }
    folders = {source: test for source, test in listed.items() if source.endswith("/")}
    used: set[str] = set()
    own: dict[str, str] = {}
    problems: list[str] = []
    for path in sorted(sources.rglob("*.py")):
        source = str(path.relative_to(sources))
        named = own_name(source)
        folder = next((folder for folder in folders if source.startswith(folder)), "")
        elsewhere = listed.pop(source, None) or folders.get(folder)
        if (tests / named).exists():
            own[source] = named
            if elsewhere and not folder:
                problems.append(f"tests/mirror.toml: {source} has a test of its own, tests/{named}: take the line out")
        elif elsewhere and (tests / elsewhere).exists():
            own[source] = elsewhere
            used.add(folder)
        elif elsewhere:
            problems.append(f"tests/mirror.toml: there is no tests/{elsewhere}, which is to cover {source}")
        elif path.read_text(encoding="utf-8").strip().count("\n") > _TRIVIAL:
            problems.append(
                f"src/whimbrel/{source} has no test: write tests/{named}, or name in tests/mirror.toml the test or "
                "folder that covers it, under its reason"
            )
    problems += [
        f"tests/mirror.toml: nothing needs {source}: take the line out" for source in sorted(listed.keys() - used)
    ]
    return Mirror(own, problems)


def own_name(source: str) -> str:
    """Return the path of the test that has the name of a source file: ``a/b.py`` gives ``a/test_b.py``."""
    path = Path(source)
    name = path.stem if path.stem != "__init__" else path.parent.name or "whimbrel"
    return str(path.with_name(f"test_{name}.py"))


_TRIVIAL = 6
"""Lines of a file in which there is nothing to test, as an ``__init__.py`` that imports a name."""
