"""What the emulated board has for a panel on each bus: CUSE, from the first seconds of a start.

The image's own rules and units find the nodes that the kernel makes, and behind them these panels.
"""

from __future__ import annotations

import base64
from pathlib import Path

from tests.pi.board import Card
from tests.pi.console import Console
from tests.pi.report import Report

WORD = "systemd.wants=tests-panel.service"
"""Starts them, where they are planted."""
KEPT = "/run/panel"
_NODES = ("i2c-1", "spidev0.0", "spidev0.1")
_UNIT = f"""[Unit]
DefaultDependencies=no
Before=systemd-modules-load.service systemd-udev-trigger.service whimbrel-splash@i2c-1.service
# Also what is sent when nothing else runs any more.
SurviveFinalKillSignal=yes
[Service]
Type=notify
ExecStartPre=/sbin/modprobe -a cuse i2c-dev
ExecStartPre=-/bin/mount -t debugfs debugfs /sys/kernel/debug
ExecStartPre=/bin/mount -o ro /dev/mmcblk0p3 /mnt
ExecStart=/usr/bin/python3 -I -S /mnt/tests/pi/guest/panel.py {KEPT} {" ".join(_NODES)}
ExecStartPost=/bin/ln -sfn panel-i2c-1 /dev/i2c-1
Nice=-15
"""
_RULES = """SUBSYSTEM=="cuse", MODE="0666"
SUBSYSTEM=="i2c-dev|spidev", RUN+="/bin/sh -c 'test ! -e /dev/panel-$kernel || ln -sfn panel-$kernel /dev/$kernel'"
"""
_ALLOWED = "[Service]\n" + "".join(f"DeviceAllow=/dev/panel-{node} rw\n" for node in _NODES)
_PLANTED = {
    "/etc/systemd/system/tests-panel.service": _UNIT,
    "/etc/udev/rules.d/99-tests-panel.rules": _RULES,
    "/etc/systemd/system/whimbrel.service.d/tests-panel.conf": _ALLOWED,
}


def plant(card: Card) -> None:
    """Put the panels onto the card, whose root was left clean."""
    card.plant(_PLANTED)


def compare(hat: str, node: str, picture: str, before: str = "") -> str:
    """Return the command that succeeds if the panel of `hat` shows `picture`, as compare.py has it."""
    return (
        f"env PYTHONPATH=/mnt python3 -B -m tests.pi.guest.compare {hat} {KEPT}/{node} {picture} /tmp/seen.png {before}"
    )


def shows(board: Console, report: Report, what: str, command: str, results: Path, name: str) -> None:
    """Check that a panel shows what it should, and keep the picture to be looked at."""
    report.becomes(board, what, f"{{ {command}; }}", 60)
    seen = board.ask("base64 -w0 /tmp/seen.png").output
    (results / f"{name}.png").write_bytes(base64.b64decode(seen))
