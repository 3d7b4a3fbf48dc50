"""No test starts a process that a failure leaves behind: `tests.lab.child` ends it with its `with` block."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
APART = ("lab/child.py", "e2e", "vm", "pi", "plugin")
"""The class itself; what runs in other machines or ends with them."""


def unguarded(source: str) -> list[int]:
    """Return the lines that start a process by `subprocess.Popen` itself."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"subprocess.Popen", "Popen"}
    ]


def test_every_process_ends_with_its_test() -> None:
    found = [
        f"{path.relative_to(HERE.parent)}:{line}: use tests.lab.child.Child"
        for path in sorted(HERE.rglob("*.py"))
        if not str(path.relative_to(HERE)).startswith(APART)
        for line in unguarded(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("with subprocess.Popen([]) as process:\n    pass\n", [1]),
        ("process = Popen([])\n", [1]),
        ("with Child([]) as process:\n    pass\n", []),
        ("def f() -> subprocess.Popen[bytes]: ...\n", []),
    ],
)
def test_the_kinds_of_calls(source: str, lines: list[int]) -> None:
    assert unguarded(source) == lines
