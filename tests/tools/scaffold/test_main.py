"""Each kind of part is begun in a copy of the project: it is in order, and its own test fails until it is written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools.scaffold.__main__ import ROOT
from tools.scaffold.recipes import RECIPES


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("src", "tests", "tools", "docs", "config"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    return folder


def python(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project, env=os.environ | {"PYTHONPATH": str(project / "src")}, check=False, capture_output=True, text=True,
    )  # fmt: skip


CASES = [("detection", "--family", "presence"), ("screen",), ("module",), ("command",)]
CASES += [("driver", "--port", port) for port in ("source", "tuner", "keypad", "panel")]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_part_that_was_begun_is_in_order_and_its_test_fails(project: Path, case: tuple[str, ...]) -> None:
    kind, *more = case
    name = f"tidal{more[-1] if more else kind}"
    begun = python(project, "-m", "tools.scaffold", kind, name, *more)
    assert begun.returncode == 0, begun.stderr
    touched = [line.split()[-1] for line in begun.stdout.splitlines() if line.startswith("wrote ")]
    assert len(touched) >= len(RECIPES[kind].files) + len({line.path for line in RECIPES[kind].lines})
    sources = [path for path in touched if path.endswith(".py")]
    linted = python(project, "-m", "ruff", "check", *sources)
    assert linted.returncode == 0, linted.stdout
    [test] = [path for path in touched if Path(path).name == f"test_{name}.py"]
    tested = python(project, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", test)
    assert tested.returncode == 1, tested.stdout
    again = python(project, "-m", "tools.scaffold", kind, name, *more)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


def test_what_is_no_name_is_refused(project: Path) -> None:
    for kind, name in (("module", "Tide"), ("command", "tide-table")):
        refused = python(project, "-m", "tools.scaffold", kind, name)
        assert refused.returncode == 1
        assert "expected" in refused.stderr
