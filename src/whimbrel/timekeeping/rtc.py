"""Writes the time to the clock with a battery, where there is one (rtc(4))."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
from pathlib import Path

DEVICE = Path("/dev/rtc0")
_SET = 0x4024700A
"""RTC_SET_TIME of linux/rtc.h, with the size of its struct."""


def packed(seconds: float) -> bytes:
    """Return the struct rtc_time of a moment, in UTC."""
    at = time.gmtime(seconds)
    weekday, day_of_year, summer = 0, 0, 0  # not used (rtc(4))
    return struct.pack(
        "9i", at.tm_sec, at.tm_min, at.tm_hour, at.tm_mday, at.tm_mon - 1, at.tm_year - 1900,
        weekday, day_of_year, summer,
    )  # fmt: skip


def write(seconds: float, device: Path = DEVICE) -> None:
    """Set it; do nothing where there is none. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(device, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.ioctl(descriptor, _SET, packed(seconds))
        finally:
            os.close(descriptor)
