"""Says whether the panel shows what the daemon says its screen shows. usage: compare.py PICTURE SCREENSHOT.png."""

import sys
from pathlib import Path

from PIL import Image


def main() -> int:
    """Return 0 where both are alike and not empty."""
    memory = Path(sys.argv[1]).read_bytes()
    with Image.open(sys.argv[2]) as shown:
        small = shown.convert("1").resize((128, 64), Image.Resampling.NEAREST)
    pixels = bytearray(1024)
    for y in range(64):
        for x in range(128):
            if small.getpixel((x, y)):
                pixels[(y // 8) * 128 + x] |= 1 << y % 8
    different = sum((one ^ other).bit_count() for one, other in zip(memory, pixels, strict=True))
    lit = sum(octet.bit_count() for octet in pixels)
    sys.stdout.write(f"{lit} pixels lit, {different} different\n")
    return 0 if lit and not different else 1


if __name__ == "__main__":
    sys.exit(main())
