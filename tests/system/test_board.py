from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.system.pi import add_supply, make_zero, write

from whimbrel.system.board import Board, Health


@pytest.fixture
def board(tmp_path: Path) -> Board:
    board = Board(make_zero(tmp_path))
    board.find()
    return board


def test_a_zero(board: Board) -> None:
    health = board.health()
    assert health.temperature == 48.312
    assert not health.under_voltage
    assert health.disk_used is not None
    assert 0 <= health.disk_used <= 1
    assert board.memory().total == 437068 * 1024
    assert board.resident() == 10325 * os.sysconf("SC_PAGE_SIZE")
    assert board.uptime() > 0


def test_share_of_the_processor_since_the_last_look(board: Board, tmp_path: Path) -> None:
    assert board.cpu() is None
    write(tmp_path, "proc/stat", "cpu  10182 0 4021 98363 1420 0 377 0 0 0\n")
    assert board.cpu() == 0.25


def test_supply_that_is_too_weak(board: Board, tmp_path: Path) -> None:
    write(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert board.health().under_voltage


def test_alarm_of_another_chip_is_not_the_supply(tmp_path: Path) -> None:
    make_zero(tmp_path)
    write(tmp_path, "sys/class/hwmon/hwmon1/name", "ina219\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    board = Board(tmp_path)
    board.find()
    assert not board.health().under_voltage


def test_the_attribute_that_makes_the_kernel_complain_is_left_alone(board: Board, tmp_path: Path) -> None:
    write(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n")
    board.find()
    assert not board.health().under_voltage


def test_batteries_that_feed_the_board(board: Board, tmp_path: Path) -> None:
    add_supply(tmp_path, "ups", "60\n")
    add_supply(tmp_path, "ups2", "40\n", scope="System")
    add_supply(tmp_path, "keyboard", "5\n", scope="Device")
    add_supply(tmp_path, "usb", "0\n", kind="USB")
    assert board.battery() is None
    board.find()
    assert board.battery() == pytest.approx(0.5)
    (tmp_path / "sys/class/power_supply/ups/capacity").unlink()
    assert board.battery() == pytest.approx(0.4)


def test_nothing_there(tmp_path: Path) -> None:
    board = Board(tmp_path / "absent")
    board.find()
    assert board.health() == Health(None, under_voltage=False, disk_used=None)
    assert board.cpu() is None
    assert board.memory() == (0, 0)
    assert board.resident() == 0
    assert board.battery() is None


def test_what_is_no_text(board: Board, tmp_path: Path) -> None:
    (tmp_path / "proc/meminfo").write_bytes(b"\xff\x00" * 40000)
    (tmp_path / "proc/stat").unlink()
    (tmp_path / "proc/stat").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "sys/class/thermal/thermal_zone0/temp").unlink()
    (tmp_path / "sys/class/thermal/thermal_zone0/temp").symlink_to(tmp_path / "fifo")
    assert board.memory() == (0, 0)
    assert board.cpu() is None
    assert board.health().temperature is None


def test_this_machine() -> None:
    board = Board()
    board.find()
    memory = board.memory()
    assert 0 < memory.used < memory.total
    assert 0 < board.resident() < memory.total
    assert board.cpu() is None
    assert board.health().disk_used is not None
    assert all(name and ("." in address or ":" in address) for name, address in board.addresses())
