"""The partition that every computer reads: opened, given files that are whole or absent, and closed again."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from whimbrel.copying.exchange import FOLDER
from whimbrel.copying.plan import Sized, is_safe, taken

SPARE = 24 << 20
"""Octets of the partition that stay free: a new kernel and its first file system are written beside the old ones."""
_DRAFT = ".part"
_CHUNK = 1 << 20


class Partition:
    """The partition at `path`. Every method but `close` raises OSError.

    `opened` is the file that says, for as long as it exists, that the partition was opened here and must be closed, by
    another process if need be.
    """

    def __init__(self, path: Path, opened: Path, spare: int = SPARE) -> None:
        self._path = path
        self._opened = opened
        self._spare = spare
        self._folder = path / FOLDER

    def open(self) -> None:
        """Make it writable, if it is not: a system that keeps it writable goes on doing so."""
        if os.statvfs(self._path).f_flag & os.ST_RDONLY:
            self._opened.touch()
            self._remount("rw")
        self._folder.mkdir(exist_ok=True)
        for left in self._folder.glob(f"*{_DRAFT}"):
            left.unlink()

    def close(self) -> str:
        """Have everything on the card, and make it read-only again if `open` has changed that. Returns the problem."""
        with contextlib.suppress(OSError):
            _sync(self._path)
        if not self._opened.exists():
            return ""
        try:
            self._remount("ro")
        except OSError as error:
            return str(error)
        self._opened.unlink(missing_ok=True)
        return ""

    def present(self) -> Iterator[Sized]:
        """Yield the copies that are there; files of others are left alone."""
        for path in self._folder.iterdir():
            if is_safe(path.name):
                yield Sized(path.name, path.stat().st_size)

    @property
    def cluster(self) -> int:
        """The octets that the file system gives out at once."""
        return os.statvfs(self._path).f_frsize

    def budget(self) -> int:
        """Return the octets that all copies together may take."""
        room = os.statvfs(self._path)
        own = sum(taken(file.octets, room.f_frsize) for file in self.present())
        return max(room.f_bavail * room.f_frsize + own - self._spare, 0)

    def remove(self, name: str) -> None:
        """Remove a copy."""
        (self._folder / name).unlink(missing_ok=True)

    def write(self, source: BinaryIO, file: Sized) -> None:
        """Copy so many octets of `source`; the file has its name once all of it is on the card."""
        draft = self._folder / (file.name + _DRAFT)
        try:
            with draft.open("xb") as target:
                left = file.octets
                while left and (piece := source.read(min(_CHUNK, left))):
                    target.write(piece)
                    left -= len(piece)
                target.flush()
                os.fsync(target.fileno())
            draft.rename(self._folder / file.name)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise

    def _remount(self, how: str) -> None:
        done = subprocess.run(
            ["mount", "-o", f"remount,{how}", self._path], capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise OSError(f"the partition cannot be made {how}: {' '.join(done.stderr.split())}")


def _sync(path: Path) -> None:
    """Wait until everything of the file system of `path` is on the card."""
    subprocess.run(["sync", "--file-system", path], timeout=120, check=True, capture_output=True)
