"""The first picture: made when the settings have changed, and its lines handed over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.guest import daemon
from tests.vm.guest.checks import check, run, say, wait_for

_UNIT = "whimbrel-splash-make.service"
_PICTURES = Path("/var/lib/whimbrel-splash")
_LINES = (20, 21)
"""That nothing else uses here."""
_PLAYER = """
import os
from whimbrel.splash import play
chip = os.open("/dev/gpiochip0", os.O_RDWR)
lines = [play._claim(chip, number, play.OUTPUT) for number in {lines}]
print("held", flush=True)
play._hold()
"""


def makes_the_first_picture_once_for_its_settings() -> None:
    wait_for("no picture in the making", lambda: daemon.of_unit("ActiveState", _UNIT) == "inactive", 300)
    run("systemctl", "start", _UNIT, timeout=600)
    check(
        {path.name for path in _PICTURES.iterdir()} == {"i2c-1.off", "i2c-1.start", "made"}, list(_PICTURES.iterdir())
    )
    run("systemctl", "start", _UNIT, timeout=600)
    check(daemon.of_unit("Result", _UNIT) == "exec-condition", "it was made again for the same settings")
    os.utime(daemon.SETTINGS, (1, 1))
    run("systemctl", "start", _UNIT, timeout=600)
    check(daemon.of_unit("Result", _UNIT) == "success", "settings that were put back are no others")
    check((_PICTURES / "made").stat().st_mtime == 1, (_PICTURES / "made").stat().st_mtime)
    os.utime(daemon.SETTINGS)


def the_lines_of_the_first_picture_are_handed_over() -> None:
    # The package is not there yet when the checks are loaded.
    from whimbrel.drivers.gpiochip import OUTPUT, LineHandle
    from whimbrel.drivers.panel import first_picture

    program = _PLAYER.format(lines=_LINES)
    player = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert player.stdout is not None
    check(player.stdout.readline() == "held\n", "the lines could not be claimed")
    began = time.monotonic()
    first_picture.take_over(_LINES)
    took = time.monotonic() - began
    say(f"NOTE  handed over in {took:.2f} s")
    chip = os.open("/dev/gpiochip0", os.O_RDWR)
    handles = [LineHandle(chip, line, OUTPUT) for line in _LINES]
    for handle in handles:
        handle.close()
    os.close(chip)
    check(player.wait(10) == 0, player.returncode)
    check(not first_picture.WANTED.exists(), "the next picture would not be held")
