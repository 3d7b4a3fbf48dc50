from __future__ import annotations

import fcntl
import struct
import threading
from pathlib import Path

import pytest
from tests.lab.waiting import block_until

from whimbrel.drivers.panel import first_picture
from whimbrel.drivers.panel.first_picture import take_over
from whimbrel.splash import play


class Chip:
    """The lines that somebody holds, as the kernel tells it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.holders: dict[int, bytes] = {}
        self.looks = 0
        (folder / "chip").touch()
        self.wanted = folder / "panel"
        monkeypatch.setattr(first_picture, "_CHIP", str(folder / "chip"))
        monkeypatch.setattr(first_picture, "WANTED", self.wanted)
        monkeypatch.setattr(fcntl, "ioctl", self._ioctl)

    def _ioctl(self, _fd: int, code: int, asked: bytes) -> bytes:
        assert (code, len(asked)) == (0xC100B405, 256)
        self.looks += 1
        line = struct.unpack_from("=I", asked, 64)[0]
        return struct.pack("=32s32s192x", b"GPIO", self.holders.get(line, b""))


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Chip:
    return Chip(monkeypatch, tmp_path)


def test_the_player_is_asked_and_waited_for(chip: Chip) -> None:
    chip.holders = {13: first_picture.HOLDER, 24: first_picture.HOLDER}
    taking = threading.Thread(target=take_over, args=((24, 25, 13),))
    taking.start()
    block_until(chip.wanted.exists, "the player to be asked")
    assert taking.is_alive()
    chip.holders.clear()
    taking.join()
    assert not chip.wanted.exists(), "the next picture would not be held"


@pytest.mark.parametrize("holders", [{}, {24: b"spi0 CS0"}, {5: first_picture.HOLDER}])
def test_nobody_else_is_waited_for(chip: Chip, holders: dict[int, bytes]) -> None:
    chip.holders = holders
    take_over((24, 25))
    assert chip.looks == 2
    assert not chip.wanted.exists()


def test_a_player_that_does_not_end_is_left_to_the_kernel(chip: Chip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_picture, "_PATIENCE", 0.0)
    chip.holders = {24: first_picture.HOLDER}
    take_over((24,))
    assert not chip.wanted.exists()


def test_where_there_are_no_lines_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(first_picture, "_CHIP", str(tmp_path / "none"))
    take_over((24,))


def test_both_mean_the_same() -> None:
    assert play.NAME == first_picture.HOLDER
    assert str(first_picture.WANTED) == play.WANTED
