"""Device nodes of the buses that the Pi's header has, and why one cannot be used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

Bus = Literal["i2c", "spi"]


def obstacle(node: Path, bus: Bus) -> str:
    """Return why `node` of this bus cannot be used, with advice; empty if it can."""
    if not node.exists():
        parameter = "i2c_arm" if bus == "i2c" else "spi"
        return (
            f"there is no {node}: switch {bus.upper()} on ('raspi-config nonint do_{bus} 0', or "
            f"dtparam={parameter}=on in config.txt and restart)"
        )
    if not os.access(node, os.R_OK | os.W_OK):
        return f"no permission for {node}: add the user to its group ('usermod -aG {bus} USER')"
    return ""
