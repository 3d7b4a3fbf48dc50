from __future__ import annotations

import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.drivers.panel.controllers import picture
from tests.drivers.panel.test_cells import undo_braille, undo_halves
from tests.lab.child import Child
from tests.lab.terminal import Terminal
from tests.lab.waiting import block_until

from whimbrel.drivers import job
from whimbrel.drivers.panel.settings import TerminalSettings
from whimbrel.drivers.panel.terminal import TerminalPanel
from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal(80, 24)
    yield terminal
    terminal.close()


@pytest.fixture
def panel(terminal: Terminal) -> Iterator[TerminalPanel]:
    panel = TerminalPanel(TerminalSettings(device=terminal.path, caption="keys: \x1b[2J up"))
    yield panel
    panel.close()


def test_braille_in_a_small_terminal(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.open()
    panel.show(image := picture())
    assert undo_braille(terminal.picture(64, 16)).tobytes() == image.tobytes()
    rows = terminal.rows()
    assert rows[0] == "╭" + "─" * 64 + "╮"
    assert r"keys: \x1b[2J up" in rows[17]


def test_half_blocks_in_a_large_terminal(terminal: Terminal, panel: TerminalPanel) -> None:
    terminal.resize(162, 50)
    panel.open()
    panel.show(image := picture())
    assert undo_halves(terminal.picture(128, 32)).tobytes() == image.tobytes()


def test_lines_scroll_below_it(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.open()
    panel.show(image := picture())
    for number in range(40):
        terminal.say(f"line {number}\r\n")
    panel.show(other := picture(2))
    terminal.say("last")
    assert undo_braille(terminal.picture(64, 16)).tobytes() == other.tobytes() != image.tobytes()
    assert terminal.rows()[18:] == [f"line {number}" for number in range(35, 40)] + ["last"]


@pytest.mark.parametrize("before", [0, 3, 20, 60])
def test_what_stood_there_before_moves_down(terminal: Terminal, panel: TerminalPanel, before: int) -> None:
    for number in range(before):
        terminal.say(f"old {number}\r\n")
    panel.open()
    panel.show(picture())
    terminal.say("new")
    below = [row for row in terminal.rows()[18:] if row]
    assert below == [*(f"old {number}" for number in range(max(before - 5, 0), before)), "new"]


def test_leaves_no_trace(terminal: Terminal, panel: TerminalPanel) -> None:
    terminal.say("$ whimbrel run\r\n")
    panel.open()
    panel.show(picture())
    terminal.say("a line\r\n")
    panel.close()
    terminal.say("$ ")
    assert [row for row in terminal.rows() if row] == ["$ whimbrel run", "a line", "$"]
    assert terminal.rows()[:3] == ["$ whimbrel run", "a line", "$"]
    assert terminal.screen.margins in (None, (0, 23))
    assert not terminal.screen.cursor.hidden
    for _ in range(30):
        terminal.say("x\r\n")
    assert terminal.rows()[0] == "x"


def test_only_changed_rows_are_written(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.open()
    panel.show(image := picture())
    terminal.rows()
    before = terminal.octets
    panel.show(image)
    terminal.rows()
    assert terminal.octets == before
    changed = image.copy()
    changed.putpixel((5, 5), not image.getpixel((5, 5)))
    panel.show(changed)
    assert undo_braille(terminal.picture(64, 16)).tobytes() == changed.tobytes()
    assert terminal.octets - before < 64 * 3 + 60


def test_resized(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.open()
    panel.show(image := picture())
    assert not panel.stale()
    terminal.resize(162, 50)
    assert panel.stale()
    panel.show(image)
    assert not panel.stale()
    assert undo_halves(terminal.picture(128, 32)).tobytes() == image.tobytes()
    terminal.resize(60, 24)
    assert panel.stale()
    with pytest.raises(PanelGone, match="60x24 characters; the panel takes 66x22"):
        panel.show(image)
    with pytest.raises(NotReady, match="60x24"):
        panel.open()
    terminal.resize(66, 22)
    panel.open()
    panel.show(image)
    assert undo_braille(terminal.picture(64, 16)).tobytes() == image.tobytes()


def test_dark(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.open()
    panel.show(image := picture())
    panel.dim(0)
    assert not "".join(terminal.picture(64, 16)).strip()
    panel.show(image)
    assert not "".join(terminal.picture(64, 16)).strip()
    panel.dim(1)
    panel.show(image)
    assert undo_braille(terminal.picture(64, 16)).tobytes() == image.tobytes()


def test_put_back_before_ctrl_z_stops_the_process(terminal: Terminal, panel: TerminalPanel) -> None:
    panel.open()
    panel.show(image := picture())
    job.about_to_stop()
    assert not "".join(terminal.rows()).strip()
    assert panel.stale()
    panel.show(image)
    assert undo_braille(terminal.picture(64, 16)).tobytes() == image.tobytes()
    panel.close()
    job.about_to_stop()


def test_closed(panel: TerminalPanel, terminal: Terminal) -> None:
    panel.open()
    panel.show(picture())
    terminal.hang_up()
    with pytest.raises(PanelGone, match="was closed"):
        panel.show(picture(2))
    panel.close()
    with pytest.raises((NotReady, PanelGone)):
        panel.open()


def test_a_terminal_that_takes_nothing(
    terminal: Terminal, panel: TerminalPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whimbrel.drivers.panel.terminal._PATIENCE", 0.05)
    panel.open()
    panel.show(picture())
    terminal.rows()
    termios.tcflow(terminal.slave, termios.TCOOFF)
    with pytest.raises(PanelGone, match="Ctrl-Q"):
        panel.show(picture(2))
    termios.tcflow(terminal.slave, termios.TCOON)
    panel.show(picture(2))
    assert undo_braille(terminal.picture(64, 16)).tobytes() == picture(2).tobytes()


def test_no_terminal(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path, says in ((file, "is not a terminal"), (tmp_path / "none", "No such file"), (Path("/dev/null"), "not a")):
        settings = TerminalSettings(device=path)
        with pytest.raises(NotReady, match=says):
            TerminalPanel(settings).open()
        assert [where for where, _ in TerminalPanel.check(settings)] == ["device"]


def test_killed_without_warning(terminal: Terminal) -> None:
    program = (
        "import os, signal, sys, pathlib; from PIL import Image\n"
        "from whimbrel.drivers.panel.terminal import TerminalPanel\n"
        "from whimbrel.drivers.panel.settings import TerminalSettings\n"
        "panel = TerminalPanel(TerminalSettings(device=pathlib.Path(sys.argv[1])))\n"
        "panel.open(); panel.show(Image.new('1', (128, 64), 1)); print('shown', flush=True); sys.stdin.read()"
    )
    with Child(
        [sys.executable, "-c", program, str(terminal.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"shown\n"
        assert "⣿" in "".join(terminal.rows())
        process.kill()
    block_until(lambda: not "".join(terminal.rows()).strip())
    assert not terminal.screen.cursor.hidden


def test_text_beside_the_picture(terminal: Terminal, panel: TerminalPanel) -> None:
    terminal.resize(100, 24)
    panel.open()
    panel.show(image := picture())
    columns, rows = panel.room
    assert (columns, rows) == (32, 18)
    for number in range(30):
        terminal.say(f"line {number}\r\n")
    panel.show_beside(["first", "\x1b[31msecond\x1b[0m", "x" * columns], columns)
    panel.show(image)
    shown = terminal.rows()
    assert [row[68:] for row in shown[:4]] == ["first", "second", "x" * columns, ""]
    assert undo_braille(terminal.picture(64, 16)).tobytes() == image.tobytes()
    assert shown[18:] == [f"line {number}" for number in range(25, 30)] + [""]
    panel.show_beside(["other"], columns)
    panel.show(image)
    assert [row[68:] for row in terminal.rows()[:3]] == ["other", "", ""]


def test_only_changed_rows_beside_it_are_written(terminal: Terminal, panel: TerminalPanel) -> None:
    terminal.resize(100, 24)
    panel.open()
    panel.show(image := picture())
    panel.show_beside(["first", "second"], 32)
    panel.show(image)
    terminal.rows()
    before = terminal.octets
    panel.show_beside(["first", "second"], 32)
    panel.show(image)
    terminal.rows()
    assert terminal.octets == before
    panel.show_beside(["first", "other"], 32)
    panel.show(image)
    assert [row[68:] for row in terminal.rows()[:2]] == ["first", "other"]
    assert terminal.octets - before < 60


def test_text_that_was_made_for_another_width_is_not_shown(terminal: Terminal, panel: TerminalPanel) -> None:
    terminal.resize(100, 24)
    panel.open()
    panel.show(picture())
    terminal.resize(120, 24)
    panel.show_beside(["x" * 32], 32)
    panel.show(picture())
    assert not any(row[68:] for row in terminal.rows()[:18])
    panel.show_beside(["y" * 52], panel.room[0])
    panel.show(picture())
    assert terminal.rows()[0][68:] == "y" * 52


@pytest.mark.parametrize(
    ("columns", "rows", "beside", "room"),
    [
        (97, 24, True, (0, 0)), (98, 24, True, (30, 18)), (100, 24, False, (0, 0)), (140, 50, True, (72, 18)),
        (162, 50, True, (30, 34)), (140, 50, False, (0, 0)),
    ],
)  # fmt: skip
def test_where_there_is_room(columns: int, rows: int, beside: bool, room: tuple[int, int], terminal: Terminal) -> None:
    terminal.resize(columns, rows)
    panel = TerminalPanel(TerminalSettings(device=terminal.path, beside=beside))
    panel.open()
    panel.show(picture())
    assert panel.room == room
    panel.close()
    assert panel.room == (0, 0)


def test_a_hint_stands_where_nothing_else_does(terminal: Terminal) -> None:
    terminal.resize(100, 24)
    panel = TerminalPanel(TerminalSettings(device=terminal.path, hint="try \x1b[2J this"))
    panel.open()
    panel.show(picture())
    panel.show_beside(["table"] + [""] * 17, 32)
    panel.show(picture())
    assert terminal.rows()[17][68:] == r"try \x1b[2J this"
    panel.show_beside(["table"] + [""] * 16 + ["alert"], 32)
    panel.show(picture())
    assert terminal.rows()[17][68:] == "alert"
    panel.close()


def test_dark_beside_too(terminal: Terminal, panel: TerminalPanel) -> None:
    terminal.resize(100, 24)
    panel.open()
    panel.show(picture())
    panel.show_beside(["text"], 32)
    panel.show(picture())
    panel.dim(0)
    assert not any(row[68:] for row in terminal.rows()[:18])
    panel.dim(1)
    panel.show(picture())
    assert terminal.rows()[0][68:] == "text"
