"""The contract of every driver of the port `Panel`."""

from __future__ import annotations

import os
import pty
import struct
from collections.abc import Callable, Iterator
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any

import pytest
from tests.contracts.benches import bench_for
from tests.drivers.panel.controllers import mock_pins, picture, wire_i2c, wire_spi
from tests.drivers.panel.oled_controllers import Sh1106, Ssd1306
from tests.drivers.panel.paper_controller import Paper

from whimbrel.drivers.panel.settings import EpaperSettings, NoneSettings, OledSettings, PngSettings, TerminalSettings
from whimbrel.drivers.ports import Panel, PanelGone
from whimbrel.drivers.registry import PANELS
from whimbrel.module import NotReady


class Rig:
    """A panel that can be made, and the world around it."""

    def __init__(self, name: str, settings: Any, break_: Callable[[], object] | None = None) -> None:
        self.driver = PANELS.load(name)
        self.settings = settings
        self.break_ = break_
        """Removes the driver's resource; None if the driver cannot notice that."""

    def make(self) -> Panel:
        return self.driver(self.settings)


def _oled_i2c(monkeypatch: pytest.MonkeyPatch, _path: Path) -> Iterator[Rig]:
    wire = wire_i2c(monkeypatch, Ssd1306())
    yield Rig("oled", OledSettings(), wire.unplug)
    assert wire.opened == 0


def _oled_spi(monkeypatch: pytest.MonkeyPatch, _path: Path) -> Iterator[Rig]:
    for pins in mock_pins():
        wire = wire_spi(monkeypatch, Sh1106(), pins)
        yield Rig("oled", OledSettings(chip="sh1106", bus="spi", rotate=1))
        assert wire.opened == 0


def _terminal(_monkeypatch: pytest.MonkeyPatch, _path: Path) -> Iterator[Rig]:
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    os.set_blocking(master, False)
    yield Rig(
        "terminal",
        TerminalSettings(device=Path(os.ttyname(slave))),
        lambda: ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", 4, 10, 0, 0)),
    )
    os.close(master)
    os.close(slave)


def _png(_monkeypatch: pytest.MonkeyPatch, path: Path) -> Iterator[Rig]:
    (path / "run").mkdir()
    yield Rig("png", PngSettings(path=path / "run" / "panel.png"), lambda: (path / "run").rename(path / "gone"))


def _epaper(monkeypatch: pytest.MonkeyPatch, _path: Path) -> Iterator[Rig]:
    for pins in mock_pins():
        wire = wire_spi(monkeypatch, Paper(), pins, 25)
        yield Rig("epaper", EpaperSettings())
        assert wire.opened == 0


def _none(_monkeypatch: pytest.MonkeyPatch, _path: Path) -> Iterator[Rig]:
    yield Rig("none", NoneSettings())


BENCHES = {"oled": (_oled_i2c, _oled_spi), "terminal": (_terminal,), "png": (_png,), "none": (_none,)}
BENCHES["epaper"] = (_epaper,)


@pytest.fixture(params=[(name, at) for name in PANELS.drivers for at in range(len(BENCHES.get(name, (None,))))])
def rig(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Rig]:
    name, at = request.param
    yield from bench_for(PANELS, name, BENCHES, __name__)[at](monkeypatch, tmp_path)


def test_says_what_it_is_before_it_is_open(rig: Rig) -> None:
    panel = rig.make()
    assert panel.description
    assert "\n" not in panel.description
    assert panel.mode in {"1", "RGB"}
    assert all(0 < side <= 1024 for side in panel.size)


def test_check_finds_nothing_where_all_is_there(rig: Rig) -> None:
    assert not list(rig.driver.check(rig.settings))


def test_shows_dims_and_closes(rig: Rig) -> None:
    panel = rig.make()
    panel.open()
    panel.show(picture(1, panel.size))
    assert not panel.stale()
    for level in (0.1, 0.0, 0.0, 1.0):
        panel.dim(level)
        panel.show(picture(2, panel.size))
    panel.close()


def test_may_be_opened_again(rig: Rig) -> None:
    panel = rig.make()
    for seed in range(3):
        panel.open()
        panel.show(picture(seed, panel.size))
        panel.close()


def test_close_may_come_at_any_time(rig: Rig) -> None:
    panel = rig.make()
    panel.close()
    panel.open()
    panel.close()
    panel.close()


def test_the_image_is_not_changed(rig: Rig) -> None:
    panel = rig.make()
    panel.open()
    image = picture(1, panel.size)
    panel.show(image)
    assert image.tobytes() == picture(1, panel.size).tobytes()
    panel.close()


def test_what_goes_is_noticed_in_one_line(rig: Rig) -> None:
    if rig.break_ is None:
        pytest.skip("this panel cannot tell")
    panel = rig.make()
    panel.open()
    panel.show(picture(1, panel.size))
    rig.break_()
    with pytest.raises(PanelGone) as gone:
        panel.show(picture(2, panel.size))
    assert str(gone.value)
    assert "\n" not in str(gone.value)
    panel.close()
    with pytest.raises(NotReady) as missing:
        panel.open()
    assert str(missing.value)
    assert "\n" not in str(missing.value)
    panel.close()
