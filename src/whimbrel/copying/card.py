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

SPARE = 64 << 20
"""Octets of the partition that stay free: a new kernel and its first file system are written beside the old ones.

Those of Debian's arm64 are the largest: the kernel alone has 36 MiB."""
_DRAFT = ".part"
_CHUNK = 1 << 20
PROGRAM = Path("/usr/libexec/whimbrel/card")
"""Opens and closes it for everybody who writes there, apt too, so that nobody closes it while another one writes."""
RUN = Path("/run/whimbrel-card")
"""Where that program keeps who they are."""
_HOLDER = "copy"
_OPENING, _CLOSING = 200.0, 260.0
"""Seconds that the program may take."""


class Partition:
    """The partition at `path`. Every method but `close` raises OSError.

    `program` and `run`: see `PROGRAM` and `RUN`. It must be closed, by another process if need be.
    """

    def __init__(self, path: Path, run: Path = RUN, spare: int = SPARE, program: Path = PROGRAM) -> None:
        self._path = path
        self._spare = spare
        self._program = program
        self._environment = {**os.environ, "WHIMBREL_CARD": str(path), "WHIMBREL_CARD_RUN": str(run)}
        self._folder = path / FOLDER

    def open(self) -> None:
        """Make it writable, if it is not: a system that keeps it writable goes on doing so."""
        if why := self._why_not("open", _OPENING):
            raise OSError(why)
        self._folder.mkdir(exist_ok=True)
        for left in self._folder.glob(f"*{_DRAFT}"):
            left.unlink()

    def close(self) -> str:
        """Have everything on the card, and make it read-only again if `open` has changed that and nobody else writes.

        Returns the problem.
        """
        return self._why_not("close", _CLOSING)

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

    def has_room(self, octets: int) -> bool:
        """Return whether a file of that size fits beside all that is there."""
        room = os.statvfs(self._path)
        return taken(octets, room.f_frsize) <= room.f_bavail * room.f_frsize - self._spare

    def remove(self, name: str) -> None:
        """Remove a copy."""
        (self._folder / name).unlink(missing_ok=True)

    def write(self, source: BinaryIO, file: Sized) -> None:
        """Copy so many octets of `source`; the file has its name once all of it is on the card, and a copy of that name
        is there until then."""
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

    def _why_not(self, what: str, patience: float) -> str:
        """Run the program for so many seconds; return why it failed, nothing if it did not. Raises nothing."""
        try:
            done = subprocess.run(
                [self._program, what, _HOLDER], capture_output=True, text=True, errors="replace", timeout=patience,
                check=False, env=self._environment,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"it took longer than {patience:g} s"
        except OSError as error:
            return error.strerror or str(error)
        return (" ".join(done.stderr.split()) or f"status {done.returncode}") if done.returncode else ""
