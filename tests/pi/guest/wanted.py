"""Prints a picture of the splash as an OLED of the settings should hold it: runs in the guest.

usage: python3 -m tests.pi.guest.wanted PICTURE. Pages of eight rows, an octet a column, the lowest bit on top, in
hexadecimal digits.
"""

from __future__ import annotations

import sys

from tests.pi.guest.compare import wanted


def main() -> None:
    """Print it."""
    image = wanted(sys.argv[1]).convert("1")
    pages = bytearray(image.width * image.height // 8)
    for y in range(image.height):
        for x in range(image.width):
            if image.getpixel((x, y)):
                pages[y // 8 * image.width + x] |= 1 << y % 8
    sys.stdout.write(pages.hex() + "\n")


if __name__ == "__main__":
    main()
