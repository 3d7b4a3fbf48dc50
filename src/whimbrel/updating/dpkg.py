"""dpkg: what is installed, and installing, under the lock that apt takes too."""

from __future__ import annotations

import contextlib
import fcntl
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from whimbrel.errors import WhimbrelError
from whimbrel.updating.programs import Ended, run, undisturbed

WHOLE = "ii"
"""The state of a package that is installed, and should be (dpkg-query(1), db:Status-Abbrev)."""
_ASKING, _CHANGING = 120.0, 3600.0
_BESIDE_APT = {"DPKG_FRONTEND_LOCKED": "1"}
"""Tells dpkg that its caller has the lock of front ends (doc/spec/frontend-api.txt of dpkg)."""
_LOOK = 0.5
_CUT = re.compile(r"The package (\S+) needs to be reinstalled")
"""What apt says as long as one is half unpacked, and does nothing else."""


class Installed(NamedTuple):
    """A package as dpkg has it."""

    version: str
    """Empty where it is not there."""
    status: str
    architecture: str
    """Of the device."""

    @property
    def is_whole(self) -> bool:
        """Whether it is unpacked and configured, and nothing more is to be done."""
        return self.status == WHOLE


class DpkgBusy(WhimbrelError):
    """Another program keeps the lock."""


class Dpkg:
    """dpkg of the system at `root`."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._database = root / "var/lib/dpkg"

    @contextlib.contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Keep apt and others out. Raises `DpkgBusy` where one of them is at work for `patience` seconds, OSError."""
        end = time.monotonic() + patience
        with (self._database / "lock-frontend").open("a") as file:
            while True:
                try:
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= end:
                        raise DpkgBusy(f"another program has been installing for {patience:g} s") from None
                    time.sleep(_LOOK)
            yield

    def installed(self, package: str) -> Installed:
        """Return the state of a package."""
        form = "${db:Status-Abbrev}\n${Version}\n"
        told = run(["dpkg-query", f"--admindir={self._database}", f"--showformat={form}", "--show", package], _ASKING)
        status, version, *_ = [*told.out.split("\n"), "", ""] if not told.status else ("", "")
        return Installed(version, status.strip(), run(["dpkg", "--print-architecture"], _ASKING).out.strip())

    def compare(self, one: str, other: str) -> int:
        """Return -1, 0 or 1 as version `one` is older than `other`, the same, or newer."""
        for relation, order in (("lt", -1), ("gt", 1)):
            if run(["dpkg", "--compare-versions", one, relation, other], _ASKING).status == 0:
                return order
        return 0

    def lacks(self, package: Path) -> str:
        """Return why this system cannot take a package, and what to do; empty if it can. Changes nothing."""
        none = Path("/nonexistent")
        told = run(
            [
                "apt-get", "--simulate", "--no-remove", "--allow-downgrades", "--no-install-recommends",
                "-o", f"Dir::State::status={self._database / 'status'}", "-o", f"Dir::State::lists={none}",
                "-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={none}",
                "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "--reinstall", "install", package,
            ],
            _CHANGING,
        )  # fmt: skip
        if not told.status:
            return ""
        text = f"{told.out}\n{told.err}"
        if cut := _CUT.search(text):
            return (
                f"the package {cut[1]} of this system was cut off while it was installed: connect the device to a "
                f"network, and repair it with apt install --reinstall {cut[1]}"
            )
        needs = [
            line.partition("Depends: ")[2].removesuffix(" but it is not installable").strip()
            for line in text.splitlines()
            if "Depends: " in line
        ]
        lacking = ", ".join(needs) or told.reason
        return f"it needs what this device does not have: {lacking}. Connect it to a network, and install it with apt"

    def install(self, package: Path) -> Ended:
        """Install a package over any other version of it. Changed settings stay, without a question."""
        return self._change("--force-confdef", "--force-confold", "--install", str(package))

    def configure(self) -> Ended:
        """Finish what was unpacked and never configured, as after a power cut."""
        return self._change("--force-confdef", "--force-confold", "--configure", "--pending")

    def _change(self, *argv: str) -> Ended:
        with undisturbed():
            return run(["dpkg", f"--root={self._root}", *argv], _CHANGING, **_BESIDE_APT)
