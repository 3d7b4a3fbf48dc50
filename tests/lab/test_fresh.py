from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.lab.fresh import fresh, unmeasured

NAMES = "import sys; print(*sys.argv[1:], *sys.modules)"


def test_its_modules_are_those_of_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "coverage.toml"
    settings.write_text(f'[tool.coverage.run]\nparallel = true\ndata_file = "{tmp_path}/data"\n')
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(settings))
    first, second, *names = fresh(NAMES, "a b", "c").stdout.split(" ", 2)
    assert (first, second) == ("a", "b")
    assert not {"coverage", "ssl", "sqlite3", "shutil"} & set(names[0].split())
    assert list(tmp_path.iterdir()) == [settings]


def test_the_rest_of_the_environment_stays() -> None:
    given = {"COVERAGE_PROCESS_START": "x", "COVERAGE_FILE": "y", "PATH": os.environ["PATH"], "TIDE": "high"}
    assert unmeasured(given) == {"PATH": os.environ["PATH"], "TIDE": "high"}
    assert fresh("import os; print(os.environ['TIDE'])", environment=given).stdout == "high\n"


def test_a_failure_says_its_error() -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        fresh("1 / 0")
