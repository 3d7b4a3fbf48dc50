"""Completions and man pages from a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.packaging.install import WRITERS, main, share


def test_each_file_goes_where_its_reader_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHIMBREL_SOCKET", "/my/own/socket")
    assert main(["--prefix", str(tmp_path)]) == 0
    written = {str(path.relative_to(tmp_path / "share")): path for path in tmp_path.rglob("*") if path.is_file()}
    assert set(written) == set(WRITERS)
    assert "--watch" in written["bash-completion/completions/whimbrel"].read_text()
    assert written["zsh/site-functions/_whimbrel"].read_text().startswith("#compdef whimbrel")
    assert not [name for name, path in written.items() if "/my/own/socket" in path.read_text()]


@pytest.mark.parametrize(
    ("prefix", "environment", "folder"),
    [
        ("/usr/local", {"HOME": "/h"}, "/usr/local/share"),
        (None, {"HOME": "/h"}, "/h/.local/share"),
        (None, {"HOME": "/h", "XDG_DATA_HOME": "/data"}, "/data"),
        (None, {"HOME": "/h", "XDG_DATA_HOME": "relative"}, "/h/.local/share"),
    ],
)
def test_where(prefix: str | None, environment: dict[str, str], folder: str) -> None:
    assert share(prefix, environment) == Path(folder)
