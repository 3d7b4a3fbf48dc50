"""The recognition of a HAT by its EEPROM, as the firmware puts it into the device tree."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/install.sh"
FUNCTIONS = """
source <(sed -n '/^fail() {/,/^}/p; /^recognise() {/,/^}/p' "$1")
recognise "$2"
"""


def recognised(folder: Path, product: str | None, vendor: str = "") -> subprocess.CompletedProcess[str]:
    if product is not None:
        (folder / "product").write_bytes(product.encode() + b"\0")
        (folder / "vendor").write_bytes(vendor.encode() + b"\0")
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", FUNCTIONS, "bash", SCRIPT, folder],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("vendor", "product", "name"),
    [
        ("Adafruit Industries", "128x64 OLED Bonnet", "bonnet"),
        ("Waveshare", "1.3inch OLED HAT", "waveshare"),
        ("WAVESHARE", "1.3inch LCD HAT", "lcd-1.3"),
        ("Waveshare", "1.44inch LCD HAT", "lcd-1.44"),
        ("Waveshare", "2.13inch e-Paper HAT", "epaper-2.13"),
        ("Pimoroni Ltd.", "Display HAT Mini", "display-hat-mini"),
        ("Pimoroni Ltd.", "Inky pHAT", "inky-phat"),
    ],
)
def test_a_hat_is_recognised(tmp_path: Path, vendor: str, product: str, name: str) -> None:
    assert recognised(tmp_path, product, vendor).stdout == f"{name}\n"
    assert re.search(rf"^    {re.escape(name)}\) example=", SCRIPT.read_text(), re.MULTILINE), "it has settings"


def test_an_unknown_hat_is_named(tmp_path: Path) -> None:
    told = recognised(tmp_path, "Sense HAT", "Raspberry Pi")
    assert told.returncode == 1
    assert '"Sense HAT" by "Raspberry Pi"' in told.stderr


def test_a_board_without_eeprom(tmp_path: Path) -> None:
    told = recognised(tmp_path, None)
    assert told.returncode == 1
    assert "no identity EEPROM" in told.stderr
