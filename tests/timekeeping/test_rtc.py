from __future__ import annotations

import calendar
import struct
from pathlib import Path

import pytest

from whimbrel.timekeeping import rtc


def test_the_struct_is_that_of_the_kernel_in_utc() -> None:
    seconds = calendar.timegm((2027, 2, 5, 12, 34, 56))
    assert struct.unpack("9i", rtc.packed(seconds + 0.9)) == (56, 34, 12, 5, 1, 127, 0, 0, 0)


def test_it_is_written_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[int, bytes]] = []
    monkeypatch.setattr("fcntl.ioctl", lambda _descriptor, number, octets: written.append((number, octets)))
    rtc.write(1e9, tmp_path / "none")
    assert not written
    device = tmp_path / "rtc0"
    device.touch()
    rtc.write(1e9, device)
    assert written == [(0x4024700A, rtc.packed(1e9))]


def test_what_is_no_clock_is_an_error(tmp_path: Path) -> None:
    device = tmp_path / "rtc0"
    device.touch()
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        rtc.write(1e9, device)
