"""Mutants are judged in a copy; what no test can notice is none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tools.mutate import ROOT, Copy, Mutant, differs, sources


@pytest.mark.parametrize(
    ("before", "after", "different"),
    [
        ("x = 1\n", "x = 2\n", True),
        ("def f(a: int | str) -> int: ...\n", "def f(a: int & str) -> str: ...\n", False),
        ("x: int | str = 1\n", "x: int & str = 1\n", False),
        ("x = 1\n", "x  =  1  # more\n", False),
        ("x = 1\n", "x = = 1\n", False),
    ],
)
def test_what_can_be_noticed(before: str, after: str, different: bool) -> None:
    assert differs(before, after) is different


def test_a_package_is_its_files_with_their_tests_and_a_module_one() -> None:
    assert sources("supervisor") == {"supervisor.py": "test_supervisor.py"}
    assert sources("bus")["bus/door.py"] == "bus/test_door.py"
    assert all(source.startswith("bus/") for source in sources("bus"))


def test_a_test_notices_what_it_tests_and_leaves_the_copy_as_it_was(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy")
    text = (ROOT / "src/whimbrel/geo.py").read_text(encoding="utf-8")
    broken = ast.unparse(ast.parse(text)) + "\nraise RuntimeError\n"
    assert copy.notices(Mutant("geo.py", "broken", "", broken), "test_geo.py")
    assert not copy.notices(Mutant("geo.py", "nothing", "", text + "# more\n"), "test_geo.py")
    assert (tmp_path / "copy/src/whimbrel/geo.py").read_text(encoding="utf-8") == text
