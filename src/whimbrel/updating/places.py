"""Where everything is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

CARD = Path("/boot/firmware")
"""The partition that every computer reads."""


class Places(NamedTuple):
    """The files of an update. `root` is another folder than ``/`` only in tests."""

    root: Path = Path("/")
    card: Path = CARD

    @property
    def packages(self) -> Path:
        """The folder on the card into which the owner puts packages."""
        return self.card / "packages"

    @property
    def done(self) -> Path:
        """What was installed last, for the owner."""
        return self.card / "done.txt"

    @property
    def state(self) -> Path:
        """Root's own folder: the update that is being made, and what came of earlier ones."""
        return self.root / "var/lib/whimbrel-update"

    @property
    def problems(self) -> Path:
        """Why a package was not taken, a line each; ``tell-owner`` of the image copies it into ``problems.txt``."""
        return self.state / "problems"

    @property
    def new(self) -> Path:
        """The package that is being installed."""
        return self.state / "new.deb"

    @property
    def old(self) -> Path:
        """The version that was there before, as a package."""
        return self.state / "old.deb"

    @property
    def program(self) -> Path:
        """The program that has begun the update."""
        return self.state / "program.pyz"

    @property
    def key(self) -> Path:
        """The public keys of the release; missing in a build without one."""
        return self.root / "usr/share/whimbrel/release.gpg"

    @property
    def settings(self) -> Path:
        """What ``device.txt`` says about updates, as ``boot-settings`` has read it."""
        return self.root / "run/whimbrel-image/updates"
