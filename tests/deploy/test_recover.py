"""The script that root runs for the daemon, on a made-up sysfs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.testing import PATIENCE

SCRIPT = Path(__file__).resolve().parents[2] / "systemd" / "whimbrel-recover"
RADIOTAP = "803"
pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh")


class Machine:
    """A /sys with one USB radio, and programs that only record their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sys = folder / "sys"
        self.driver = self.sys / "bus/usb/drivers/ath9k_htc"
        self.device = self.sys / "devices/usb1/1-1:1.0"
        for made in (self.driver, self.device / "ieee80211/phy0", self.sys / "module/ath9k_htc", folder / "bin"):
            made.mkdir(parents=True)
        for name in ("bind", "unbind"):
            (self.driver / name).touch()
        (self.driver / "module").symlink_to(self.sys / "module/ath9k_htc")
        (self.device / "driver").symlink_to(self.driver)
        (self.device / "ieee80211/phy0/device").symlink_to(self.device)
        (self.sys / "class/ieee80211").mkdir(parents=True)
        (self.sys / "class/ieee80211/phy0").symlink_to(self.device / "ieee80211/phy0")
        self.interface("wlan1", "1")
        self.uptime(5000)
        for name in ("modprobe", "systemctl"):
            self.program(name, "")

    def interface(self, name: str, kind: str, state: str = "down", *, up: bool = False) -> None:
        folder = self.sys / "class/net" / name
        folder.mkdir(parents=True)
        (folder / "type").write_text(f"{kind}\n")
        self.state(name, state, up=up)
        (folder / "phy80211").symlink_to(self.device / "ieee80211/phy0")

    def state(self, name: str, state: str, *, up: bool = True) -> None:
        """Set what the kernel tells of an interface."""
        folder = self.sys / "class/net" / name
        (folder / "operstate").write_text(f"{state}\n")
        (folder / "flags").write_text(f"{0x1002 | up:#x}\n")

    def open(self, *radios: str) -> None:
        """Note the radios that the helper has opened."""
        (self.folder / "radios").write_text("".join(f"{radio}\n" for radio in radios))

    def uptime(self, seconds: float) -> None:
        (self.folder / "uptime").write_text(f"{seconds:.2f} 1.00\n")

    def program(self, name: str, then: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.folder}/called"\n{then}\n')
        path.chmod(0o755)

    @property
    def called(self) -> str:
        path = self.folder / "called"
        return path.read_text() if path.exists() else ""

    @property
    def touched(self) -> tuple[str, str]:
        return (self.driver / "unbind").read_text(), (self.driver / "bind").read_text()

    def recover(self, *what: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "WHIMBREL_SYS": str(self.sys), "WHIMBREL_PROC": str(self.folder),
            "WHIMBREL_PATH": str(self.folder / "bin"), "WHIMBREL_PATIENCE": "0",
            "WHIMBREL_IN_USE": str(self.folder / "radios"),
        }  # fmt: skip
        command = ["sh", str(SCRIPT), *what]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_driver_of_the_radio_that_listens_is_bound_anew(machine: Machine) -> None:
    machine.interface("phy0mon", RADIOTAP)
    done = machine.recover("radio")
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.touched == ("1-1:1.0", "1-1:1.0")
    assert machine.called == ""


def test_so_is_that_of_an_interface_that_is_named(machine: Machine) -> None:
    assert machine.recover("wlan1").returncode == 0
    assert machine.touched == ("1-1:1.0", "1-1:1.0")


def test_a_radio_that_nobody_listens_on_is_left_alone(machine: Machine) -> None:
    done = machine.recover("radio")
    assert done.returncode == 1
    assert "no radio here has a monitor interface" in done.stderr
    assert machine.touched == ("", "")


def test_a_radio_that_scans_is_the_one_that_the_helper_has_opened(machine: Machine) -> None:
    machine.open("phy0")
    machine.state("wlan1", "down")
    assert machine.recover("radio").returncode == 0
    assert machine.touched == ("1-1:1.0", "1-1:1.0")


def test_a_monitor_beside_it_is_left_alone(machine: Machine) -> None:
    machine.interface("phy0mon", RADIOTAP)
    machine.open("phy7")
    done = machine.recover("radio")
    assert done.returncode == 1
    assert "no radio that Whimbrel listens with can be taken" in done.stderr
    assert machine.touched == ("", "")


def test_without_the_helper_it_is_one_that_is_up(machine: Machine) -> None:
    machine.state("wlan1", "dormant")
    assert machine.recover("radio").returncode == 0
    assert machine.touched == ("1-1:1.0", "1-1:1.0")


def test_of_two_it_is_not_the_one_that_is_connected(machine: Machine) -> None:
    other = machine.sys / "devices/usb1/1-2:1.0"
    (other / "ieee80211/phy1").mkdir(parents=True)
    (other / "driver").symlink_to(machine.driver)
    (other / "ieee80211/phy1/device").symlink_to(other)
    (machine.sys / "class/ieee80211/phy1").symlink_to(other / "ieee80211/phy1")
    machine.state("wlan1", "dormant")
    connected = machine.sys / "class/net/wlan2"
    connected.mkdir()
    (connected / "type").write_text("1\n")
    (connected / "phy80211").symlink_to(other / "ieee80211/phy1")
    machine.state("wlan2", "up")
    assert machine.recover("radio").returncode == 0
    assert machine.touched == ("1-1:1.0", "1-1:1.0")


@pytest.mark.parametrize("opened", [(), ("phy0",)])
def test_a_connected_radio_is_never_taken(machine: Machine, opened: tuple[str, ...]) -> None:
    machine.open(*opened)
    machine.state("wlan1", "up")
    done = machine.recover("radio")
    assert done.returncode == 1
    assert "connected" in done.stderr
    assert machine.touched == ("", "")


@pytest.mark.parametrize("name", ["../../etc", "$(reboot)", "phy0 phy1", "a" * 16, "phy0/../phy0", "*"])
def test_what_is_no_name_in_the_helpers_file_is_left_out(machine: Machine, name: str) -> None:
    machine.open(name)
    assert machine.recover("radio").returncode == 1
    assert machine.touched == ("", "")
    machine.open(name, "phy0")
    assert machine.recover("radio").returncode == 0
    assert machine.called == ""


def test_the_module_is_loaded_anew_where_binding_does_not_help(machine: Machine) -> None:
    shutil.rmtree(machine.device / "ieee80211/phy0")
    (machine.sys / "class/net/wlan1/phy80211").unlink()
    (machine.sys / "class/net/wlan1/phy80211").symlink_to(machine.sys / "phy")
    (machine.sys / "phy").mkdir()
    (machine.sys / "phy/device").symlink_to(machine.device)
    machine.program("modprobe", f'[ "$1" = -r ] || mkdir "{machine.device}/ieee80211/phy1"')
    done = machine.recover("wlan1")
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.called == "modprobe -r ath9k_htc\nmodprobe ath9k_htc\n"


def test_a_driver_that_does_not_bring_it_back_is_a_failure(machine: Machine) -> None:
    machine.interface("phy0mon", RADIOTAP)
    machine.program("modprobe", "exit 1")
    (machine.driver / "unbind").unlink()
    done = machine.recover("radio")
    assert done.returncode == 1
    assert "does not bring the radio back" in done.stderr


def test_the_board_starts_anew_once_it_has_run_for_a_while(machine: Machine) -> None:
    assert machine.recover("reboot").returncode == 0
    assert machine.called == "systemctl --no-ask-password --no-block reboot\n"


def test_a_board_that_has_just_started_does_not(machine: Machine) -> None:
    machine.uptime(599)
    done = machine.recover("reboot")
    assert done.returncode == 1
    assert "not again" in done.stderr
    assert machine.called == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        ".",
        "-r",
        "../../etc",
        "wlan1/../wlan1",
        "wlan1 reboot",
        "wlan1\n",
        "a" * 16,
        "*",
        "$(reboot)",
        "wlan9",
        "ü",
    ],
)
def test_what_is_no_radio_is_refused_and_touches_nothing(machine: Machine, name: str) -> None:
    machine.interface("phy0mon", RADIOTAP)
    done = machine.recover(name)
    assert done.returncode == 1
    assert "no" in done.stderr
    assert machine.touched == ("", "")
    assert machine.called == ""


@pytest.mark.parametrize("what", [(), ("radio", "reboot")])
def test_it_takes_one_argument(machine: Machine, what: tuple[str, ...]) -> None:
    assert machine.recover(*what).returncode == 1
    assert machine.called == ""


def test_it_is_a_program() -> None:
    assert os.access(SCRIPT, os.X_OK)
