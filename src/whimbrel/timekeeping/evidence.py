"""Who has told the clock the time since the board's start, by a few files. Without an answer, the time is an estimate:
a board without a battery goes on where its last run ended.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from whimbrel.events.base import KNOWN_FROM

NETWORK, PERSON, RTC = "network", "person", "rtc"
"""A time server; somebody; a clock with a battery."""
GIVEN = Path("/run/whimbrel-time/given")
"""Made when somebody sets the clock: by ``whimbrel-time.service``, and by the image for ``device.txt``."""
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd once a server has told it the time (systemd-timesyncd.service(8))."""
_RTC = Path("/sys/class/rtc/rtc0/since_epoch")
_AGREES = 60.0
"""Seconds between the system's clock and one with a battery that has set it, at most."""
_ASKING = 15.0
"""Seconds for timedatectl, which starts a service."""
_ROOT = Path("/")


def told_by(root: Path = _ROOT, now: Callable[[], float] = time.time) -> str:
    """Return who has told the clock the time; empty for nobody. It may take seconds where another program than
    timesyncd keeps it."""
    if is_synchronised(root):
        return NETWORK
    if _below(root, GIVEN).exists():
        return PERSON
    return RTC if _rtc_agrees(_below(root, _RTC), now()) else ""


def is_synchronised(root: Path = _ROOT) -> bool:
    """Return whether a time server sets the clock."""
    if _below(root, SYNCHRONISED).exists():
        return True
    # Where timesyncd does not run, another program may (chrony, ntpsec): the kernel knows.
    return not _below(root, SYNCHRONISED.parent).is_dir() and _kernel_is_synchronised()


def _below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _rtc_agrees(path: Path, now: float) -> bool:
    """Return whether there is a clock with a battery that was set, and whose time the system has."""
    try:
        there = float(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    return there >= KNOWN_FROM and abs(there - now) <= _AGREES


def _kernel_is_synchronised() -> bool:
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        said = subprocess.run(command, capture_output=True, timeout=_ASKING, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.stdout.strip() == b"yes"
