"""No test starts a process that a failure leaves behind: `tests.lab.child` ends it with its `with` block.

None looks at the modules or the memory of an interpreter in which `make coverage` starts coverage.py: `tests.lab.fresh`
starts one without.
"""

from __future__ import annotations

import ast
import re
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


_LOOKS = re.compile(r"sys\.modules(?!\[)|/proc/self/(status|statm|smaps)")
"""A look at the modules or the memory of the own process."""


def measured(source: str) -> list[int]:
    """Return the lines of the code for other interpreters that looks at them, where not `fresh` runs it.

    With ``-S`` an interpreter reads no .pth file, which is how coverage.py starts in it.
    """
    tree = ast.parse(source)
    commands = [node for node in ast.walk(tree) if isinstance(node, ast.List | ast.Tuple) and _runs_code(node)]
    looks = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _LOOKS.search(node.value)
    ]
    return looks if commands else []


def _runs_code(command: ast.List | ast.Tuple) -> bool:
    words = [ast.unparse(word) for word in command.elts]
    return words[:1] == ["sys.executable"] and "'-c'" in words and "'-S'" not in words


def test_what_an_interpreter_imports_is_not_seen_under_coverage() -> None:
    found = [
        f"{path.relative_to(HERE.parent)}:{line}: use tests.lab.fresh.fresh"
        for path in sorted(HERE.rglob("*.py"))
        if not str(path.relative_to(HERE)).startswith(("lab/fresh.py", "test_children.py", *APART))
        for line in measured(path.read_text(encoding="utf-8"))
    ]
    assert found == []


CODE = "import sys; print('ssl' in sys.modules)"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (f"code = {CODE!r}\nrun([sys.executable, '-c', code])\n", [1]),
        (f"code = {CODE!r}\nrun((sys.executable, '-u', '-c', code))\n", [1]),
        ("run([sys.executable, '-c', f'{code}; open(\"/proc/self/status\")'])\n", [1]),
        (f"code = {CODE!r}\nrun([sys.executable, '-S', '-c', code])\n", []),
        (f"fresh({CODE!r})\n", []),
        ("run([sys.executable, '-c', 'import sys; sys.modules[\"ssl\"] = None'])\n", []),
        ("run([sys.executable, '-c', code])\nassert 'ssl' in sys.modules\n", []),
    ],
)
def test_the_kinds_of_looks(source: str, lines: list[int]) -> None:
    assert measured(source) == lines
