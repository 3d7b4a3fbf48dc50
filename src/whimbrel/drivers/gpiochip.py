"""The kernel's GPIO character device, version 2 of its interface, without gpiozero.

Sources: include/uapi/linux/gpio.h, Documentation/userspace-api/gpio/chardev.rst. The kernel has it since 5.10.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator

INPUT = 1 << 2
OUTPUT = 1 << 3
RISING = 1 << 4
FALLING = 1 << 5
PULL_UP = 1 << 8
PULL_DOWN = 1 << 9
NO_PULL = 1 << 10
"""Flags of a line, GPIO_V2_LINE_FLAG_…"""

_GET_LINE = 0xC250B407
_SET_CONFIG = 0xC110B40D
_GET_VALUES = 0xC010B40E
_SET_VALUES = 0xC010B40F
_VALUE = 2
_DEBOUNCE = 3  # GPIO_V2_LINE_ATTR_ID_…
# struct gpio_v2_line_config: flags, number of attributes, padding; ten attributes: id, padding, value, mask of lines.
_CONFIG = struct.Struct("=QI20x" + "I4xQQ" * 10)
_REQUEST = struct.Struct(f"=256s32s{_CONFIG.size}sII20xi")
_VALUES = struct.Struct("=QQ")
_EVENT = struct.Struct("=QI36x")
_ROOM = 64
"""Limit of events per read."""


class LineHandle:
    """One line of a chip, owned from `__init__` to `close`. Raises OSError: busy, not permitted, gone."""

    def __init__(self, chip: int, offset: int, flags: int, *, value: bool = False, debounce: int = 0) -> None:
        """Claim line `offset` of the open device `chip`.

        `value` is the initial level of an output; a level of an input must last `debounce` microseconds to be seen.
        """
        config = _config(flags, value, debounce)
        request = bytearray(_REQUEST.pack(struct.pack("=I", offset), b"whimbrel", config, 1, 0, -1))
        fcntl.ioctl(chip, _GET_LINE, request)
        self._fd: int = _REQUEST.unpack(request)[-1]
        os.set_blocking(self._fd, False)

    def fileno(self) -> int:
        """Return the descriptor that is readable when events wait; -1 once closed."""
        return self._fd

    def configure(self, flags: int, *, value: bool = False, debounce: int = 0) -> None:
        """Change the configuration of the line without releasing it."""
        fcntl.ioctl(self._fd, _SET_CONFIG, _config(flags, value, debounce))

    def read(self) -> bool:
        """Return the level."""
        return bool(_VALUES.unpack(fcntl.ioctl(self._fd, _GET_VALUES, _VALUES.pack(0, 1)))[0])

    def write(self, value: bool) -> None:
        """Set the level of an output."""
        fcntl.ioctl(self._fd, _SET_VALUES, _VALUES.pack(value, 1))

    def events(self) -> Iterator[tuple[float, bool]]:
        """Yield the waiting edges: seconds of the monotonic clock, and the level after the edge."""
        try:
            raw = os.read(self._fd, _EVENT.size * _ROOM)
        except BlockingIOError:
            return
        for nanoseconds, kind in _EVENT.iter_unpack(raw):
            yield nanoseconds / 1e9, kind == 1

    def close(self) -> None:
        """Release the line. Idempotent."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _config(flags: int, value: bool, debounce: int) -> bytes:
    attributes = []
    if flags & OUTPUT:
        attributes.append((_VALUE, int(value), 1))
    if debounce and flags & INPUT:
        attributes.append((_DEBOUNCE, debounce, 1))
    padding = [(0, 0, 0)] * (10 - len(attributes))
    return _CONFIG.pack(flags, len(attributes), *(number for each in attributes + padding for number in each))
