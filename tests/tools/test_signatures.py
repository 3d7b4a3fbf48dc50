from __future__ import annotations

from pathlib import Path

import pytest
from tools.signatures import FOLDER, read, render

from whimbrel.settings.problems import ConfigError


def test_the_folder_is_what_the_device_reads() -> None:
    names: dict[str, object] = {}
    exec(render(), names)
    made = names["SIGNATURES"]
    assert isinstance(made, tuple)
    assert [each["name"] for each in made] == [one.name for path in sorted(FOLDER.glob("*.yaml")) for one in read(path)]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("signatures:\n  - name: x\n    ssids: [camera]\n    source: y\n", 2, "date"),
        ("signatures:\n  - {name: x, ssids: [abc], source: y, date: 2026-11-30}\n", 2, "four characters"),
        ("signatures:\n  - name: x\n    colour: red\n", 3, "colour"),
        ("signatures:\n  - {name: x, address: '001122', source: y, date: 2026-11-30}\n", 2, "whole maker"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, word: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert any(problem.line == line and word in str(problem) for problem in caught.value.problems)
