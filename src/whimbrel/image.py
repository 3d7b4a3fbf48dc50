"""The SD card image: whether this device runs from it, so that advice names what its owner has."""

from __future__ import annotations

import os
from pathlib import Path

HARDWARE = "boot/firmware/hardware.txt"
"""What is connected to the pins, on the partition that every computer reads. Only the image has it, and only root sees
it there."""
_STARTED = "run/whimbrel-image"
"""What a start of the image leaves for everybody to see."""


def is_image(root: Path = Path("/")) -> bool:
    """Return whether `root` is the image's."""
    return any(os.path.exists(root / name) for name in (HARDWARE, _STARTED))  # noqa: PTH110  # which raises nothing
