"""The contents of the image: its settings, the connections of the pins, the files kept off the card."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.config import load

IMAGE = Path(__file__).resolve().parents[2] / "deploy/image"
OWN = IMAGE / "root/usr/lib/whimbrel-image"
SCRIPTS = [
    *IMAGE.glob("*.sh"),
    *OWN.glob("*.sh"),
    *(path for path in OWN.iterdir() if path.read_bytes().startswith(b"#!/bin/bash")),
]
# As the kernel's device tree of a Zero W has them.
BOARD = """/dts-v1/;
/ { soc { #address-cells = <1>; #size-cells = <1>;
    gpio: gpio {
        pinctrl-names = "default"; pinctrl-0 = <&alt0>;
        spi0_gpio7: spi0-gpio7 { brcm,pins = <7 8 9 10 11>; };
        alt0: alt0 { brcm,pins = <4 5 7 8 9 10 11>; };
    };
    spi: spi@7e204000 { reg = <0x7e204000 0x200>; status = "disabled"; #address-cells = <1>; #size-cells = <0>; };
    i2c1: i2c@7e804000 { reg = <0x7e804000 0x1000>; clock-frequency = <100000>; status = "okay"; };
}; };
"""


def unit(name: str) -> configparser.RawConfigParser:
    """Return a file of systemd; where a name is given twice, the last counts."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((IMAGE / "root" / name).read_text())
    return parser


def test_the_settings_on_the_card_are_right() -> None:
    configuration = load(IMAGE / "boot/whimbrel.yaml")
    assert list(configuration.modules) == ["sniffer", "watcher", "logger", "control", "system", "buttons", "display"]


def test_so_are_those_for_the_other_hat_that_stand_there_as_comments(tmp_path: Path) -> None:
    lines = (IMAGE / "boot/whimbrel.yaml").read_text().splitlines()
    bonnet, hat = (
        next(number for number, line in enumerate(lines) if name in line) for name in ("The Adafruit", "The Waveshare")
    )
    changed = tmp_path / "whimbrel.yaml"
    others = [line.replace("#", "", 1) for line in lines[hat + 1 :]]
    changed.write_text("\n".join(lines[:bonnet] + others))
    ready_made = load(IMAGE.parents[1] / "config/waveshare-oled-hat.yaml").modules
    given = load(changed).modules
    assert {name: given[name] for name in ("buttons", "display")} == {
        name: ready_made[name] for name in ("buttons", "display")
    }


def test_so_is_the_page_for_the_cable(tmp_path: Path) -> None:
    changed = tmp_path / "whimbrel.yaml"
    text = (IMAGE / "boot/whimbrel.yaml").read_text()
    changed.write_text(text.replace("  #web:", "  web:"))
    network = (IMAGE / "root/etc/systemd/network/20-whimbrel-cable.network").read_text()
    here, cable = load(changed).modules["web"].addresses
    assert here == "127.0.0.1"
    assert f"Address={cable}/" in network


@pytest.mark.skipif(not shutil.which("fdtoverlay"), reason="device-tree-compiler is not installed")
@pytest.mark.parametrize(
    ("overlay", "node", "values"),
    [
        ("whimbrel-i2c", "/soc/i2c@7e804000", {"status": "okay", "clock-frequency": "400000"}),
        ("whimbrel-spi", "/soc/spi@7e204000", {"status": "okay"}),
        ("whimbrel-spi", "/soc/gpio/whimbrel-own", {"brcm,pins": "4", "brcm,function": "0"}),
        ("whimbrel-spi-write", "/soc/gpio/whimbrel-own", {"brcm,pins": "4", "brcm,function": "0"}),
        ("whimbrel-spi-write", "/soc/gpio/spi0-gpio7", {"brcm,pins": "7 8 10 11"}),
        ("whimbrel-spi-write", "/soc/spi@7e204000", {"status": "okay"}),
        ("whimbrel-spi-write", "/soc/spi@7e204000/spidev@1", {"reg": "1"}),
        ("whimbrel-spi", "/soc/spi@7e204000/spidev@0", {"reg": "0"}),
        ("whimbrel-spi", "/soc/spi@7e204000/spidev@1", {"reg": "1"}),
        ("whimbrel-rtc-ds1307", "/soc/i2c@7e804000/rtc@68", {"compatible": "dallas,ds1307", "reg": "104"}),
        ("whimbrel-rtc-ds3231", "/soc/i2c@7e804000/rtc@68", {"compatible": "maxim,ds3231", "reg": "104"}),
        ("whimbrel-rtc-pcf8523", "/soc/i2c@7e804000/rtc@68", {"compatible": "nxp,pcf8523", "reg": "104"}),
        ("whimbrel-rtc-pcf8523", "/soc/i2c@7e804000", {"status": "okay"}),
    ],
)
def test_overlays_apply_to_the_board(tmp_path: Path, overlay: str, node: str, values: dict[str, str]) -> None:
    both = _applied(tmp_path, overlay)
    for name, value in values.items():
        assert _get(both, node, name) == value


@pytest.mark.skipif(not shutil.which("fdtoverlay"), reason="device-tree-compiler is not installed")
@pytest.mark.parametrize("overlay", ["whimbrel-spi", "whimbrel-spi-write"])
def test_the_pins_of_spi_are_free_for_it(tmp_path: Path, overlay: str) -> None:
    """A pin that two devices take leaves one of them out, and a controller that takes nothing ends the kernel."""
    board = _applied(tmp_path, overlay)
    own = _get(board, "/soc/gpio", "pinctrl-0")
    assert own == _get(board, "/soc/gpio/whimbrel-own", "phandle") != ""
    taken = _get(board, "/soc/gpio/whimbrel-own", "brcm,pins").split()
    assert set(taken).isdisjoint(_get(board, "/soc/gpio/spi0-gpio7", "brcm,pins").split())


def _get(tree: Path, node: str, name: str) -> str:
    """Return a property of a device tree."""
    return subprocess.run(["fdtget", tree, node, name], capture_output=True, text=True, check=True).stdout.strip()


def _applied(folder: Path, overlay: str) -> Path:
    """Return the board's tree with an overlay."""
    (folder / "board.dts").write_text(BOARD)
    compile_: list[str | Path] = ["dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o"]
    subprocess.run([*compile_, folder / "board.dtb", folder / "board.dts"], check=True)
    subprocess.run([*compile_, folder / "overlay.dtbo", IMAGE / f"overlays/{overlay}.dts"], check=True)
    both = folder / "both.dtb"
    subprocess.run(["fdtoverlay", "-i", folder / "board.dtb", "-o", both, folder / "overlay.dtbo"], check=True)
    return both


def test_config_txt_takes_the_file_that_says_what_is_connected() -> None:
    inserted = (IMAGE / "root/etc/default/raspi-firmware-custom").read_text().splitlines()
    assert "include hardware.txt" in inserted
    named = re.findall(r"^#?dtoverlay=(.*)$", (IMAGE / "boot/hardware.txt").read_text(), re.MULTILINE)
    clocks = ["whimbrel-rtc-ds3231", "whimbrel-rtc-ds1307", "whimbrel-rtc-pcf8523"]
    assert named == ["whimbrel-i2c", "whimbrel-spi", "whimbrel-spi-write", *clocks]
    assert {f"{name}.dts" for name in named} == {path.name for path in (IMAGE / "overlays").iterdir()}
    assert "\ndtoverlay=whimbrel-i2c\n" in (IMAGE / "boot/hardware.txt").read_text()


def test_names_on_the_boot_partition_are_those_that_the_readme_explains() -> None:
    explained = (IMAGE / "boot/README.txt").read_text()
    for path in (IMAGE / "boot").iterdir():
        assert path.name in explained or path.name == "README.txt"


def test_the_card_is_written_seldom() -> None:
    rows = [line.split() for line in (IMAGE / "root/etc/fstab").read_text().splitlines() if not line.startswith("#")]
    mounts = {row[1]: (row[2], set(row[3].split(","))) for row in rows}
    assert {"noatime", "lazytime", "commit=120"} <= mounts["/"][1]
    assert "ro" in mounts["/boot/firmware"][1]
    assert mounts["/tmp"][0] == mounts["/var/tmp"][0] == "tmpfs"
    assert "swap" not in {kind for kind, _ in mounts.values()}


def test_the_watchdog_is_within_what_the_processor_can() -> None:
    seconds = unit("etc/systemd/system.conf.d/whimbrel-image.conf")["Manager"]["RuntimeWatchdogSec"]
    assert seconds.endswith("s")
    assert 5 <= int(seconds[:-1]) < 16


def test_nobody_logs_in_without_a_key_of_the_boot_partition() -> None:
    server = (IMAGE / "root/etc/ssh/sshd_config.d/whimbrel-image.conf").read_text().splitlines()
    assert "PasswordAuthentication no" in server
    assert "KbdInteractiveAuthentication no" in server
    assert "AuthenticationMethods publickey" in server
    keys = next(line.split()[1] for line in server if line.startswith("AuthorizedKeysFile"))
    started = unit("etc/systemd/system/ssh.service.d/whimbrel-image.conf")
    assert started["Unit"]["ConditionFileNotEmpty"] == f"|{keys}"


def test_the_settings_are_taken_before_anybody_reads_them() -> None:
    ordered = unit("usr/lib/systemd/system/whimbrel-boot-settings.service")["Unit"]
    before = ordered["Before"].split()
    assert {"whimbrel.service", "ssh.service", "systemd-networkd.service", "systemd-resolved.service"} <= set(before)
    # The mount may fail, and is therefore not a part of local-fs.target.
    assert "boot-firmware.mount" in ordered["After"].split()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_stop_at_the_first_error(script: Path) -> None:
    text = script.read_text()
    assert "set -euo pipefail" in text or text.startswith("# Sourced by")
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_scripts_are_clean() -> None:
    checked = subprocess.run(["shellcheck", *SCRIPTS], capture_output=True, text=True, check=False, cwd=IMAGE)
    assert checked.returncode == 0, checked.stdout


def test_the_card_explains_itself() -> None:
    assert max(map(len, (IMAGE / "boot/MANUAL.txt").read_text().splitlines())) <= 80
    assert "reference.yaml" in (IMAGE / "boot/whimbrel.yaml").read_text()
    assert "inside /usr/lib/whimbrel-image/card-files\n" in (IMAGE / "fill.sh").read_text()


def test_an_update_renews_what_the_image_adds() -> None:
    """All of it in /usr is of the package, and all units are started by one that the image enables."""
    packed = {
        path.relative_to(IMAGE / "root"): line.split()[1]
        for line in (IMAGE.parent / "debian/whimbrel.install").read_text().splitlines()
        for path in IMAGE.parents[1].glob(line.split()[0])
        if path.is_relative_to(IMAGE / "root")
    }
    assert {path.parent: str(path.parent) for path in packed} == {path.parent: to for path, to in packed.items()}
    assert set(packed) == {
        path.relative_to(IMAGE / "root") for path in (IMAGE / "root/usr").rglob("*") if path.is_file()
    }
    units = IMAGE / "root/usr/lib/systemd/system"
    wanted = " ".join(re.findall(r"^Wants=(.*)$", (units / "whimbrel-image.target").read_text(), re.MULTILINE)).split()
    timed = {path.with_suffix(".service").name for path in units.glob("*.timer")}
    of_package = {"whimbrel-time.path"}
    assert set(wanted) == {path.name for path in units.iterdir()} - timed - {"whimbrel-image.target"} | of_package
