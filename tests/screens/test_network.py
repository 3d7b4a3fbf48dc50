"""Reach on the panel, and the page's code, which a camera has to read from the panel itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from tools.screenshots import scene

from whimbrel.events.device import ReachReport
from whimbrel.screens.network import CodeScreen, code_entry, network_entry, network_page
from whimbrel.screens.screen import Push
from whimbrel.system.reach import code

URL = "http://10.66.0.1:8080/"
TOKEN = "K7ZT5HQ2WXB4NDRM9PCV3FGJ6A"
WHOLE = f"{URL}#token={TOKEN}"


def read(image: Image.Image, path: Path) -> str:
    """Return what a reader of codes sees on a panel, each pixel a square of light in the dark."""
    if shutil.which("zbarimg") is None:
        pytest.skip("zbar-tools is not installed")
    shown = Image.new("L", (image.width * 6 + 120, image.height * 6 + 120), 0)
    shown.paste(image.convert("L").resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST), (60, 60))
    shown.save(path)
    done = subprocess.run(["zbarimg", "--quiet", "--raw", path], capture_output=True, text=True, check=False)
    return done.stdout.strip()


@pytest.mark.parametrize("size", [(128, 64), (128, 128), (240, 240), (128, 32)])
def test_a_camera_reads_the_code_off_the_panel(tmp_path: Path, size: tuple[int, int]) -> None:
    drawn = CodeScreen(code(WHOLE), URL).draw(scene.usual(), size)
    assert drawn.size == size
    assert read(drawn, tmp_path / "panel.png") == f"{URL.upper()}#token={TOKEN}"


def test_the_longest_address_of_a_panel_still_fits(tmp_path: Path) -> None:
    longest = f"https://192.168.178.123:65535/#token={TOKEN}"
    drawn = CodeScreen(code(longest), URL).draw(scene.usual(), (128, 64))
    assert read(drawn, tmp_path / "panel.png").lower() == longest.lower()


def test_without_a_code_there_are_words() -> None:
    one = CodeScreen(None, URL, "for a code: apt install python3-segno").draw(scene.usual(), (128, 64))
    other = CodeScreen(None, "http://10.66.0.2:8080/").draw(scene.usual(), (128, 64))
    assert one.getbbox() is not None
    assert one.tobytes() != other.tobytes()


def test_entries_are_there_while_reach_and_its_page_are() -> None:
    state = scene.usual()
    entries = [network_entry(lambda: CodeScreen(None, URL)), code_entry(lambda: CodeScreen(None, URL))]
    assert [entry.shown(state) for entry in entries] == [False, False]
    state.newest[ReachReport] = ReachReport(there=True)
    assert [entry.shown(state) for entry in entries] == [True, False]
    state.newest[ReachReport] = ReachReport(there=True, page=URL)
    assert [entry.shown(state) for entry in entries] == [True, True]
    assert [entry.label(state) for entry in entries] == ["Network", "Web page"]
    for entry in entries:
        (action,) = entry.act(state)
        assert isinstance(action, Push)


def test_the_page_opens_the_code() -> None:
    state = scene.usual()
    state.newest[ReachReport] = ReachReport(there=True, page=URL, broker="refused: \x1b[2J")
    page = network_page(lambda: CodeScreen(None, URL))
    for _ in state.system.addresses if state.system else ():
        page.key("down", "short", state)
    (action,) = page.key("ok", "short", state) or []
    assert isinstance(action, Push)
    assert isinstance(action.screen, CodeScreen)
    page.draw(state, (128, 64))
