"""Gives the emulated board's GPIO lines a level: runs in the guest, as root, while nobody has them.

usage: lines.py UP…; these lines are up afterwards, as keys that nobody presses, and the other lines of the HATs are
down. The emulated lines keep the last level that an output had.
"""

from __future__ import annotations

import os
import sys

from whimbrel.drivers.gpiochip import OUTPUT, LineHandle

HATS = (4, 5, 6, 9, 13, 16, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27)
"""All that the HATs of config/ use, but for those of the buses."""


def main() -> None:
    """Set every line and let it go."""
    up = {int(word) for word in sys.argv[1:]}
    chip = os.open("/dev/gpiochip0", os.O_RDWR | os.O_CLOEXEC)
    for number in HATS:
        LineHandle(chip, number, OUTPUT, value=number in up).close()


if __name__ == "__main__":
    main()
