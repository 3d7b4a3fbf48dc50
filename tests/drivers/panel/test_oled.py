from __future__ import annotations

import atexit
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.drivers.panel.controllers import mock_pins, picture, wire_i2c, wire_spi
from tests.drivers.panel.oled_controllers import Controller, Sh1106, Ssd1306

from whimbrel.drivers.panel.oled import OledPanel
from whimbrel.drivers.panel.settings import CHIPS, OledSettings
from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady
from whimbrel.settings import settings_of

PAIRS = [("ssd1306", Ssd1306), ("ssd1309", Ssd1306), ("sh1106", Sh1106)]


@pytest.fixture
def pins() -> Iterator[Any]:
    yield from mock_pins()


@pytest.mark.parametrize(("chip", "kind"), PAIRS)
@pytest.mark.parametrize("rotate", range(4))
def test_pixels_arrive_over_i2c(
    chip: str, kind: type[Controller], rotate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = kind()
    wire_i2c(monkeypatch, controller)
    panel = OledPanel(OledSettings(chip=chip, rotate=rotate))  # type: ignore[arg-type]
    panel.open()
    assert controller.lit
    assert controller.image.getbbox() is None, "black before the first image"
    image = picture(size=panel.size)
    panel.show(image)
    assert controller.image.tobytes() == image.rotate(-90 * rotate, expand=True).tobytes()
    panel.close()


@pytest.mark.parametrize(("chip", "kind"), PAIRS)
def test_pixels_arrive_over_spi(chip: str, kind: type[Controller], monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = kind()
    wire = wire_spi(monkeypatch, controller, pins)
    panel = OledPanel(OledSettings(chip=chip, bus="spi"))  # type: ignore[arg-type]
    panel.open()
    assert pins.pin(25).state, "out of reset"
    assert wire.hertz == 8_000_000
    panel.show(image := picture())
    assert controller.image.tobytes() == image.tobytes()
    panel.close()
    assert not controller.lit
    assert wire.opened == 0


@pytest.mark.parametrize(("width", "height"), [(128, 32), (64, 48), (64, 32)])
def test_small_panels(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    controller = Ssd1306(width, height)
    controller.left = (128 - width) // 2
    wire_i2c(monkeypatch, controller)
    panel = OledPanel(OledSettings(width=width, height=height))
    panel.open()
    panel.show(image := picture(size=(width, height)))
    assert controller.image.tobytes() == image.tobytes()
    panel.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:luma")
def test_colours(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = Ssd1306()
    sent = bytearray()
    monkeypatch.setattr(controller, "data", sent.extend)
    wire_spi(monkeypatch, controller, pins)
    panel = OledPanel(OledSettings(chip="ssd1351", bus="spi"))
    assert (panel.mode, panel.size) == ("RGB", (128, 128))
    panel.open()
    panel.show(Image.new("RGB", panel.size, "white"))
    assert sent.count(0xFF) > 100
    panel.close()


@pytest.mark.parametrize(("chip", "kind"), PAIRS)
def test_only_changed_pages_are_sent(chip: str, kind: type[Controller], monkeypatch: pytest.MonkeyPatch) -> None:
    controller = kind()
    wire_i2c(monkeypatch, controller)
    panel = OledPanel(OledSettings(chip=chip))  # type: ignore[arg-type]
    panel.open()
    image = picture()
    panel.show(image)
    before = controller.octets
    changed = image.copy()
    for at in ((3, 9), (100, 62)):
        changed.putpixel(at, not image.getpixel(at))
    panel.show(changed)
    assert controller.image.tobytes() == changed.tobytes()
    assert controller.octets - before < 2 * 128 + 20
    before = controller.octets
    panel.show(changed)
    assert controller.octets == before
    panel.close()


def test_brightness(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = Ssd1306()
    wire_i2c(monkeypatch, controller)
    panel = OledPanel(OledSettings(contrast=200))
    panel.open()
    assert controller.contrast == 200
    panel.dim(0.1)
    assert (controller.contrast, controller.lit) == (20, True)
    panel.dim(0)
    assert not controller.lit
    panel.dim(1)
    assert (controller.contrast, controller.lit) == (200, True)
    panel.close()


def test_a_woken_panel_is_set_up_anew(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = Sh1106()
    wire_spi(monkeypatch, controller, pins)
    panel = OledPanel(OledSettings(chip="sh1106", bus="spi"))
    panel.open()
    panel.show(image := picture())
    panel.dim(0)
    controller.forget()
    panel.dim(1)
    panel.show(image)
    assert controller.lit
    assert controller.image.tobytes() == image.tobytes()
    panel.close()


def test_unplugged_and_plugged_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = Ssd1306()
    wire = wire_i2c(monkeypatch, controller)
    panel = OledPanel(OledSettings())
    panel.open()
    panel.show(image := picture())
    wire.unplug()
    with pytest.raises(PanelGone, match=r"no display answers at address 0x3c"):
        panel.stale()
    with pytest.raises(PanelGone):
        panel.show(picture(2))
    panel.close()
    panel.close()
    with pytest.raises(NotReady, match="no display answers"):
        panel.open()
    wire.plugged = True
    panel.open()
    panel.show(image)
    assert controller.image.tobytes() == image.tobytes()
    panel.close()
    assert wire.opened == 0


def test_a_failed_image_is_sent_whole_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = Ssd1306()
    wire = wire_i2c(monkeypatch, controller)
    panel = OledPanel(OledSettings())
    panel.open()
    panel.show(picture())
    wire.refuse = OSError(errno.EAGAIN, "arbitration lost")
    with pytest.raises(PanelGone, match="arbitration lost"):
        panel.show(picture(2))
    wire.refuse = None
    controller.memory[3][:] = bytes(128)
    panel.show(picture())
    assert controller.image.tobytes() == picture().tobytes()
    panel.close()


def test_looking_for_it_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = wire_i2c(monkeypatch, Ssd1306())
    hooks = atexit._ncallbacks()
    panel = OledPanel(OledSettings(address=0x3D))
    for _ in range(3):
        with pytest.raises(NotReady, match=r"0x3d.*i2cdetect"):
            panel.open()
    wire.address = 0x3D
    panel.open()
    panel.close()
    assert wire.opened == 0
    # luma registers one for what it imports; none for each device.
    assert atexit._ncallbacks() <= hooks + 1


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.EBUSY, "in use by a driver of the kernel"), (errno.ENXIO, "no display answers"), (errno.EPERM, "denied")],
)
def test_what_a_bus_refuses(number: int, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = wire_i2c(monkeypatch, Ssd1306())
    wire.refuse = OSError(number, "denied")
    with pytest.raises(NotReady, match=says) as refusal:
        OledPanel(OledSettings()).open()
    assert "\n" not in str(refusal.value)
    assert wire.opened == 0


def test_a_bus_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(OledSettings, "node", property(lambda _: str(tmp_path / "i2c-1")))
    settings = OledSettings()
    assert [path for path, _ in OledPanel.check(settings)] == ["port"]
    with pytest.raises(NotReady, match=r"i2c-1.*raspi-config"):
        OledPanel(settings).open()


def test_a_bus_without_permission(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(OledSettings, "node", property(lambda _: str(tmp_path)))
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(NotReady, match="usermod -aG i2c"):
        OledPanel(OledSettings()).open()


def test_a_pin_in_use(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    from gpiozero import OutputDevice

    wire = wire_spi(monkeypatch, Sh1106(), pins)
    taken = OutputDevice(25)
    with pytest.raises(NotReady, match="GPIO 25 cannot be used"):
        OledPanel(OledSettings(chip="sh1106", bus="spi")).open()
    taken.close()
    panel = OledPanel(OledSettings(chip="sh1106", bus="spi"))
    panel.open()
    panel.close()
    assert wire.opened == 0


def test_without_spidev(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    wire_spi(monkeypatch, Sh1106(), pins)
    monkeypatch.setitem(__import__("sys").modules, "spidev", None)
    with pytest.raises(NotReady, match="spidev, which is not installed"):
        OledPanel(OledSettings(chip="sh1106", bus="spi")).open()


def test_a_size_that_no_such_chip_has(monkeypatch: pytest.MonkeyPatch) -> None:
    wire_i2c(monkeypatch, Ssd1306())
    with pytest.raises(NotReady, match="no 100x64 pixels"):
        OledPanel(OledSettings(width=100)).open()
    assert [path for path, _ in OledPanel.check(OledSettings(height=60))] == ["height"]
    assert [path for path, _ in OledPanel.check(OledSettings(chip="ssd1351"))] == ["bus"]


def test_the_settings_list_every_chip() -> None:
    from typing import get_args, get_type_hints

    assert set(get_args(get_type_hints(OledSettings)["chip"])) == set(CHIPS)
    assert settings_of(OledSettings)["chip"].default in CHIPS
