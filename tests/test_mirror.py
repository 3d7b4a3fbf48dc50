"""Every source file has a test of its own, or a stated reason to be covered by another."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import mirror

ROOT = Path(__file__).resolve().parents[1]


def test_every_source_file_has_its_own_test() -> None:
    assert mirror.read(ROOT).problems == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project in which a/b.py and a/__init__.py have tests of their own, and a/c.py is covered elsewhere."""
    for path in ("src/whimbrel/a/__init__.py", "src/whimbrel/a/b.py", "src/whimbrel/a/c.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x = 1\n" * 20)
    for path in ("tests/a/test_a.py", "tests/a/test_b.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    say(tmp_path, "a/c.py", "a/test_b.py")
    return tmp_path


def say(project: Path, source: str, test: str) -> None:
    text = f'[[elsewhere]]\nwhy = "it is small"\n[elsewhere.by]\n"{source}" = "{test}"\n'
    (project / "tests/mirror.toml").write_text(text)


def test_by_name_or_by_the_list(project: Path) -> None:
    assert mirror.read(project) == (
        {"a/__init__.py": "a/test_a.py", "a/b.py": "a/test_b.py", "a/c.py": "a/test_b.py"},
        [],
    )


def test_a_folder_of_sources_may_be_covered_as_a_whole(project: Path) -> None:
    say(project, "a/", "a")
    assert mirror.read(project) == (
        {"a/__init__.py": "a/test_a.py", "a/b.py": "a/test_b.py", "a/c.py": "a"},
        [],
    )
    (project / "src/whimbrel/a/c.py").unlink()
    (problem,) = mirror.read(project).problems
    assert problem == "tests/mirror.toml: nothing needs a/: take the line out"


def test_a_source_without_a_test_is_named(project: Path) -> None:
    (project / "src/whimbrel/new.py").write_text("x = 1\n" * 20)
    (problem,) = mirror.read(project).problems
    assert "src/whimbrel/new.py has no test: write tests/test_new.py" in problem
    (project / "src/whimbrel/new.py").write_text("from whimbrel.a import b\n")
    assert mirror.read(project).problems == []


@pytest.mark.parametrize(
    ("source", "test", "problem"),
    [
        ("a/b.py", "a/test_a.py", "a/b.py has a test of its own, tests/a/test_b.py: take the line out"),
        ("a/c.py", "a/test_gone.py", "there is no tests/a/test_gone.py, which is to cover a/c.py"),
        ("a/gone.py", "a/test_b.py", "nothing needs a/gone.py: take the line out"),
    ],
)
def test_a_line_that_is_out_of_date_is_named(project: Path, source: str, test: str, problem: str) -> None:
    say(project, source, test)
    assert f"tests/mirror.toml: {problem}" in mirror.read(project).problems
