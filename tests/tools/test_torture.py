"""The tables of docs/reliability.md name tests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import torture

ROOT = Path(__file__).resolve().parents[2]
ROWS = torture.faults((ROOT / torture.PAGE).read_text(encoding="utf-8"))


def test_every_table_has_rows_with_tests() -> None:
    assert len(ROWS) > 15
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name[:40])
def test_what_a_row_names_is_there(row: torture.Fault) -> None:
    names = row.tests[: row.tests.index("-k")] if "-k" in row.tests else row.tests
    assert all((ROOT / name).exists() for name in names), row
    if "-k" in row.tests:
        text = "".join((ROOT / name).read_text() for name in names if (ROOT / name).is_file())
        words = row.tests[row.tests.index("-k") + 1].split(" or ")
        assert all(word.strip() in text for word in words), row


def test_a_failing_row_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_it.py").write_text("def test_good(): pass\ndef test_bad(): assert 0\n")
    (tmp_path / torture.PAGE).write_text(
        "| good: a | b | c | `tests/test_it.py -k good` |\n| bad: a | b | c | `tests/test_it.py` |\n"
    )
    assert torture.main(["good"]) == 0
    assert torture.main([]) == 1
    assert torture.main(["--minutes", "0"]) == 1
    assert torture.main(["nothing"]) == 1
