"""What the images of the boards differ in: each one's folder, and what the builder makes of it."""

import configparser
import os
import re
import subprocess
from pathlib import Path

import pytest
from tools.icount import binfmt
from tools.release import boards

IMAGE = Path(__file__).resolve().parents[2] / "deploy/image"
NAMES = sorted(path.name for path in (IMAGE / "boards").iterdir())


def of(board: str, request: str) -> str:
    """Return what the builder's scripts make of a request, for a board."""
    script = f". {IMAGE}/common.sh; {request}"
    told = subprocess.run(
        ["bash", "-euc", script, str(IMAGE / "build.sh")],
        env=os.environ | {"BOARD": board}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout if not told.returncode else told.stderr


@pytest.mark.parametrize("board", NAMES)
def test_a_board_says_all_that_the_builder_asks(board: str) -> None:
    told = of(board, 'echo "$architecture|$kernel|$boot_mib|$imager|$names"').strip("\n").split("|")
    assert all(told), told
    architecture, kernel, boot_mib, imager, names = told
    assert of(board, "packages").split()[0] == kernel
    assert of(board, "packages").split().count("raspi-firmware") == 1
    assert int(boot_mib) >= 256
    assert {"armel": "arm", "arm64": "aarch64"}[architecture] in {
        rule.split(":")[1].removeprefix("qemu-") for rule in binfmt.rules("x86_64")
    }
    (published,) = (each for each in boards() if each.name == board)
    devices = tuple((tag, name) for tag, name in (line.split(maxsplit=1) for line in imager.splitlines()))
    assert (published.names, published.devices) == (names, devices)


def test_an_unknown_board_is_named_with_those_that_there_are() -> None:
    assert of("zero3", "true") == f"image: there is no board 'zero3'; there are: {' '.join(NAMES)}\n"


def test_the_zero_w_is_meant_where_none_is_named() -> None:
    assert of("", 'echo "$board"') == "zero-w\n"


@pytest.mark.parametrize(
    ("board", "trees"),
    [("zero-w", ["bcm2835-*", "broadcom/bcm2835-*"]), ("zero2w", ["broadcom/bcm2837-*", "broadcom/bcm2711-*"])],
)
def test_the_device_trees_that_stay_are_of_boards_that_can_start(board: str, trees: list[str]) -> None:
    rules = (IMAGE / "boards" / board / "base/dpkg/dpkg.cfg.d/whimbrel-image-board").read_text().splitlines()
    exclude = rules.index("path-exclude=/usr/lib/linux-image-*/*.dtb")
    assert [line for line in rules[exclude + 1 :] if line.endswith(".dtb")] == [
        f"path-include=/usr/lib/linux-image-*/{tree}.dtb" for tree in trees
    ]


def test_rules_of_a_board_are_read_after_those_of_all_boards() -> None:
    """The last rule that fits a path counts, and dpkg reads them in the order of the names."""
    common = [path.name for path in (IMAGE / "base/dpkg/dpkg.cfg.d").iterdir()]
    for board in NAMES:
        own = [path.name for path in (IMAGE / "boards" / board / "base/dpkg/dpkg.cfg.d").iterdir()]
        assert max(common) < min(own)


@pytest.mark.parametrize("board", NAMES)
def test_no_file_of_a_board_replaces_one_of_all_boards(board: str) -> None:
    for part in ("base", "root"):
        own = IMAGE / "boards" / board / part
        names = {path.relative_to(own) for path in own.rglob("*") if path.is_file()}
        assert not [name for name in names if (IMAGE / part / name).is_file()]


def test_the_root_is_found_by_the_partition_table() -> None:
    """Which of a board's two controllers for cards is the first, and so mmcblk0, is decided anew by each start."""
    disk = of("zero-w", 'echo "$disk"').strip()
    assert re.fullmatch("[0-9a-f]{8}", disk)
    assert f"\nROOTPART=PARTUUID={disk}-02\n" in (IMAGE / "root/etc/default/raspi-firmware").read_text()
    rows = [line.split() for line in (IMAGE / "root/etc/fstab").read_text().splitlines() if not line.startswith("#")]
    assert {row[1]: row[0] for row in rows if row[1].startswith("/boot") or row[1] == "/"} == {
        "/": f"PARTUUID={disk}-02", "/boot/firmware": f"PARTUUID={disk}-01",
    }  # fmt: skip


def test_the_first_file_system_can_read_the_root() -> None:
    for board in NAMES:
        listed = (IMAGE / "boards" / board / "base/initramfs-tools/modules").read_text().splitlines()
        assert {"ext4", "crc32c_generic"} <= set(listed)


def test_a_cable_of_a_network_is_not_taken_for_that_to_a_computer() -> None:
    networks = {}
    for path in [*IMAGE.glob("root/etc/systemd/network/*"), *IMAGE.glob("boards/*/root/etc/systemd/network/*")]:
        networks[path.name] = configparser.RawConfigParser(strict=False)
        networks[path.name].read_string(path.read_text())
    assert networks["20-whimbrel-cable.network"]["Match"]["Name"] == "usb*"
    assert networks["30-whimbrel-ethernet.network"]["Match"]["Name"] == "eth*"
    assert networks["30-whimbrel-ethernet.network"]["Network"]["DHCP"] == "yes"
    assert all(network["Link"]["RequiredForOnline"] == "no" for network in networks.values())
