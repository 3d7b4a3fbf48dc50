"""The tables of docs/reliability.md name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools import torture

ROOT = Path(__file__).resolve().parents[2]
ROWS = torture.faults((ROOT / torture.PAGE).read_text(encoding="utf-8"))


def test_every_table_has_rows_with_tests() -> None:
    assert len(ROWS) > 15
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_the_checks_of_the_virtual_machine_are_there() -> None:
    page = (ROOT / torture.PAGE).read_text(encoding="utf-8")
    table = page.partition("\n## In the virtual machine\n")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    named = [re.findall(r"\*([^*]+)\*", row.rstrip(" |").rpartition("|")[2]) for row in rows]
    assert len(named) > 5
    assert all(named), "each row names its check"
    listed = (ROOT / "tests/e2e/guest/__main__.py").read_text(encoding="utf-8")
    assert all(f".{name.replace(' ', '_')},\n" in listed for names in named for name in names), named


def test_no_table_is_broken() -> None:
    lines = (ROOT / torture.PAGE).read_text(encoding="utf-8").splitlines()
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        assert line or not (before.startswith("| ") and after.startswith("| ")), f"a blank line within a table: {after}"


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
    (tmp_path / "tests/test_it.py").write_text(
        "import pytest\ndef test_good(): pass\ndef test_bad(): assert 0\n"
        "@pytest.mark.skip(reason='no | tun')\ndef test_absent(): pass\n"
    )
    (tmp_path / torture.PAGE).write_text(
        "| good: a | b | c | `tests/test_it.py -k good` |\n| bad: a | b | c | `tests/test_it.py` |\n"
        "| absent: a | b | c | `tests/test_it.py -k absent` |\n"
        "| void: a | b | c | `tests/test_it.py -k nothing` |\n"
    )
    assert torture.main(["good"]) == 0
    assert torture.main([]) == 1
    assert torture.main(["void"]) == 1, "a row whose tests are not there"
    assert torture.main(["good", "absent"]) == 2, "a row without a test that ran has not passed"
    report = (tmp_path / torture.REPORT).read_text()
    assert "SKIPPED: 1 skipped" in report
    assert "; no / tun |" in report
    assert torture.main(["--minutes", "0"]) == 1
    assert torture.main(["nothing"]) == 1


@pytest.mark.parametrize(
    ("status", "last", "result"),
    [
        (0, "3 passed in 1s", "passed"), (0, "3 passed, 1 skipped in 1s", "in part"), (0, "2 skipped in 1s", "SKIPPED"),
        (1, "1 failed, 3 passed in 1s", "FAILED"), (5, "no tests ran in 0s", "FAILED"), (0, "4 deselected", "SKIPPED"),
    ],
)  # fmt: skip
def test_a_skip_is_a_result_of_its_own(status: int, last: str, result: str) -> None:
    assert torture.outcome(status, f"...\n{last}\n").startswith(f"{result}: ")
