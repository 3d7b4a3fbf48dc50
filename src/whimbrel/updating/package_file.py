"""A file that is, or may be, a Debian package."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import NamedTuple

from whimbrel.updating.programs import ENVIRONMENT, run

LARGEST = 64 << 20
"""Octets of a package; Whimbrel's own has a few MiB."""
_FIELDS = "${Package}\n${Version}\n${Architecture}\n${Installed-Size}\n"
_READING = 300.0


class PackageFile(NamedTuple):
    """A whole package, by what it says of itself."""

    path: Path
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    package: str
    version: str
    architecture: str
    installed: int
    """Octets of its files."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path) -> PackageFile | None:
    """Return what a package says of itself; None where the file is cut short or no package. Raises OSError."""
    if not path.is_file() or not 0 < path.stat().st_size <= LARGEST:
        return None
    fields = run(["dpkg-deb", f"--showformat={_FIELDS}", "--show", path], _READING)
    values = fields.out.split("\n")
    if fields.status or len(values) < 4 or not all(values[:3]) or not _has_all_files(path):
        return None
    name, version, architecture, kibibytes = values[:4]
    size = int(kibibytes) << 10 if kibibytes.isdigit() else path.stat().st_size * 4
    return PackageFile(path, digest(path), name, version, architecture, size)


def _has_all_files(path: Path) -> bool:
    """Return whether all of its files can be read: what is cut off is missed at the end alone."""
    try:
        done = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=_READING, check=False, env=ENVIRONMENT,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
