"""The whole device on the simulated air: keys in, pictures out."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.cli import exits
from whimbrel.screens.faces import face

DEVICE = SIMULATED.replace("{to: stderr}", "{to: stderr, level: notice}")
PNG = "  display: {driver: png, png: {path: FOLDER/panel.png}, dim_after: 0s, off_after: 0s, shift: 0s, retry: 100ms}\n"


def on_panel(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("1")


def says(image: Image.Image, text: str, name: str) -> bool:
    """Return whether `text` is anywhere in the picture, light on dark or dark on light."""
    strip = face(name).strip(text)
    wanted = strip.crop(strip.getbbox()).convert("1")
    inverse = wanted.point(lambda value: 255 - value)
    for top in range(image.height - wanted.height + 1):
        for left in range(image.width - wanted.width + 1):
            part = image.crop((left, top, left + wanted.width, top + wanted.height)).tobytes()
            if part in (wanted.tobytes(), inverse.tobytes()):
                return True
    return False


def press(daemon: DaemonProcess, *keys: str) -> None:
    for key in keys:
        daemon.ask("press", key=key)


def test_a_walk_with_keys_only(tmp_path: Path) -> None:
    panel = tmp_path / "panel.png"
    settings = DEVICE + PNG.replace("FOLDER", str(tmp_path)) + "  buttons: {}\n  system: {}\n"
    with DaemonProcess(tmp_path, settings) as daemon:
        daemon.wait_for_state("display", "ready")
        daemon.wait_until(lambda: panel.exists() and says(on_panel(panel), "WHIMBREL", "title"), "overview")
        press(daemon, "menu")
        daemon.wait_until(lambda: says(on_panel(panel), "MENU", "title"), "menu")
        press(daemon, "ok")
        daemon.wait_until(lambda: not says(on_panel(panel), "MENU", "title"), "access points")
        press(daemon, "back", "back")
        daemon.wait_until(lambda: says(on_panel(panel), "WHIMBREL", "title"), "overview again")
        press(daemon, "menu", *["down"] * 5, "ok")
        daemon.wait_until(lambda: not says(on_panel(panel), "MENU", "title"), "channel picker")
        taken = tmp_path / "taken.png"
        command = [sys.executable, "-m", "whimbrel", "screenshot", "-s", str(daemon.socket), "--scale", "2"]
        done = subprocess.run([*command, str(taken)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (exits.OK, "", "")
        assert on_panel(taken).size == (256, 128)
        done = subprocess.run([*command, str(taken)], capture_output=True, text=True, check=False)
        assert done.returncode == exits.FAILURE
        assert "--force" in done.stderr
        assert subprocess.run([*command, "--force", str(taken)], check=False).returncode == exits.OK
        done = subprocess.run([*command, str(tmp_path / "no" / "x.png")], capture_output=True, text=True, check=False)
        assert done.returncode == exits.FAILURE
        assert "cannot write" in done.stderr
        assert daemon.stop() == 0
        assert "Traceback" not in daemon.journal
    assert on_panel(panel).getbbox() is None, "dark at the end"


def test_the_panel_comes_and_goes(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    settings = DEVICE + PNG.replace("FOLDER", str(folder)) + "  buttons: {}\n"
    with DaemonProcess(tmp_path, settings) as daemon:
        row = daemon.wait_for_state("display", "degraded")
        assert "no folder" in row["reason"]
        image = Image.open(io.BytesIO(base64.b64decode(daemon.ask("screenshot")["png"])))
        assert image.size == (128, 64)
        folder.mkdir()
        daemon.wait_for_state("display", "ready")
        daemon.wait_until((folder / "panel.png").exists, "the picture")
        folder.rename(tmp_path / "gone")
        daemon.wait_for_state("display", "degraded")
        daemon.wait_for_state("sniffer", "ready")
        (tmp_path / "gone").rename(folder)
        daemon.wait_for_state("display", "ready")
        assert daemon.stop() == 0


@pytest.mark.parametrize("driver", ["oled", "terminal"])
def test_a_machine_without_the_panel(driver: str, tmp_path: Path) -> None:
    oled = "{chip: sh1106, bus: spi, port: 9}"
    settings = f"{DEVICE}  display: {{driver: {driver}, oled: {oled}, terminal: {{device: /dev/null}}}}\n"
    with DaemonProcess(tmp_path, settings) as daemon:
        row = daemon.wait_for_state("display", "degraded")
        assert ("/dev/spidev9.0" if driver == "oled" else "not a terminal") in row["reason"]
        assert daemon.ask("screenshot")["width"] == 128
        done = subprocess.run(
            [sys.executable, "-m", "whimbrel", "check", "-c", str(daemon.config)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == exits.MACHINE
        assert f"modules.display.{driver}." in done.stdout + done.stderr
        assert daemon.stop() == 0


def test_screenshot_without_a_display(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_for_state("control", "ready")
        command = [sys.executable, "-m", "whimbrel", "screenshot", "-s", str(daemon.socket), str(tmp_path / "x.png")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == exits.FAILURE
        assert "screenshot: the module that answers it is not on" in done.stderr
        assert daemon.stop() == 0


def test_a_command_is_answered_on_the_panel_and_none_is_offered_that_nothing_does(tmp_path: Path) -> None:
    panel = tmp_path / "panel.png"
    tame = "  buttons: {}\n  system: {shutdown: [], reboot: []}\n"
    with DaemonProcess(tmp_path, DEVICE + PNG.replace("FOLDER", str(tmp_path)) + tame) as daemon:
        daemon.wait_for_state("system", "ready")
        daemon.wait_for_state("display", "ready")
        daemon.wait_until(lambda: panel.exists() and says(on_panel(panel), "WHIMBREL", "title"), "overview")
        press(daemon, "menu", "up")
        daemon.wait_until(lambda: says(on_panel(panel), "Keys", "body"), "end of the menu")
        assert not says(on_panel(panel), "Shut down", "body")
        press(daemon, "up", "up", "ok")
        daemon.wait_until(lambda: says(on_panel(panel), "SETTINGS RELOADED", "title"), "answer")
        daemon.config.write_text("modules: {dispaly: {}}\n")
        press(daemon, "ok", "menu", "up", "up", "up", "ok")
        daemon.wait_until(lambda: says(on_panel(panel), "SETTINGS REFUSED", "title"), "refusal")
        assert daemon.stop() == 0
