"""The image recognises a HAT by its EEPROM, while its owner has chosen none."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.deploy.test_image_boot_settings import PROJECT, SCRIPT, Card

from whimbrel.config import load

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "ssh-keygen", "mountpoint"))), reason="bash, ssh-keygen or mountpoint is missing"
)
FIRST = SCRIPT.with_name("first-hat")
BOOT = PROJECT / "deploy/image/boot"


class Device(Card):
    """A device that was never started, with what its EEPROM says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for name in ("whimbrel.yaml", "hardware.txt"):
            shutil.copy(BOOT / name, self.boot)
        sums = subprocess.run(
            ["sha256sum", "whimbrel.yaml", "hardware.txt"], cwd=self.boot, capture_output=True, check=True
        )
        (self.state / "first.sum").write_bytes(sums.stdout)
        shutil.copytree(PROJECT / "config", self.share / "settings")
        # The real one reads the bus of this machine.
        (self.programs / "python3").write_text('#!/bin/sh\ncat "$WHIMBREL_RUN/hat" 2> /dev/null\n')
        (self.programs / "systemctl").write_text('#!/bin/sh\necho "$@" >> "$WHIMBREL_RUN/systemctl"\n')
        for name in ("python3", "systemctl"):
            (self.programs / name).chmod(0o755)

    def plug(self, said: str) -> str:
        (self.run / "hat").write_text(f"{said}\n")
        return self.start(script=FIRST)

    def text(self, name: str) -> str:
        return (self.boot / name).read_bytes().decode()

    def restarts(self) -> int:
        log = self.run / "systemctl"
        return log.read_text().count("--no-block reboot\n") if log.exists() else 0


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def changed(device: Device) -> list[str]:
    return [name for name in ("whimbrel.yaml", "hardware.txt") if device.text(name) != (BOOT / name).read_text()]


@pytest.mark.parametrize(
    ("said", "overlay"),
    [
        ("inky-phat pimoroni-inky-phat whimbrel-spi", "whimbrel-spi"),
        ("display-hat-mini pimoroni-display-hat-mini whimbrel-spi-write", "whimbrel-spi-write"),
    ],
)
def test_its_settings_and_its_bus_are_taken_once(device: Device, said: str, overlay: str) -> None:
    settings = said.split()[1]
    assert f"this is the HAT {said.split(maxsplit=1)[0]}" in device.plug(said)
    assert load(device.boot / "whimbrel.yaml", whole=True).modules == load(PROJECT / f"config/{settings}.yaml").modules
    lines = [line for line in device.text("hardware.txt").splitlines() if line.startswith("dtoverlay=")]
    assert lines == ["dtoverlay=whimbrel-i2c", f"dtoverlay={overlay}"]
    assert device.restarts() == 1
    assert device.plug(said) == ""
    assert device.restarts() == 1, "it would start again and again"
    assert not list(device.boot.glob("*.new"))


@pytest.mark.parametrize("said", ["", "bonnet adafruit-oled-bonnet whimbrel-i2c"])
def test_without_one_and_with_the_first_one_all_stays(device: Device, said: str) -> None:
    if said:
        device.plug(said)
    else:
        (device.programs / "python3").write_text("#!/bin/sh\necho no HAT >&2\nexit 1\n")
        device.start(script=FIRST)
    assert not changed(device)
    assert not device.restarts()


@pytest.mark.parametrize("name", ["whimbrel.yaml", "hardware.txt"])
def test_what_its_owner_has_changed_stays(device: Device, name: str) -> None:
    with (device.boot / name).open("a") as file:
        file.write("# mine\n")
    device.plug("inky-phat pimoroni-inky-phat whimbrel-spi")
    assert changed(device) == [name]
    assert not device.restarts()


def test_a_power_cut_between_the_two_files_is_made_good(device: Device) -> None:
    hardware = device.text("hardware.txt").replace("#dtoverlay=whimbrel-spi\n", "dtoverlay=whimbrel-spi\n")
    (device.boot / "hardware.txt").write_text(hardware)
    device.plug("inky-phat pimoroni-inky-phat whimbrel-spi")
    assert device.text("hardware.txt") == hardware
    assert load(device.boot / "whimbrel.yaml").modules["display"].driver == "epaper"


def test_a_full_partition_leaves_both_files_whole(device: Device) -> None:
    sync = device.programs / "sync"
    sync.write_text('#!/bin/sh\ncase "$1" in *.new) exit 1 ;; esac\n')
    sync.chmod(0o755)
    (device.run / "hat").write_text("inky-phat pimoroni-inky-phat whimbrel-spi\n")
    with pytest.raises(AssertionError):
        device.start(script=FIRST)
    assert not changed(device)
    assert not device.restarts()
    assert not list(device.boot.glob("*.new"))
    sync.unlink()
    device.plug("inky-phat pimoroni-inky-phat whimbrel-spi")
    assert device.restarts() == 1
