"""A driver of another package is chosen by its name, with settings of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.process.daemon import SIMULATED, DaemonProcess
from tests.test_plugin import installed  # noqa: F401  # a fixture

DISPLAY = "  display: {{driver: textfile, textfile: {{path: {path}, ink: X}}, rate: 30, idle_rate: 30}}\n"


def check(folder: Path, site: Path | None, text: str) -> subprocess.CompletedProcess[str]:
    config = folder / "whimbrel.yaml"
    config.write_text(SIMULATED + text)
    return subprocess.run(
        [sys.executable, "-m", "whimbrel", "check", "--config", str(config)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | ({"PYTHONPATH": str(site)} if site else {}),
    )


def test_the_daemon_shows_its_screen_on_it(installed: Path, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "panel.txt"
    with DaemonProcess(
        tmp_path, SIMULATED + DISPLAY.format(path=path), environment={"PYTHONPATH": str(installed)}
    ) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("display", "ready")
        daemon.wait_until(lambda: path.exists() and "X" in path.read_text(), "image in the file")
        lines = path.read_text().splitlines()
        assert (len(lines), {len(line) for line in lines}) == (64, {128})
        assert daemon.stop() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DISPLAY.format(path="/nowhere/panel.txt"), "modules.display.textfile.path: there is no folder /nowhere"),
        ("  display: {driver: textfile}\n", "modules.display.textfile: expected settings by name (path, ink)"),
        ("  display: {driver: textfile, textfile: {path: /x, inc: X}}\n", "did you mean ink?"),
        ("  display: {driver: textfil}\n", "modules.display.driver: expected one of oled, epaper, terminal, png, none"),
    ],
)
def test_its_settings_are_checked_as_the_projects_own(
    installed: Path,  # noqa: F811
    tmp_path: Path,
    text: str,
    said: str,
) -> None:
    done = check(tmp_path, installed, text)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


def test_without_the_package_there_is_no_such_driver(tmp_path: Path) -> None:
    done = check(tmp_path, None, DISPLAY.format(path=tmp_path / "panel.txt"))
    assert done.returncode == 3
    assert "expected one of oled, epaper, terminal, png, none, found textfile" in done.stderr
