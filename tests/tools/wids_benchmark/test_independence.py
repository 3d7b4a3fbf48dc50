"""The package is of use to others: it needs the standard library, scapy for real captures, and nothing of Whimbrel."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[3] / "tools" / "wids_benchmark"
ALLOWED = {"scapy", "tools.wids_benchmark"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_it_imports_nothing_else() -> None:
    foreign = {
        f"{path.name}: {name}"
        for path in PACKAGE.rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == allowed or name.startswith(f"{allowed}.") for allowed in ALLOWED)
    }
    assert not foreign
    assert len(list(PACKAGE.rglob("*.py"))) > 20


def test_it_says_what_may_be_done_with_it() -> None:
    assert "GPL-2.0-or-later" in (PACKAGE / "LICENSE").read_text()
    assert "## Licence" in (PACKAGE / "README.md").read_text()
