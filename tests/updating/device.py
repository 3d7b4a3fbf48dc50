"""A system of its own for dpkg, with one package installed, and a card beside it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.updating.dpkg import Dpkg
from whimbrel.updating.health import DaemonHealth
from whimbrel.updating.package_file import PackageFile, read
from whimbrel.updating.places import Places
from whimbrel.updating.remembering import UpdateMemory
from whimbrel.updating.update import Update

needs_dpkg = pytest.mark.skipif(
    not all(map(shutil.which, ("dpkg", "dpkg-deb", "apt-get"))), reason="dpkg or apt is missing"
)


def build(target: Path, version: str, *, content: str = "", **fields: str) -> Path:
    """Make a package ``whimbrel`` with one file, which holds `content` or the version."""
    folder = target.with_suffix("")
    (folder / "DEBIAN").mkdir(parents=True)
    (folder / "usr/bin").mkdir(parents=True)
    (folder / "usr/bin" / fields.get("Package", "whimbrel")).write_text(content or version)
    values = {"Package": "whimbrel", "Version": version, "Architecture": "all", "Maintainer": "a <a@b.c>"}
    values |= {"Description": "d", "Installed-Size": "4"} | fields
    (folder / "DEBIAN/control").write_text("".join(f"{name}: {value}\n" for name, value in values.items()))
    command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", str(folder), str(target)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(folder)
    return target


class Device:
    """The system, and how its daemon does after each change."""

    def __init__(self, folder: Path) -> None:
        root, card = folder / "root", folder / "card"
        for name in ("info", "updates", "triggers"):
            (root / "var/lib/dpkg" / name).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        (card / "packages").mkdir(parents=True)
        self.places = Places(root, card)
        self.places.state.mkdir()
        self.dpkg = Dpkg(root)
        self.memory = UpdateMemory(self.places.state)
        self.health: list[DaemonHealth] = []
        """What is found when the daemon is waited for; well once there is no more of it."""
        self.asked: list[bool] = []
        """Whether it had to be ready, each time."""
        self.patience: list[float] = []
        """For how many seconds it was waited for, each time."""
        self.expected = True
        """Whether what is installed has a daemon."""
        done = self.dpkg.install(build(folder / "one.deb", "1.0"))
        assert not done.status, done.reason

    @property
    def update(self) -> Update:
        return Update(self.places, self.dpkg, self.memory, self._check, lambda: self.expected)

    def _check(self, _before: int, patience: float, must_be_ready: bool) -> DaemonHealth:
        self.patience.append(patience)
        self.asked.append(must_be_ready)
        return self.health.pop(0) if self.health else DaemonHealth(1, ready=True)

    @property
    def version(self) -> str:
        """What is installed, by dpkg and by its file."""
        there = self.dpkg.installed("whimbrel")
        file = self.places.root / "usr/bin/whimbrel"
        return f"{there.status} {there.version} {file.read_text() if file.exists() else 'no file'}"

    def put(self, name: str, version: str, **fields: str) -> Path:
        """Put a package onto the card."""
        return build(self.places.packages / name, version, **fields)

    def package(self, name: str, version: str, **fields: str) -> PackageFile:
        """Put a package onto the card, and return it."""
        found = read(self.put(name, version, **fields))
        assert found
        return found


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)
