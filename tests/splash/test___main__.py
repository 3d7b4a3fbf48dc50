from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from tests.drivers.panel.oled_controllers import Ssd1306
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
        ("waveshare-lcd-1.3-hat", ["made", "spidev0.0.off", "spidev0.0.start"]),
        ("waveshare-epaper-2.13-hat", ["made", "spidev0.0.off", "spidev0.0.start"]),
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


def test_a_light_is_not_dimmed_and_paper_says_that_it_may_be_unplugged(tmp_path: Path) -> None:
    from tests.drivers.panel.lcd_controllers import Lcd
    from tests.drivers.panel.paper_controller import Paper

    program.main([str(CONFIG / "waveshare-lcd-1.3-hat.yaml"), str(tmp_path)])
    brightest = []
    for name in ("start", "off"):
        lcd = Lcd(240, 320)
        play.play((tmp_path / f"spidev0.0.{name}").read_bytes(), cast("Any", Glass(lcd)))
        brightest.append(sum(row[:240].count(0xF7BE | 1) for row in lcd.memory[:240]))
    assert all(number > 100 for number in brightest), "the name, in full light"
    program.main([str(CONFIG / "waveshare-epaper-2.13-hat.yaml"), str(tmp_path)])
    start, off = Paper(), Paper()
    for controller, name in ((start, "start"), (off, "off")):
        play.play((tmp_path / f"spidev0.0.{name}").read_bytes(), cast("Any", Glass(controller)))
        assert 1000 < sum(controller.waveshare().convert("L").histogram()[255:]) < 8000, "a bird and words"
    assert start.glass != off.glass


def test_the_pictures_have_the_time_of_their_settings(tmp_path: Path) -> None:
    """By which the unit finds settings that have changed since, also while the pictures were made."""
    settings, folder = tmp_path / "settings.yaml", tmp_path / "pictures"
    settings.write_bytes((CONFIG / "adafruit-oled-bonnet.yaml").read_bytes())
    assert is_due(settings, folder), "there is none yet"
    program.main([str(settings), str(folder)])
    assert not is_due(settings, folder)
    for ns in (settings.stat().st_mtime_ns + 1000, settings.stat().st_mtime_ns - 10**15):
        os.utime(settings, ns=(ns, ns))
        assert is_due(settings, folder), "edited, or put back from a copy"
        program.main([str(settings), str(folder)])
        assert not is_due(settings, folder)


def is_due(settings: Path, folder: Path) -> bool:
    """Return what the unit's own condition says, with the paths of the test in place of the device's."""
    unit = (Path(__file__).parents[2] / "systemd" / "whimbrel-splash-make.service").read_text()
    command = re.search(r"^ExecCondition=/bin/sh -c '(.*)'$", unit, re.MULTILINE)
    assert command
    folder.mkdir(exist_ok=True)
    line = command[1].replace("$$", "$").replace(program.FOLDER, str(folder)).replace(play.SETTINGS, str(settings))
    assert str(folder) in line
    assert str(settings) in line
    return subprocess.run(["/bin/sh", "-c", line], check=False).returncode == 0


def test_settings_that_change_meanwhile_are_drawn_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, folder = tmp_path / "settings.yaml", tmp_path / "pictures"
    settings.write_bytes((CONFIG / "adafruit-oled-bonnet.yaml").read_bytes())
    write = program.write

    def change_once(made: dict[str, bytes], folder: Path, of: int) -> None:
        write(made, folder, of)
        if "i2c-1.start" in names(folder):
            settings.write_bytes((CONFIG / "waveshare-oled-hat.yaml").read_bytes())
            os.utime(settings, ns=(of + 1, of + 1))

    monkeypatch.setattr(program, "write", change_once)
    assert program.main([str(settings), str(folder)]) == 0
    assert names(folder) == ["made", "spidev0.0.off", "spidev0.0.start"]


def test_without_luma_there_is_no_picture_and_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "luma.core.error", None)
    assert program.main([str(CONFIG / "adafruit-oled-bonnet.yaml"), str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert said.startswith("<6>no picture for the start was made: the display needs luma")
    assert names(tmp_path) == [], "the next start tries again"


def test_wrong_settings_leave_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.main([str(CONFIG / "adafruit-oled-bonnet.yaml"), str(tmp_path)])
    wrong = tmp_path.parent / "wrong.yaml"
    wrong.write_text("modules: 3\n")
    assert program.main([str(wrong), str(tmp_path)]) == 0
    assert capsys.readouterr().err.startswith("<6>no picture for the start was made")
    assert "i2c-1.start" in names(tmp_path)
