from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.drivers.panel.controllers import Wire, mock_pins, picture, wire_spi
from tests.drivers.panel.paper_controller import Paper

from whimbrel.config import load
from whimbrel.drivers.panel import epaper
from whimbrel.drivers.panel.epaper import SIZE, EpaperPanel
from whimbrel.drivers.panel.settings import EpaperSettings
from whimbrel.drivers.ports import PanelGone, is_lasting
from whimbrel.module import NotReady

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def pins() -> Iterator[Any]:
    yield from mock_pins()


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch, pins: Any) -> Wire:
    return wire_spi(monkeypatch, Paper(), pins, 25)


def paper(wire: Wire) -> Paper:
    assert isinstance(wire.controller, Paper)
    return wire.controller


def board(name: str) -> EpaperSettings:
    display: Any = load(CONFIG / f"{name}.yaml").modules["display"]
    settings: EpaperSettings = display.section("driver")
    return settings


def opened(settings: EpaperSettings) -> EpaperPanel:
    panel = EpaperPanel(settings)
    panel.open()
    return panel


def ink(size: tuple[int, int] = SIZE, seed: int = 1) -> Image.Image:
    return picture(seed, size)


@pytest.mark.parametrize("rotate", [0, 2])
def test_pixels_arrive_on_waveshares_glass(rotate: int, wire: Wire) -> None:
    settings = EpaperSettings(rotate=rotate)  # type: ignore[arg-type]
    panel = opened(settings)
    panel.show(ink())
    assert paper(wire).waveshare().tobytes() == ink().rotate(90 * rotate).tobytes()
    assert paper(wire).source == 0x80
    assert paper(wire).refreshes == ["full"]
    panel.close()
    assert wire.opened == 0


def test_pixels_arrive_with_the_settings_of_each_hat(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    for name, columns in (("waveshare-epaper-2.13-hat", 128), ("pimoroni-inky-phat", 136)):
        settings = board(name)
        controller = Paper(columns)
        wire_spi(monkeypatch, controller, pins, settings.dc)
        panel = opened(settings)
        panel.show(ink())
        shown = controller.waveshare() if columns == 128 else controller.inky()
        assert shown.tobytes() == ink().tobytes(), name
        panel.close()


def test_refreshes_are_partial_and_now_and_then_full(wire: Wire) -> None:
    panel = opened(EpaperSettings(full_every=3))
    for seed in range(6):
        panel.show(ink(seed=seed))
        assert paper(wire).waveshare().tobytes() == ink(seed=seed).tobytes()
    assert paper(wire).refreshes == ["full", "partial", "partial", "partial", "full", "partial"]
    panel.close()


def test_an_equal_picture_costs_nothing(wire: Wire) -> None:
    panel = opened(EpaperSettings())
    panel.show(ink())
    before = paper(wire).octets
    panel.show(ink())
    panel.dim(0.0)
    panel.dim(1.0)
    assert not panel.stale()
    assert paper(wire).octets == before
    panel.close()
    assert paper(wire).octets == before
    assert paper(wire).waveshare().tobytes() == ink().tobytes(), "it stays"


def test_an_inky_knows_no_partial_refresh(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    settings = board("pimoroni-inky-phat")
    controller = Paper(136)
    wire_spi(monkeypatch, controller, pins, settings.dc)
    panel = opened(settings)
    panel.show(ink())
    panel.show(ink(seed=2))
    assert controller.refreshes == ["full", "full"]
    panel.close()


def test_the_last_picture_stays(wire: Wire) -> None:
    panel = opened(EpaperSettings())
    assert is_lasting(panel)
    panel.show(ink())
    panel.last = ink(seed=9)
    panel.close()
    assert paper(wire).waveshare().tobytes() == ink(seed=9).tobytes()
    panel.close()
    assert paper(wire).refreshes == ["full", "partial"]
    assert wire.opened == 0


def test_lines_are_kept_until_the_last_refresh_has_ended(wire: Wire, pins: Any) -> None:
    panel = opened(EpaperSettings())
    panel.show(ink())
    panel.last = ink(seed=9)
    busy, reset = pins.pin(24), pins.pin(17)
    busy.drive_high()
    found = []

    def end() -> None:
        found.append((reset.function, wire.opened))
        busy.drive_low()

    ended = threading.Timer(0.05, end)
    ended.start()
    panel.close()
    ended.join()
    assert found == [("output", 1)]
    assert wire.opened == 0


def test_a_last_refresh_that_does_not_end_holds_nothing_up(
    wire: Wire, pins: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epaper, "_PARTING", 0.02)
    panel = opened(EpaperSettings())
    panel.last = ink(seed=9)
    pins.pin(24).drive_high()
    panel.close()
    assert wire.opened == 0


def test_show_waits_until_the_refresh_has_ended(wire: Wire, pins: Any) -> None:
    panel = opened(EpaperSettings())
    busy = pins.pin(24)
    busy.drive_high()
    ended = threading.Timer(0.05, busy.drive_low)
    ended.start()
    panel.show(ink())
    assert not busy.state
    ended.join()
    panel.close()


def test_a_panel_that_is_always_busy_is_missing(wire: Wire, pins: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epaper, "_LONGEST", 0.02)
    panel = opened(EpaperSettings())
    pins.pin(24).drive_high()
    with pytest.raises(PanelGone, match=r"stays busy \(GPIO 24\)"):
        panel.show(ink())
    panel.close()
    monkeypatch.setattr(epaper.EpaperPanel, "_wait", lambda _: (_ for _ in ()).throw(PanelGone("stays busy")))
    with pytest.raises(NotReady, match="stays busy"):
        panel.open()
    assert wire.opened == 0


def test_a_failed_bus_makes_the_next_refresh_full(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = opened(EpaperSettings())
    panel.show(ink())

    def fail(_: bytes) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(paper(wire), "command", fail)
        with pytest.raises(PanelGone, match="Input/output error"):
            panel.show(ink(seed=2))
    panel.show(ink())
    assert paper(wire).refreshes == ["full", "full"]
    panel.close()


def test_a_line_in_use(wire: Wire, pins: Any) -> None:
    from gpiozero import OutputDevice

    taken = OutputDevice(24)
    with pytest.raises(NotReady, match="lines cannot be used"):
        EpaperPanel(EpaperSettings()).open()
    taken.close()
    opened(EpaperSettings()).close()
    assert wire.opened == 0


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pins: Any) -> None:
    monkeypatch.setattr(EpaperSettings, "node", property(lambda _: str(tmp_path / "spidev0.0")))
    with pytest.raises(NotReady, match="switch SPI on"):
        EpaperPanel(EpaperSettings()).open()
    monkeypatch.setattr(EpaperSettings, "node", property(lambda _: str(tmp_path)))
    monkeypatch.setattr("os.access", lambda *_: False)
    assert [path for path, _ in EpaperPanel.check(EpaperSettings())] == ["device"]
    claims = {line for _, line in EpaperPanel.claims(EpaperSettings())}
    assert claims == {"GPIO line 25", "GPIO line 17", "GPIO line 24"}
    with pytest.raises(PanelGone, match="not open"):
        EpaperPanel(EpaperSettings()).show(ink())
