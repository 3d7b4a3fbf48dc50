"""With apt and dpkg themselves, on a system and with an archive of the test's own."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.securing.archive import Archive
from tests.updating.device import Device, build, device, needs_dpkg

from whimbrel.securing.apt import Apt, Renewed
from whimbrel.updating.programs import Ended

pytestmark = [
    needs_dpkg,
    pytest.mark.skipif(os.geteuid() != 0, reason="dpkg installs as root"),
    pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is missing"),
]
__all__ = ["device"]


@pytest.fixture
def archive(tmp_path: Path, device: Device) -> Iterator[Archive]:
    made = Archive(tmp_path, device)
    yield made
    made.close()


@pytest.fixture
def apt(tmp_path: Path, archive: Archive) -> Apt:
    return Apt(tmp_path / "apt", archive.etc, archive.run)


def installed(device: Device, name: str) -> str:
    return device.dpkg.installed(name).version


def test_what_is_newer_is_installed_once(device: Device, archive: Archive, apt: Apt, tmp_path: Path) -> None:
    device.dpkg.install(build(tmp_path / "wren.deb", "1.0", Package="wren"))
    began: list[str] = []
    assert apt.renew(lambda: began.append(installed(device, "wren"))) == Renewed(0)
    assert not began
    archive.publish(archive.package("wren", "1.1"), archive.package("robin", "7"))
    assert apt.renew(lambda: began.append(installed(device, "wren"))) == Renewed(1)
    assert began == ["1.0"], "it is remembered before anything is changed"
    assert installed(device, "wren") == "1.1"
    assert not installed(device, "robin"), "nothing comes that was not there"
    assert apt.renew(lambda: began.append("again")) == Renewed(0)
    assert len(began) == 1


@pytest.mark.parametrize("at", ["apt-get", "dpkg"])
def test_a_shutdown_waits_for_what_was_begun(device: Device, archive: Archive, tmp_path: Path, at: str) -> None:
    seen: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append("asked to end"))

    def run(argv: list[str], patience: float) -> Ended:
        """Have a shutdown come in the middle of a change by `at`; only dpkg's is needed if apt's fails."""
        changes = argv[0] == "dpkg" or ("upgrade" in argv and not {"--simulate", "--download-only"} & {*argv})
        if changes and argv[0] == at:
            os.kill(os.getpid(), signal.SIGTERM)
        told = archive.run(argv, patience)
        if changes:
            seen.append(argv[0])
        return told._replace(status=1) if changes and at == "dpkg" else told

    device.dpkg.install(build(tmp_path / "wren.deb", "1.0", Package="wren"))
    archive.publish(archive.package("wren", "1.1"))
    try:
        Apt(tmp_path / "apt", archive.etc, run).renew(lambda: None)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == (["apt-get", "asked to end"] if at == "apt-get" else ["apt-get", "dpkg", "asked to end"])
    assert installed(device, "wren") == "1.1"


def test_what_failed_stays_to_be_unpacked_again(device: Device, archive: Archive, tmp_path: Path) -> None:
    def run(argv: list[str], patience: float) -> Ended:
        told = archive.run(argv, patience)
        return told if {"--simulate", "--download-only"} & {*argv} or "upgrade" not in argv else told._replace(status=1)

    device.dpkg.install(build(tmp_path / "wren.deb", "1.0", Package="wren"))
    archive.publish(archive.package("wren", "1.1"))
    assert "what was begun is whole" in Apt(tmp_path / "apt", archive.etc, run).renew(lambda: None).problem
    assert [file.name for file in (tmp_path / "apt/archives").glob("*.deb")] == ["wren_1.1_all.deb"]


def test_kernel_and_firmware_stay(device: Device, archive: Archive, apt: Apt, tmp_path: Path) -> None:
    held = ("linux-image-rpi", "raspi-firmware", "firmware-realtek")
    for name in held:
        device.dpkg.install(build(tmp_path / f"{name}.deb", "1.0", Package=name))
    archive.publish(*(archive.package(name, "1.1") for name in held))
    assert apt.renew(lambda: None) == Renewed(0)
    assert {installed(device, name) for name in held} == {"1.0"}


def test_without_an_archive_of_security_updates_it_says_so(archive: Archive, apt: Apt) -> None:
    archive.name_in_sources("wren")
    assert "names no archive of security updates" in apt.renew(lambda: None).problem
    assert "update" not in archive.ran


def test_without_a_network_it_says_what_to_do(archive: Archive, apt: Apt, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "archive")
    done = apt.renew(lambda: None)
    assert done.problem.startswith("the archive cannot be reached: connect the device to a network (")
    assert "upgrade" not in archive.ran


def test_with_a_clock_that_is_behind_it_says_what_to_do(archive: Archive, apt: Apt) -> None:
    archive.publish(date="Fri, 30 Nov 2096 20:00:00 UTC")
    told = apt.renew(lambda: None).problem
    assert told.startswith("the device's clock is behind: write time= into device.txt (")
    assert "upgrade" not in archive.ran


def test_an_index_that_is_not_signed_by_the_archive_is_refused(
    device: Device, archive: Archive, apt: Apt, tmp_path: Path
) -> None:
    device.dpkg.install(build(tmp_path / "wren.deb", "1.0", Package="wren"))
    archive.publish(archive.package("wren", "1.1"))
    release = tmp_path / "archive/dists/wren-security/InRelease"
    release.write_text(release.read_text().replace("Components: main", "Components: main other"))
    assert apt.renew(lambda: None).problem
    assert installed(device, "wren") == "1.0"


def test_a_package_that_is_not_what_was_published_changes_nothing(
    device: Device, archive: Archive, apt: Apt, tmp_path: Path
) -> None:
    device.dpkg.install(build(tmp_path / "wren.deb", "1.0", Package="wren"))
    package = archive.package("wren", "1.1")
    archive.publish(package)
    package.write_bytes(package.read_bytes()[:-40] + bytes(40))
    began: list[bool] = []
    done = apt.renew(lambda: began.append(True))
    assert done.problem
    assert device.dpkg.installed("wren").status == "ii"
    assert installed(device, "wren") == "1.0"
