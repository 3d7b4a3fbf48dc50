"""No test polls by hand: `tests.lab.waiting` does, with a generous limit, and says what it last saw."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
APART = ("lab", "e2e", "vm", "pi", "process/modules", "process/overload.py", "plugin")
"""The poller itself; what runs in other machines, without our tests; modules that misbehave on purpose; a measurement
that asks at a pace."""


def loops_with_a_pause(source: str) -> list[int]:
    """Return the lines of the loops in which somebody sleeps for a time, other than to give the loop a turn."""
    return [
        loop.lineno
        for loop in ast.walk(ast.parse(source))
        if isinstance(loop, ast.While) and any(_sleeps(node) for node in ast.walk(loop))
    ]


def _sleeps(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep"):
        return False
    return not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)


def test_nobody_polls_by_hand() -> None:
    found = [
        f"{path.relative_to(HERE.parent)}:{line}: a loop that sleeps: use tests.lab.waiting"
        for path in sorted(HERE.rglob("*.py"))
        if not str(path.relative_to(HERE)).startswith(APART)
        for line in loops_with_a_pause(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("while not x:\n    time.sleep(0.1)\n", [1]),
        (
            "async def f():\n    while True:\n        if x:\n            return\n        await asyncio.sleep(PAUSE)\n",
            [2],
        ),
        ("while True:\n    asyncio.sleep(0)\n", []),
        ("time.sleep(1)\nwhile True:\n    x()\n", []),
    ],
)
def test_what_counts_as_polling(source: str, lines: list[int]) -> None:
    assert loops_with_a_pause(source) == lines
