"""The script that a start runs where an update was cut off, with dpkg itself on a system of the test's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tests.updating.device import Device, build, device, needs_dpkg

from whimbrel.testing import PATIENCE

SCRIPT = Path(__file__).resolve().parents[2] / "systemd" / "whimbrel-update"
pytestmark = [needs_dpkg, pytest.mark.skipif(os.geteuid() != 0, reason="dpkg installs as root")]
__all__ = ["device"]


class Start:
    """A start of `device`; what it runs at last says so."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.state = device.places.state
        self.marker = self.state / "debian"
        self.archives = self.state / "security/archives"
        self.archives.mkdir(parents=True)
        self._bin = device.places.root.parent / "bin"
        self._bin.mkdir()
        root = device.places.root
        self.write("dpkg", f'{shutil.which("dpkg")} --root={root} "$@"')
        self.write("dpkg-query", f'exec {shutil.which("dpkg-query")} --admindir={root}/var/lib/dpkg "$@"')
        self.write("python3", 'echo "runs $*"')

    def write(self, name: str, text: str) -> None:
        """Have the script find this program first."""
        (self._bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self._bin / name).chmod(0o755)

    def dpkg_ends_after(self, text: str) -> None:
        """Have dpkg run that first."""
        program = self._bin / "dpkg"
        program.write_text(program.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\n{text}\n"))

    def cut_off(self, name: str, version: str) -> None:
        """Leave a package as a cut in the middle of its unpacking does, by its state."""
        package = build(self.archives / f"{name}_{version}_all.deb", version, Package=name)
        assert not self.device.dpkg.install(package).status
        status = self.device.places.root / "var/lib/dpkg/status"
        head, tail = status.read_text().split(f"Package: {name}\n")
        tail = tail.replace("install ok installed", "install reinstreq half-installed", 1)
        status.write_text(f"{head}Package: {name}\n{tail}")
        self.marker.touch()

    def __call__(self) -> subprocess.CompletedProcess[str]:
        variables = {"WHIMBREL_PATH": str(self._bin), "WHIMBREL_UPDATE_STATE": str(self.state)}
        return subprocess.run(
            ["sh", SCRIPT], env=os.environ | variables, capture_output=True, text=True, timeout=PATIENCE, check=False
        )


@pytest.fixture
def start(device: Device) -> Start:
    return Start(device)


def test_what_was_cut_off_in_the_middle_is_unpacked_again(device: Device, start: Start) -> None:
    start.cut_off("wren", "1.1")
    newer = build(device.places.root.parent / "robin.deb", "2.0", Package="robin")
    assert not device.dpkg.install(newer).status
    build(start.archives / "robin_1.0_all.deb", "1.0", Package="robin")
    done = start()
    assert device.dpkg.installed("wren").status == "ii", done.stderr
    assert device.dpkg.installed("robin").version == "2.0", "nothing becomes older by it"
    assert done.stdout.endswith("runs -I -B -m whimbrel.updating\n")
    assert not start.marker.exists()
    assert not list(start.archives.iterdir())


def test_what_cannot_be_finished_stays_to_be_finished(device: Device, start: Start) -> None:
    start.cut_off("wren", "1.1")
    (package,) = start.archives.iterdir()
    package.write_bytes(package.read_bytes()[:200])
    done = start()
    assert "<4>dpkg could not finish what was cut off" in done.stderr
    assert done.stdout.endswith("runs -I -B -m whimbrel.updating\n"), "a package on the card is looked at all the same"
    assert start.marker.exists()
    build(package, "1.1", Package="wren")
    start()
    assert device.dpkg.installed("wren").status == "ii"
    assert not start.marker.exists()


def test_a_shutdown_waits_for_dpkg_and_the_next_start_goes_on(device: Device, start: Start) -> None:
    start.cut_off("wren", "1.1")
    start.dpkg_ends_after(f"kill -{signal.SIGTERM.value} $PPID")
    done = start()
    assert done.returncode == 1, "it ends as soon as dpkg has"
    assert "runs" not in done.stdout
    assert device.dpkg.installed("wren").status == "ii"
    assert start.marker.exists()


def test_without_anything_cut_off_dpkg_is_left_alone(start: Start) -> None:
    start.dpkg_ends_after("echo it runs")
    assert start().stdout == "runs -I -B -m whimbrel.updating\n"
    (start.state / "pending.json").touch()
    (start.state / "program.pyz").touch()
    assert start().stdout == f"it runs\nruns -I -B {start.state}/program.pyz\n"
