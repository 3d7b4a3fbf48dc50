"""Recognises the HAT on the pins by its EEPROM.

``python3 -I -S hat.py`` prints its name for ``install.sh --hat``, the name of its settings, and the image's overlay for
its bus; without such a HAT, why there is none, with status 1.

Run by path, at a start of the image: nothing of the package, nothing but what Python has built in.
"""

from __future__ import annotations

import os
import re
import sys
from fcntl import ioctl
from pathlib import Path
from struct import Struct
from typing import NamedTuple

TREE = Path("/proc/device-tree/hat")
"""What the firmware has read from an EEPROM on the bus for these, in the format that Raspberry Pi has laid down."""
NODE = Path("/dev/i2c-1")
_ADDRESS = 0x50
"""Of the EEPROM that Pimoroni's Inky boards have on another bus, in a format of their own."""
_I2C_SLAVE = 0x0703
_WHOLE = 8192
"""Octets that are read: twice as many as the EEPROM has, whose end is followed by its beginning."""


class Hat(NamedTuple):
    """A HAT for which there are settings."""

    name: str
    settings: str
    overlay: str


_SPI = "whimbrel-spi"
BONNET = Hat("bonnet", "adafruit-oled-bonnet", "whimbrel-i2c")
INKY = Hat("inky-phat", "pimoroni-inky-phat", _SPI)
_HATS = (
    (r"oled bonnet", BONNET),
    (r"display hat mini", Hat("display-hat-mini", "pimoroni-display-hat-mini", "whimbrel-spi-write")),
    (r"inky phat", INKY),
    (r"waveshare.*1\.3.*oled", Hat("waveshare", "waveshare-oled-hat", _SPI)),
    (r"waveshare.*1\.3.*lcd", Hat("lcd-1.3", "waveshare-lcd-1.3-hat", _SPI)),
    (r"waveshare.*1\.44.*lcd", Hat("lcd-1.44", "waveshare-lcd-1.44-hat", _SPI)),
    (r"waveshare.*2\.13.*paper", Hat("epaper-2.13", "waveshare-epaper-2.13-hat", _SPI)),
)
"""By what maker and product are called."""
_PANEL = Struct("<HHBBB")
"""Width, height, colour, board, kind of panel."""
_RECORD = re.compile(rb"(.{7})[\x0a-\x15]20\d\d-\d\d-\d\d", re.DOTALL)
"""These, and the time at which they were written, as a text with its length before it."""
_SSD1608 = frozenset({10, 11, 12})
"""Kinds of panels: the pHATs of 250x122, in black, red and yellow."""


def recognise(tree: Path = TREE, node: Path = NODE) -> tuple[Hat | None, str]:
    """Return the HAT that is plugged on; or None, and why."""
    product, vendor = _text(tree / "product"), _text(tree / "vendor")
    for pattern, hat in _HATS:
        if product and re.search(pattern, f"{vendor} {product}".lower()):
            return hat, ""
    octets = _read(node)
    found, reason = by_eeprom(octets or b"")
    if found is None and product:
        reason = f'the HAT says that it is "{product}" by "{vendor}", for which there are no settings here'
    elif octets is None:
        reason = f"no HAT has an identity EEPROM here, and {node}, where an Inky has another, cannot be used"
    return found, reason


def by_eeprom(octets: bytes) -> tuple[Hat | None, str]:
    """Return the HAT whose EEPROM, from anywhere in it on, holds this; or None, and why."""
    record = _RECORD.search(octets)
    if record is None:
        return None, "no HAT has an identity EEPROM here"
    width, height, _, _, kind = _PANEL.unpack(record[1])
    return (INKY, "") if kind in _SSD1608 else (None, f"this Inky ({width}x{height}, kind {kind}) has no settings here")


def _text(path: Path) -> str:
    try:
        text = path.read_bytes()[:200].rstrip(b"\0").decode(errors="replace")
    except OSError:
        return ""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _read(node: Path) -> bytes | None:
    """Return what the EEPROM holds, beginning anywhere; empty where none answers, None without a bus.

    Its place is not set: to another kind of EEPROM, that would be a write.
    """
    try:
        bus = os.open(node, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        ioctl(bus, _I2C_SLAVE, _ADDRESS)
        return os.read(bus, _WHOLE)
    except OSError:
        return b""
    finally:
        os.close(bus)


if __name__ == "__main__":
    plugged, why = recognise()
    if plugged is None:
        sys.exit(why)
    sys.stdout.write(f"{' '.join(plugged)}\n")
