from __future__ import annotations

from pathlib import Path

import pytest
from tools.generated import WRITERS, main

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_is_what_the_code_says() -> None:
    assert main(["--check"], ROOT) == 0


def test_what_is_out_of_date_is_named_and_then_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in WRITERS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text((ROOT / path).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "docs" / "events.md").write_text("old\n")
    (tmp_path / "config" / "whimbrel.yaml").unlink()
    assert main(["--check"], tmp_path) == 1
    told = capsys.readouterr().err
    assert ("docs/events.md" in told, "config/whimbrel.yaml" in told, "detections.md" in told) == (True, True, False)
    assert main([], tmp_path) == 0
    for path in WRITERS:
        assert (tmp_path / path).read_bytes() == (ROOT / path).read_bytes()
