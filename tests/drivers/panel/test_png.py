from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.drivers.panel.controllers import picture

from whimbrel.drivers.panel.png import PngPanel
from whimbrel.drivers.panel.settings import PngSettings
from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady


def read(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("1")


def test_the_newest_image_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "panel.png"
    panel = PngPanel(PngSettings(path=path))
    panel.open()
    for seed in (1, 2):
        panel.show(picture(seed))
        assert read(path).tobytes() == picture(seed).tobytes()
    assert [file.name for file in tmp_path.iterdir()] == ["panel.png"]
    panel.close()
    assert read(path).getbbox() is None


def test_scaled(tmp_path: Path) -> None:
    panel = PngPanel(PngSettings(path=tmp_path / "panel.png", scale=3))
    panel.open()
    panel.show(image := picture())
    large = read(tmp_path / "panel.png")
    assert large.size == (384, 192)
    assert large.resize((128, 64), resample=0).tobytes() == image.tobytes()


def test_dark(tmp_path: Path) -> None:
    panel = PngPanel(PngSettings(path=tmp_path / "panel.png"))
    panel.open()
    panel.show(picture())
    panel.dim(0)
    assert read(tmp_path / "panel.png").getbbox() is None
    panel.dim(0.5)
    assert read(tmp_path / "panel.png").tobytes() == picture().tobytes()


def test_a_deleted_file_is_written_again(tmp_path: Path) -> None:
    panel = PngPanel(PngSettings(path=tmp_path / "panel.png"))
    panel.open()
    assert not panel.stale()
    panel.show(picture())
    assert not panel.stale()
    (tmp_path / "panel.png").unlink()
    assert panel.stale()


def test_no_place_for_the_file(tmp_path: Path) -> None:
    settings = PngSettings(path=tmp_path / "missing" / "panel.png")
    with pytest.raises(NotReady, match="no folder"):
        PngPanel(settings).open()
    assert [where for where, _ in PngPanel.check(settings)] == ["path"]
    with pytest.raises(NotReady, match="is a folder"):
        PngPanel(PngSettings(path=tmp_path)).open()


def test_the_folder_goes(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    panel = PngPanel(PngSettings(path=tmp_path / "run" / "panel.png"))
    panel.open()
    (tmp_path / "run").rmdir()
    with pytest.raises(PanelGone, match="cannot write"):
        panel.show(picture())
    panel.close()
