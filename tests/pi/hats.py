"""The settings that the card has for each HAT, and what the HAT's panel shows with them, decoded to pixels."""

from __future__ import annotations

import binascii
import re
from pathlib import Path
from typing import NamedTuple

from tests.drivers.panel.oled_controllers import Ssd1306
from tests.pi import panels
from tests.pi.board import Card, started
from tests.pi.console import Console
from tests.pi.firststart import PATIENCE, SPLASH, stop
from tests.pi.guest.panel import RECORD
from tests.pi.owner import TIME
from tests.pi.report import Report

_OLED = "adafruit-oled-bonnet"


_WAITED = ("ConditionTimestampMonotonic", "ActiveEnterTimestampMonotonic")


class Hat(NamedTuple):
    """How a board is connected, by its own papers."""

    node: str
    keys: str = ""
    """Its lines that are up while nobody presses a key."""


_WAVESHARE = "5 6 13 19 20 21 26"
_HATS = {
    "waveshare-oled-hat": Hat("spidev0.0", _WAVESHARE),
    "waveshare-lcd-1.3-hat": Hat("spidev0.0", _WAVESHARE),
    "waveshare-lcd-1.44-hat": Hat("spidev0.0", _WAVESHARE),
    "pimoroni-display-hat-mini": Hat("spidev0.1", "5 6 16 24"),
    "waveshare-epaper-2.13-hat": Hat("spidev0.0"),
    "pimoroni-inky-phat": Hat("spidev0.0"),
    _OLED: Hat("i2c-1", "4 5 6 17 22 23 27"),
}


def run(card: Card, results: Path, report: Report) -> None:
    """Check the first picture of this start, then what each HAT's panel shows, then the last picture."""
    hardware = card.read("hardware.txt").decode()
    # For all of them at once: this one differs from that of most HATs in an input that none of these uses.
    card.write("hardware.txt", hardware.replace("#dtoverlay=whimbrel-spi-write", "dtoverlay=whimbrel-spi-write"))
    panels.plant(card)
    with started(card, results, "hats", panels.WORD) as board:
        board.open(PATIENCE)
        report.becomes(board, "whimbrel.service is ready with SPI", "systemctl is-active --quiet whimbrel", 180)
        now = int(board.ask("date +%s").output)
        report.check("the time goes on where the last start ended", TIME < now < TIME + 7200, now - TIME)
        _begins(board, report, results)
        for name, hat in _HATS.items():
            _shows(board, report, results, name, hat)
        wanted = board.ask("env PYTHONPATH=/mnt python3 -B -m tests.pi.guest.wanted off").output
        board.ask(f"touch {panels.KEPT}/aloud")
        stop(board, card, report)
    _ends(report, results, wanted)


def _begins(board: Console, report: Report, results: Path) -> None:
    """Check the picture that was shown before the daemon began."""
    began = int(board.ask("systemctl show --value -p ExecMainStartTimestampMonotonic whimbrel").output) / 1e6
    command = panels.compare(_OLED, "i2c-1", "start", f"{began:.2f}")
    panels.shows(board, report, "the panel shows that it is starting", command, results, "splash")
    told = board.ask(command).output
    seconds = float(told.split()[0]) if told[:1].isdigit() else 1e9
    report.figure("kernel to the whole first picture on the panel, s", seconds)
    # The emulated panel is a program, which must have begun before anything can be sent to it.
    panel = {name: int(board.ask(f"systemctl show --value -p {name} tests-panel").output) / 1e6 for name in _WAITED}
    waited = panel[_WAITED[1]] - panel[_WAITED[0]]
    report.figure("of it the start of what stands for the panel, s", round(waited, 2))
    report.check(f"without that, within {SPLASH} s of the kernel", seconds - waited < SPLASH, told)


def _ends(report: Report, results: Path, wanted: str) -> None:
    """Check the picture that is left when nothing runs any more: what the panel was sent last is on the serial line."""
    oled = Ssd1306()
    for record in re.findall(rb"@i2c-1 (\S+)", (results / "hats.console").read_bytes()):
        message = binascii.a2b_base64(record)[RECORD.size :]
        (oled.data if message[0] == 0x40 else oled.command)(message[1:])
    shown = b"".join(oled.memory).hex()
    report.check("the panel shows at the end that the power may go", oled.lit and shown == wanted, f"{shown}\n{wanted}")


def _shows(board: Console, report: Report, results: Path, name: str, hat: Hat) -> None:
    board.ask("systemctl stop whimbrel")
    up = f"env PYTHONPATH=/mnt python3 -B -m tests.pi.guest.lines {hat.keys}"
    report.true(board, f"{name}: no key of it is held", up)
    board.ask("mount -o remount,rw /boot/firmware; rm -f /run/panel/*[0-9]")
    board.ask(f"cp /boot/firmware/hats/{name}.yaml /boot/firmware/whimbrel.yaml; mount -o remount,ro /boot/firmware")
    taken = "systemctl restart whimbrel-boot-settings && cmp /boot/firmware/whimbrel.yaml <(tail -n +2"
    report.true(board, f"{name}: its settings are taken", f"{taken} /etc/whimbrel/whimbrel.yaml)")
    board.ask("systemctl start whimbrel-splash-make")
    board.ask(f"systemctl restart whimbrel-splash@{hat.node}")
    told = f"{name}: the first picture is on its panel"
    panels.shows(board, report, told, panels.compare(name, hat.node, "start"), results, f"{name}-start")
    board.ask(f"rm -f {panels.KEPT}/{hat.node}")
    report.true(board, f"{name}: the daemon starts with them", "systemctl start whimbrel")
    report.becomes(board, f"{name}: its display is ready", "whimbrel modules | grep -E '^display +ready'", 60)
    if hat.keys:
        report.true(board, f"{name}: its keys are ready", "whimbrel modules | grep -E '^buttons +ready'")
    board.ask("whimbrel press menu")
    same = f"whimbrel screenshot --force /tmp/s.png && {panels.compare(name, hat.node, '/tmp/s.png')}"
    panels.shows(board, report, f"{name}: its panel shows the menu, pixel for pixel", same, results, name)
