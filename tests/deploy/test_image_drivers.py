"""The search for the drivers of a board's card, on a device tree as the kernel's are."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.pi.drivers import inside, modules, needed, nodes, patterns

TREE = """/dts-v1/;
/ {
    compatible = "raspberrypi,4-model-b";
    clk: clock { compatible = "fixed-clock"; #clock-cells = <0>; };
    cprman: cprman { compatible = "brcm,cprman"; #clock-cells = <1>; clocks = <&clk>; };
    gpio: gpio { compatible = "brcm,gpio"; #gpio-cells = <2>; pins: pins { function = <4>; }; };
    power: regulator { compatible = "regulator-gpio"; gpios = <&gpio 4 0>, <&gpio 5 0>; };
    wifi@2 { compatible = "brcm,bcm2835-sdhci"; clocks = <&cprman 3>; };
    off@3 { compatible = "brcm,bcm2835-sdhost"; status = "disabled"; };
    bus { compatible = "simple-bus";
        mmc@1 { compatible = "brcm,bcm2711-emmc2", "a,b"; clocks = <&cprman 51>, <&clk>; vqmmc-supply = <&power>;
                pinctrl-names = "default"; pinctrl-0 = <&pins>; };
    };
};
"""
ALIASES = """alias of:N*T*Cbrcm,bcm2711-emmc2 sdhci_iproc
alias of:N*T*Cbrcm,bcm2711-emmc2C* sdhci_iproc
alias of:N*T*Cregulator-gpio gpio_regulator
alias of:N*T*Cbrcm,bcm2835-sdhost bcm2835
alias usb:v148Fp5370d*dc*dsc*dp*ic*isc*ip*in* rt2800usb
"""


@pytest.mark.skipif(not shutil.which("dtc"), reason="device-tree-compiler is not installed")
def test_the_slot_and_what_it_needs_are_found(tmp_path: Path) -> None:
    tree = tmp_path / "board.dtb"
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, "-"], input=TREE.encode(), check=True)
    blob = tree.read_bytes()
    assert [node.name for node in nodes(blob)][:3] == ["", "clock", "cprman"]
    slot = needed(blob)
    assert slot[0].name == "mmc@1"
    assert {node.name for node in slot} == {"mmc@1", "bus", "", "clock", "cprman", "gpio", "pins", "regulator"}
    known = patterns(ALIASES)
    assert set().union(*(modules(node, known) for node in slot)) == {"sdhci_iproc", "gpio_regulator"}


@pytest.mark.skipif(not shutil.which("dtc"), reason="device-tree-compiler is not installed")
def test_a_board_without_a_known_slot_needs_nothing(tmp_path: Path) -> None:
    tree = tmp_path / "board.dtb"
    text = TREE.replace("brcm,bcm2711-emmc2", "brcm,other")
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, "-"], input=text.encode(), check=True)
    assert needed(tree.read_bytes()) == []


@pytest.mark.skipif(not shutil.which("cpio"), reason="cpio is not installed")
def test_names_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel/ext4.ko.xz").write_bytes(b"abcde")
    (tmp_path / "empty").touch()
    packed = subprocess.run(
        ["cpio", "-o", "-H", "newc", "--quiet"], input=b"kernel\nkernel/ext4.ko.xz\nempty\n", cwd=tmp_path,
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert inside(packed) == {"kernel", "kernel/ext4.ko.xz", "empty", "TRAILER!!!"}
