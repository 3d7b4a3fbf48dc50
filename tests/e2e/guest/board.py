"""The board that the guest pretends to be: the Pi's GPIO lines, and an I2C bus with the display of the bonnet."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.guest.panel import Panel
from tests.vm.guest.checks import run

PINS = {"up": 17, "down": 22, "left": 27, "right": 23, "ok": 4, "back": 5, "menu": 6}
"""The keys of the Adafruit bonnet (config/adafruit-oled-bonnet.yaml); pressed, they connect their line to ground."""
_CHIP = Path("/sys/kernel/config/gpio-sim/pi")
_BUS_LOG = Path("/sys/kernel/debug/i2c-sink/log")


def power_on() -> None:
    """Make the chip and the bus. The labels are the Pi's own: gpiozero and udev look at them."""
    for module in ("configfs", "gpio-sim", "i2c-dev", "i2c-sink"):
        run("modprobe", module)
    if not _CHIP.parent.exists():
        run("mount", "-t", "configfs", "none", "/sys/kernel/config")
    if not _BUS_LOG.exists():
        run("mount", "-t", "debugfs", "none", "/sys/kernel/debug")
    bank = _CHIP / "bank0"
    bank.mkdir(parents=True)
    (bank / "num_lines").write_text("54")
    (bank / "label").write_text("pinctrl-bcm2835")
    (_CHIP / "live").write_text("1")
    run("udevadm", "settle")


def press(key: str, seconds: float = 0.15) -> None:
    """Press a key as a finger would, and let it go."""
    hold(key)
    time.sleep(seconds)
    _line(key).write_text("pull-up")
    time.sleep(0.15)


def hold(key: str) -> None:
    """Press a key and stay on it."""
    _line(key).write_text("pull-down")


def picture() -> bytes:
    """Return what the panel shows, after everything that was sent to it: 8 rows of a column in each octet, by pages."""
    panel = Panel()
    for message in _messages(_BUS_LOG.read_bytes()):
        panel.take(message)
    return panel.picture()


def _line(key: str) -> Path:
    device = (_CHIP / "dev_name").read_text().strip()
    chip = (_CHIP / "bank0" / "chip_name").read_text().strip()
    return Path(f"/sys/devices/platform/{device}/{chip}/sim_gpio{PINS[key]}/pull")


def _messages(log: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(log):
        (length,) = struct.unpack_from("<H", log, at)
        yield log[at + 2 : at + 2 + length]
        at += 2 + length
