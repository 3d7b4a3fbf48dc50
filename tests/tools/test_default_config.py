"""What `make run` runs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.config import load
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.modules.sniffer import SnifferSettings

ROOT = Path(__file__).parents[2]


def chosen(folder: Path, *scene: str) -> Path:
    """Return the settings that the program names."""
    return folder / printed(folder, *scene).stdout.strip()


def printed(folder: Path, *scene: str) -> subprocess.CompletedProcess[str]:
    """Run it in a folder that has copies of those that it needs."""
    for name in ("config", "tools", "src/whimbrel/drivers/sim/scenes"):
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
    return subprocess.run(
        ["tools/default-config", *scene], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("scene", ["home", "attack", "cafe", "day", "campus"])
def test_a_scene(tmp_path: Path, scene: str) -> None:
    sniffer = load(chosen(tmp_path, scene)).modules["sniffer"]
    assert isinstance(sniffer, SnifferSettings)
    sim = sniffer.section("source")
    assert isinstance(sim, SimSettings)
    assert sim.scene == scene


def test_a_scene_that_there_is_not_is_named(tmp_path: Path) -> None:
    done = printed(tmp_path, "atack")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "there is no scene atack; there are attack cafe campus day home \n"
