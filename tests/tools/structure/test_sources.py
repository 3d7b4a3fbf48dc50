from __future__ import annotations

import subprocess
from pathlib import Path, PurePath

from tools.structure import sources


def test_modules_are_called_by_their_dotted_names() -> None:
    assert sources.module_name(PurePath("whimbrel/bus/__init__.py")) == "whimbrel.bus"
    assert sources.module_name(PurePath("whimbrel/bus/door.py")) == "whimbrel.bus.door"


def test_a_module_is_found_in_its_file() -> None:
    assert sources.path_of("whimbrel.bus") == "src/whimbrel/bus/__init__.py"
    assert sources.path_of("whimbrel.bus.door") == "src/whimbrel/bus/door.py"


def test_a_commit_is_read_as_a_folder_is(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "whimbrel"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Ä."""\n', encoding="utf-8")
    (folder / "late.py").write_text("import whimbrel\n")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    there = sources.in_folder(tmp_path / "src")
    assert there == {"whimbrel": '"""Ä."""\n', "whimbrel.late": "import whimbrel\n"}
    (folder / "late.py").write_text("")
    assert sources.in_commit("HEAD", tmp_path) == there
