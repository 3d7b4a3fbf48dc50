"""HATs are recognised by what the firmware has read, and an Inky by its maker's own EEPROM."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from whimbrel import hat
from whimbrel.testing import PATIENCE

PROJECT = Path(__file__).resolve().parents[1]
SIZE = 4096


def recognised(folder: Path, product: str, vendor: str = "") -> tuple[hat.Hat | None, str]:
    (folder / "product").write_bytes(product.encode() + b"\0")
    (folder / "vendor").write_bytes(vendor.encode() + b"\0")
    return hat.recognise(folder, folder / "no-bus")


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
    found, _ = recognised(tmp_path, product, vendor)
    assert found
    assert found.name == name
    assert (PROJECT / f"config/{found.settings}.yaml").exists()
    assert (PROJECT / f"deploy/image/overlays/{found.overlay}.dts").exists()


def test_an_unknown_hat_is_named(tmp_path: Path) -> None:
    assert recognised(tmp_path, "Sense\x1b HAT", "Raspberry Pi") == (
        None,
        'the HAT says that it is "Sense? HAT" by "Raspberry Pi", for which there are no settings here',
    )


def test_a_board_without_eeprom(tmp_path: Path) -> None:
    found, reason = hat.recognise(tmp_path, tmp_path / "no-bus")
    assert found is None
    assert "no identity EEPROM" not in reason
    assert f"{tmp_path / 'no-bus'}, where an Inky has another, cannot be used" in reason


def inky(width: int, height: int, colour: int, kind: int, written: bytes = b"2021-02-19 11:43:33.7") -> bytes:
    """Return what such a board's EEPROM holds, as Pimoroni's library writes it."""
    return struct.pack("<HHBBB22p", width, height, colour, 12, kind, written).ljust(SIZE, b"\xff")


@pytest.mark.parametrize("kind", [10, 11, 12])
@pytest.mark.parametrize("at", [0, 3, 29, SIZE - 1])
def test_an_inky_phat_is_recognised_wherever_its_eeprom_is_read_from(kind: int, at: int) -> None:
    octets = inky(250, 122, kind - 9, kind)
    assert hat.by_eeprom((octets[at:] + octets[:at]) * 2) == (hat.INKY, "")


@pytest.mark.parametrize(("width", "height", "kind"), [(212, 104, 4), (400, 300, 17), (250, 122, 23), (600, 448, 14)])
def test_another_inky_is_named(width: int, height: int, kind: int) -> None:
    assert hat.by_eeprom(inky(width, height, 1, kind)) == (
        None,
        f"this Inky ({width}x{height}, kind {kind}) has no settings here",
    )


@pytest.mark.parametrize("octets", [b"", b"\xff" * SIZE, bytes(SIZE), inky(250, 122, 2, 11, b"never"), b"R-Pi" * 99])
def test_another_eeprom_is_no_inky(octets: bytes) -> None:
    found, reason = hat.by_eeprom(octets)
    assert found is None
    assert "no HAT" in reason


def test_it_runs_by_its_path_without_the_package() -> None:
    """This machine has no HAT; what the program says is why."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", hat.__file__], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("no HAT has an identity EEPROM here")
