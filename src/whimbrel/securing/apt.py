"""apt, kept to the archives of security updates: a few megabytes of lists, and nothing of a kernel or its firmware.

unattended-upgrades does the same and more; it needs python3-apt and five more packages, and decides by lists of the
whole archive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from whimbrel.securing import sources
from whimbrel.updating.programs import Ended, run, undisturbed

_HELD = ("linux-*", "raspi-firmware", "rpi-*", "raspberrypi-*", "firmware-*")
"""Not renewed here: a power cut while the boot partition gets another kernel leaves a card that does not start."""
ASKING, LOADING, CHANGING, MENDING = 120.0, 1800.0, 5400.0, 1800.0
"""Seconds at the most. Loading comes twice; in all it is less than the unit's own limit."""
_CLOCK = re.compile(r"not valid yet|not live until", re.IGNORECASE)
"""What apt says of an index of the future; the second, of its signature, in Debian 13 (sqv)."""
_INSTALLED = re.compile(r"^Inst ", re.MULTILINE)
Runner = Callable[[list[str], float], Ended]


class Renewed(NamedTuple):
    """What came of it."""

    packages: int
    problem: str = ""
    begun: bool = False
    """Whether something was changed, and may not be whole; without a problem, it is."""


class Apt:
    """apt with lists and settings of its own in `folder`, so that those of the system stay as they are."""

    def __init__(self, folder: Path, etc: Path = Path("/etc/apt"), runner: Runner = run) -> None:
        self._folder = folder
        self._etc = etc
        self._run = runner
        self._preferences = folder / "preferences"
        self._options = [
            "Dir::Etc::sourcelist=/nonexistent", f"Dir::Etc::sourceparts={folder / 'sources'}",
            f"Dir::Etc::preferences={self._preferences}", f"Dir::State::lists={folder / 'lists'}",
            f"Dir::Cache::archives={folder / 'archives'}", "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=",
            "Acquire::Languages=none", "Acquire::Retries=1", "Acquire::http::Timeout=30", "Acquire::https::Timeout=30",
            "APT::Update::Error-Mode=any", "APT::Install-Recommends=false", "DPkg::Lock::Timeout=900",
            "Dpkg::Options::=--force-confdef", "Dpkg::Options::=--force-confold",
        ]  # fmt: skip

    def renew(self, begins: Callable[[], None]) -> Renewed:
        """Install the security updates that there are. `begins` is called before a change. Raises OSError."""
        for name in ("sources", "lists/partial", "archives/partial"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        if not self._write_sources():
            return Renewed(0, "apt of this system names no archive of security updates (/etc/apt/sources.list)")
        loaded = self._apt(["update"], LOADING)
        if loaded.status and _CLOCK.search(f"{loaded.out}\n{loaded.err}"):
            return Renewed(0, f"the device's clock is behind: write time= into device.txt ({loaded.reason})")
        if loaded.status:
            return Renewed(0, f"the archive cannot be reached: connect the device to a network ({loaded.reason})")
        upgrade = ["--with-new-pkgs", "--no-remove", "upgrade"]
        wanted = self._apt(["--simulate", *upgrade], ASKING)
        if wanted.status:
            return Renewed(0, wanted.reason)
        packages = len(_INSTALLED.findall(wanted.out))
        if not packages:
            return Renewed(0)
        # All of it before anything is changed: a network that goes away then takes nothing with it.
        loaded = self._apt(["--download-only", *upgrade], LOADING)
        if loaded.status:
            return Renewed(0, f"not all packages can be had ({loaded.reason}): nothing was changed")
        with undisturbed():
            begins()
            done = self._apt(upgrade, CHANGING)
        if not done.status:
            self._apt(["clean"], ASKING)
            return Renewed(packages)
        # The packages stay: the next start unpacks again what was cut off in the middle of that.
        with undisturbed():
            mended = self._run(["dpkg", "--force-confdef", "--force-confold", "--configure", "--pending"], MENDING)
        state = "what was begun is whole" if not mended.status else f"dpkg is not: {mended.reason}"
        return Renewed(0, f"{done.reason}; {state}")

    def _write_sources(self) -> bool:
        """Take the archives of security updates out of the system's; return whether there are any."""
        lines = [self._etc / "sources.list", *sorted((self._etc / "sources.list.d").glob("*.list"))]
        stanzas = sorted((self._etc / "sources.list.d").glob("*.sources"))
        found = {
            "security.list": "".join(sources.of_lines(_text(file)) for file in lines),
            "security.sources": "\n".join(filter(None, (sources.of_stanzas(_text(file)) for file in stanzas))),
        }
        for name, text in found.items():
            (self._folder / "sources" / name).write_text(text, encoding="utf-8")
        held = f"Package: {' '.join(_HELD)}\nPin: release *\nPin-Priority: -1\n"
        self._preferences.write_text(held, encoding="utf-8")
        return any(found.values())

    def _apt(self, argv: list[str], patience: float) -> Ended:
        options = [word for option in self._options for word in ("-o", option)]
        return self._run(["apt-get", "--yes", "--quiet", *options, *argv], patience)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
