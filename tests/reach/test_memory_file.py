"""The ledger's memory on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.reach import memory_file
from whimbrel.reach.ledger import LedgerMemory


def test_it_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "there" / "reach.json"
    assert memory_file.read(path) is None
    memory = LedgerMemory(7, frozenset({"5", "7"}), frozenset({"5"}))
    memory_file.write(path, memory)
    assert memory_file.read(path) == memory


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 2}', '{"version": 1, "number": -1, "alerts": [], "incidents": []}',
     '{"version": 1, "number": 1, "alerts": 3, "incidents": []}', '{"version": 1}'],
)  # fmt: skip
def test_a_damaged_one_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "reach.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"."):
        memory_file.read(path)


@given(st.binary(max_size=200))
def test_nothing_else_is_raised(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "memory"
    path.write_bytes(content)
    try:
        memory_file.read(path)
    except ValueError:
        return
