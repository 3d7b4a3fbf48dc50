"""An archive of security updates in a folder, signed as apt wants it, and a system of its own for apt and dpkg."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from tests.updating.device import Device, build
from tests.updating.test_trust import Release

from whimbrel.updating.programs import Ended, run

SUITE = "wren-security"


class Archive:
    """The archive of the system `device`; packages are put into it."""

    def __init__(self, folder: Path, device: Device) -> None:
        self._folder = folder / "archive"
        self._dists = self._folder / "dists" / SUITE
        (self._dists / "main/binary-all").mkdir(parents=True)
        self._release = Release(folder / "release")
        self._device = device
        self.etc = folder / "etc"
        self.etc.mkdir()
        self.name_in_sources(SUITE)
        self.ran: list[str] = []
        """What apt was told to do."""
        self.publish()

    def name_in_sources(self, suite: str) -> None:
        """Have the system's own settings of apt name that suite; packages are fetched, as over a network."""
        line = f"deb [signed-by={self._release.key}] copy:{self._folder} {suite} main\n"
        (self.etc / "sources.list").write_text(f"{line}deb file:/nowhere wren main\n")

    def publish(self, *packages: Path, date: str = "Mon, 30 Nov 2026 20:00:00 UTC") -> None:
        """Publish an index of these packages, signed."""
        entries = []
        for package in packages:
            told = subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True).stdout
            digest = hashlib.sha256(package.read_bytes()).hexdigest()
            place = f"Filename: {package.relative_to(self._folder)}\nSize: {package.stat().st_size}\nSHA256: {digest}\n"
            entries.append(f"{told}{place}")
        architecture = self._device.dpkg.installed("whimbrel").architecture
        lines = []
        for name in {f"main/binary-{architecture}/Packages", "main/binary-all/Packages"}:
            file = self._dists / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(entries))
            lines.append(f" {hashlib.sha256(file.read_bytes()).hexdigest()} {file.stat().st_size} {name}\n")
        head = f"Suite: {SUITE}\nCodename: {SUITE}\nComponents: main\nArchitectures: {architecture} all\n"
        head += f"Date: {date}\nSHA256:\n"
        (self._dists / "Release").write_text(head + "".join(lines))
        self._release.clearsign(self._dists / "Release", self._dists / "InRelease")

    def package(self, name: str, version: str) -> Path:
        """Make a package in the archive."""
        return build(self._folder / f"{name}_{version}_all.deb", version, Package=name)

    def run(self, argv: list[str], patience: float) -> Ended:
        """Run apt and dpkg on that system, and with no sources but these."""
        root = self._device.places.root
        if argv[0] == "dpkg":
            return run([argv[0], f"--root={root}", *argv[1:]], patience)
        self.ran.append(next((word for word in argv if word in {"update", "upgrade", "clean"}), argv[1]))
        options = [
            f"Dir::State::status={root}/var/lib/dpkg/status", f"Dpkg::Options::=--root={root}",
            "APT::Sandbox::User=root", "Dir::Etc::parts=/nonexistent", "Acquire::Check-Date=true",
        ]  # fmt: skip
        return run([argv[0], *(word for each in options for word in ("-o", each)), *argv[1:]], patience)

    def close(self) -> None:
        self._release.close()
