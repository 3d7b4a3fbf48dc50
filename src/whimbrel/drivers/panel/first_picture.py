"""The panel's lines, from the player of the first picture (`whimbrel.splash`) to the driver.

A line that nobody holds may fall, and the light of an LCD with it. So the player holds the lines until it is asked by a
file, and the driver asks when it has imported everything that it needs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Iterable
from pathlib import Path

HOLDER = b"whimbrel-splash"
"""As `whimbrel.splash.play.NAME`."""
WANTED = Path("/run/whimbrel/panel")
"""As `whimbrel.splash.play.WANTED`."""
_CHIP = "/dev/gpiochip0"
_LINE_INFO = 0xC100B405
_INFO = struct.Struct("=32s32sI188x")
"""struct gpio_v2_line_info (include/uapi/linux/gpio.h): name, consumer, number of the line."""
_PATIENCE = 2.0
"""Seconds until the lines are claimed all the same, so that the kernel tells the reason."""
_LOOK = 0.02


def take_over(lines: Iterable[int]) -> None:
    """Wait until none of `lines` is held by the player, after asking for them. Raises nothing."""
    with contextlib.suppress(OSError):
        chip = os.open(_CHIP, os.O_RDWR | os.O_CLOEXEC)
        try:
            _await(chip, tuple(lines))
        finally:
            os.close(chip)


def _await(chip: int, lines: tuple[int, ...]) -> None:
    if not _is_held(chip, lines):
        return
    until = time.monotonic() + _PATIENCE
    WANTED.touch()
    try:
        while _is_held(chip, lines) and time.monotonic() < until:
            time.sleep(_LOOK)
    finally:
        WANTED.unlink(missing_ok=True)


def _is_held(chip: int, lines: Iterable[int]) -> bool:
    return any(_consumer(chip, line) == HOLDER for line in lines)


def _consumer(chip: int, line: int) -> bytes:
    """Return who holds a line; empty for nobody. Raises OSError."""
    asked = _INFO.pack(b"", b"", line)
    holder: bytes = _INFO.unpack(fcntl.ioctl(chip, _LINE_INFO, asked))[1]
    return holder.rstrip(b"\0")
