from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from tests.drivers.panel.controllers import Ssd1306
from tests.splash.test_recorded import Glass

from whimbrel.splash import __main__ as program
from whimbrel.splash import play

CONFIG = Path(__file__).parents[2] / "config"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("hat", "files"),
    [
        ("adafruit-oled-bonnet", ["i2c-1.off", "i2c-1.start", "made"]),
        ("waveshare-oled-hat", ["made", "spidev0.0.off", "spidev0.0.start"]),
        ("waveshare-lcd-1.3-hat", ["made", "spidev0.0.start"]),
        ("waveshare-epaper-2.13-hat", ["made"]),
        ("demo-headless", ["made"]),
    ],
)
def test_each_panel_gets_its_pictures(tmp_path: Path, hat: str, files: list[str]) -> None:
    assert program.main([str(CONFIG / f"{hat}.yaml"), str(tmp_path)]) == 0
    assert names(tmp_path) == files


def test_they_are_the_products_own_and_the_last_one_is_dim(tmp_path: Path) -> None:
    assert program.main([str(CONFIG / "adafruit-oled-bonnet.yaml"), str(tmp_path)]) == 0
    start, off = Ssd1306(), Ssd1306()
    for controller, name in ((start, "start"), (off, "off")):
        play.play((tmp_path / f"i2c-1.{name}").read_bytes(), cast("Any", Glass(controller)))
        assert controller.lit
        assert 400 < sum(controller.image.convert("L").histogram()[255:]) < 4000, "a bird and words"
    assert start.image.tobytes() != off.image.tobytes()
    assert off.contrast < 10 < start.contrast


def test_other_settings_replace_them(tmp_path: Path) -> None:
    program.main([str(CONFIG / "adafruit-oled-bonnet.yaml"), str(tmp_path)])
    before = (tmp_path / "i2c-1.start").stat()
    program.main([str(CONFIG / "adafruit-oled-bonnet.yaml"), str(tmp_path)])
    assert (tmp_path / "i2c-1.start").stat().st_ino == before.st_ino, (
        "what is there already was written to the card again"
    )
    program.main([str(CONFIG / "waveshare-oled-hat.yaml"), str(tmp_path)])
    assert names(tmp_path) == ["made", "spidev0.0.off", "spidev0.0.start"]


def test_wrong_settings_leave_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.main([str(CONFIG / "adafruit-oled-bonnet.yaml"), str(tmp_path)])
    wrong = tmp_path.parent / "wrong.yaml"
    wrong.write_text("modules: 3\n")
    assert program.main([str(wrong), str(tmp_path)]) == 1
    assert "no picture for the start was made" in capsys.readouterr().err
    assert "i2c-1.start" in names(tmp_path)
