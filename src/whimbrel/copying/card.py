"""The partition that every computer reads: opened, given files that are whole or absent, and closed again."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from whimbrel.copying.exchange import FOLDER
from whimbrel.copying.plan import Sized, is_safe, taken

SPARE = 24 << 20
"""Octets of the partition that stay free: a new kernel and its first file system are written beside the old ones."""
_DRAFT = ".part"
_CHUNK = 1 << 20
_SYNCED, _MOUNTED = 60.0, 60.0
"""Seconds that each of the two programs may take."""


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
        problem = _sync(self._path)
        if not self._opened.exists():
            return problem
        try:
            self._remount("ro")
            self._opened.unlink(missing_ok=True)
        except OSError as error:
            return str(error)
        return problem

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
        if why := _why_not(["mount", "-o", f"remount,{how}", self._path], _MOUNTED):
            raise OSError(f"the partition cannot be made {how}: {why}")


def _sync(path: Path) -> str:
    """Wait until everything of the file system of `path` is on the card; return why it may not be."""
    why = _why_not(["sync", "--file-system", path], _SYNCED)
    return f"not all is on the card: {why}" if why else ""


def _why_not(program: Sequence[str | Path], patience: float) -> str:
    """Run a program for so many seconds at the most; return why it failed, nothing if it did not. Raises nothing."""
    try:
        done = subprocess.run(program, capture_output=True, text=True, errors="replace", timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        return f"it took longer than {patience:g} s"
    except OSError as error:
        return error.strerror or str(error)
    return (" ".join(done.stderr.split()) or f"status {done.returncode}") if done.returncode else ""
