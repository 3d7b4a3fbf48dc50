from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.cli import exits, main

SETTINGS = """---
modules:
  sniffer: {source: sim, tuner: sim}
  watcher: {guarded: [{ssid: Annas Heimnetz}]}
  display: {driver: epaper, epaper: {board: inky-phat, dc: 22}}
...
"""


def test_it_tells_the_hardware_and_nothing_private(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "whimbrel.yaml"
    settings.write_text(SETTINGS)
    asked = ["report-hardware", "--config", str(settings), "--socket", str(tmp_path / "none")]
    assert main(asked) == exits.OK
    told = capsys.readouterr().out
    assert "[machine]\nkernel: " in told
    assert "modules.display.epaper.board: inky-phat" in told
    assert "does not answer here" in told
    assert "Annas" not in told
    assert str(tmp_path) not in told


def test_wrong_settings_are_counted_and_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "whimbrel.yaml"
    settings.write_text("modules: {secret-name: }\n")
    assert main(["report-hardware", "--config", str(settings), "--socket", str(tmp_path / "none")]) == exits.OK
    told = capsys.readouterr().out
    assert "settings: wrong: 1 mistakes" in told
    assert "secret-name" not in told
