from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools import floors

ROOT = Path(__file__).resolve().parents[2]

SOURCE = '''\
"""A module."""

LIMIT = 3


def double(
    value: int,
) -> int:
    """Double it."""
    if value > LIMIT:
        return 0
    return 2 * value


class Thing:
    size = 1

    def grow(self) -> None:
        self.size += 1
'''
TEST = """\
from whimbrel.a.b import {name}


def test_it() -> None:
    {code}
"""
SETTINGS = """\
[tool.coverage.run]
source_pkgs = ["whimbrel"]
parallel = true
data_file = "build/coverage/data"
context = "${PYTEST_CURRENT_TEST-}"

[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
"""
IN_A_PROCESS = """\
import os
import json
import os
import subprocess
import sys


def test_it() -> None:
    code = "from whimbrel.a.b import double; double(1)"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


def test_only_what_is_inside_functions_counts() -> None:
    assert floors.inner_lines(SOURCE) == {9, 10, 11, 12, 19}


def test_floors_are_only_raised() -> None:
    new = floors.raised({"up.py": 90.4, "down.py": 50.0, "new.py": 1.0}, {"up.py": 70, "down.py": 80, "gone.py": 90})
    assert new == {"up.py": 88, "down.py": 80, "new.py": floors.NEW}


def test_what_is_below_is_named() -> None:
    measured = {"a.py": 79.9, "b.py": 80.0, "c.py": 5.0, "d.py": 50.0}
    told = floors.below(measured, {"a.py": 80, "b.py": 80, "gone.py": 90})
    assert told == [
        "a.py: 80 % covered by its own test, its floor is 80 %",
        "c.py: 5 % covered by its own test, its floor is 50 %, that of a file without one in tests/floors.txt",
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("src/whimbrel/a", "tests/a", "build/coverage"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "src/whimbrel/__init__.py").touch()
    (tmp_path / "src/whimbrel/a/__init__.py").touch()
    (tmp_path / "src/whimbrel/a/b.py").write_text(SOURCE)
    (tmp_path / "tests/mirror.toml").write_text("elsewhere = []\n")
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "tests/conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    return tmp_path


def run(project: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "pytest", "-q", "--cov", "--cov-context=test", "--cov-report=", "tests"]
    here = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    here["PYTHONPATH"] = str(project / "src")
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env=here)
    assert done.returncode == 0, done.stdout + done.stderr
    code = "import json, pathlib, sys; from tools import floors; json.dump(floors.measure(pathlib.Path()), sys.stdout)"
    said = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        cwd=project, capture_output=True, text=True, check=True, env=here,
    )  # fmt: skip
    values: dict[str, float] = json.loads(said.stdout)
    return values


def test_only_a_files_own_test_counts(project: Path) -> None:
    (project / "tests/a/test_b.py").write_text(TEST.format(name="double", code="assert double(1) == 2"))
    (project / "tests/a/test_other.py").write_text(TEST.format(name="Thing", code="Thing().grow()"))
    assert run(project) == {"a/b.py": 50.0}


def test_what_runs_in_a_process_of_the_test_counts(project: Path) -> None:
    (project / "tests/a/test_b.py").write_text(IN_A_PROCESS)
    assert run(project) == {"a/b.py": 50.0}
