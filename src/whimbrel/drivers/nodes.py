"""Device nodes of the buses that the Pi's header has, and why one cannot be used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from whimbrel.image import is_image

Bus = Literal["i2c", "spi"]
_OVERLAYS = {"i2c": "whimbrel-i2c", "spi": "whimbrel-spi, for a Display HAT Mini whimbrel-spi-write,"}
"""Of the image, by bus."""


def obstacle(node: Path, bus: Bus) -> str:
    """Return why `node` of this bus cannot be used, with advice; empty if it can."""
    if not node.exists():
        return f"there is no {node}: switch {bus.upper()} on ({_way(bus)})"
    if not os.access(node, os.R_OK | os.W_OK):
        return f"no permission for {node}: add the user to its group ('usermod -aG {bus} USER')"
    return ""


def _way(bus: Bus) -> str:
    """Return how a bus is switched on."""
    if is_image():
        return f"hardware.txt on the card: remove the # before dtoverlay={_OVERLAYS[bus]} and restart"
    parameter = "i2c_arm" if bus == "i2c" else "spi"
    return f"'raspi-config nonint do_{bus} 0', or dtparam={parameter}=on in config.txt and restart"
