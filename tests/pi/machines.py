"""The boards that QEMU emulates, one for each image."""

from __future__ import annotations

from typing import NamedTuple


class Machine(NamedTuple):
    """What is emulated, and what its firmware would find."""

    emulator: tuple[str, ...]
    tree: str
    """The file of the device tree on the boot partition."""
    model: str
    """What that tree says that the board is."""
    revision: str
    """Of the board, as its firmware puts it into the device tree."""
    architecture: str
    stages: tuple[str, ...]


MACHINES = {
    "zero-w": Machine(
        ("qemu-system-arm", "-M", "raspi0"), "bcm2835-rpi-zero-w.dtb", "Raspberry Pi Zero W", "9000c1", "armel",
        ("first", "owner", "hats", "updates", "power", "costs"),
    ),
    # QEMU has no Zero 2 W, whose processor is that of the 3. Costs would be those of a processor that nobody counts.
    "zero2w": Machine(
        ("qemu-system-aarch64", "-M", "raspi3b"), "bcm2837-rpi-3-b.dtb", "Raspberry Pi 3 Model B", "a02082", "arm64",
        ("drivers", "first", "owner", "again"),
    ),
}  # fmt: skip
