"""What the scripts beside it share that write to the partition which every computer reads."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BOOT = Path(os.environ.get("WHIMBREL_BOOT", "/boot/firmware"))
STATE = Path(os.environ.get("WHIMBREL_STATE", "/var/lib/whimbrel-image"))
_PROGRAM = os.environ.get("WHIMBREL_CARD_PROGRAM", "/usr/libexec/whimbrel/card")
LARGEST = 1 << 16
"""Octets of a file that is read: what people and Raspberry Pi Imager write is far smaller."""
PSK = re.compile(r"[0-9a-fA-F]{64}")
"""The key of a Wi-Fi network, which a password and a name make (IEEE 802.11-2020, J.4)."""


def problem(text: str) -> None:
    """Say what is wrong; boot-settings passes each line on to the owner."""
    print(printable(text))


def printable(text: str) -> str:
    """Return a text of one line that is safe to show."""
    return "".join(letter for letter in text if letter.isprintable())[:300]


def truth(value: object) -> bool:
    """Return what a text of YAML means that is yes or no."""
    return str(value).lower() in ("true", "yes", "on")


@contextlib.contextmanager
def opened() -> Iterator[None]:
    """Keep the partition writable meanwhile. Raises `OSError`."""
    try:
        _ask("open")
        yield
    finally:
        _ask("close")


def _ask(request: str) -> None:
    # Its output is not meant for the owner.
    done = subprocess.run([_PROGRAM, request, "settings"], stdout=sys.stderr, check=False)
    if done.returncode:
        raise OSError(f"{_PROGRAM} {request}: status {done.returncode}")


def replace(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file at once or not at all, so that it outlasts a pulled plug. Raises `OSError`."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    _sync(path.parent)


def write_over(path: Path, content: bytes) -> None:
    """Write over a file in its place, which other contents of the same size have. Raises `OSError`."""
    with path.open("r+b") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def remove(path: Path) -> None:
    """Remove a file whose place is written over first. Raises `OSError`."""
    write_over(path, bytes(path.stat().st_size))
    path.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
