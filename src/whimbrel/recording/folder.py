"""The folder of the recordings: its contents, eviction, and repair of files left open."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from whimbrel.errors import WhimbrelError
from whimbrel.events.recording import RecordingRow
from whimbrel.recording import naming
from whimbrel.recording.limits import Caps, Recorded, Shortage, making_room
from whimbrel.recording.naming import Name
from whimbrel.recording.repair import whole_octets
from whimbrel.settings.scalars import write_size

_MODE = 0o640


class NoRoom(WhimbrelError, OSError):
    """There is no room within the limits; `strerror` has the advice."""

    def __init__(self, shortage: Shortage, caps: Caps) -> None:
        self.shortage = shortage
        size = f"modules.recorder.folder_size ({write_size(caps.folder)})"
        free = f", or lower modules.recorder.least_free ({write_size(caps.free)})" if caps.free else ""
        super().__init__(
            errno.ENOSPC,
            {
                Shortage.KEPT: f"kept recordings fill {size}: delete some, or raise it",
                Shortage.FOLDER: f"{size} is too small for what is written at once: raise it",
                Shortage.CARD: f"the card is full: delete something{free}",
            }[shortage],
        )


class Repaired(NamedTuple):
    """A recording that was left open, and is whole now."""

    name: Name
    octets: int
    """That are left; 0: nothing of it was whole, and it is gone."""
    cut: int
    """Octets that were no whole block."""


class Folder:
    """The recordings in `path`; every method but `discard` raises OSError."""

    def __init__(self, path: Path, caps: Caps) -> None:
        self.path = path
        self._caps = caps

    def recordings(self) -> list[Recorded]:
        """Return the recordings, unordered; none if there is no folder yet."""
        found = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self.path) as entries:
            for entry in entries:
                if name := naming.parse(entry.name):
                    with contextlib.suppress(FileNotFoundError):
                        found.append(Recorded(name, entry.stat(follow_symlinks=False).st_size))
        return found

    def free(self) -> int:
        """Return how many octets are free for us."""
        there = self.path
        while not there.exists() and there != there.parent:
            there = there.parent
        room = os.statvfs(there)
        return room.f_bavail * room.f_frsize

    def make_room(self, wanted: int) -> list[str]:
        """Make room for `wanted` octets; return the names of deleted recordings. Raises `NoRoom`."""
        room = making_room(self.recordings(), self._caps, self.free(), wanted)
        if room.shortage is not None:
            raise NoRoom(room.shortage, self._caps)
        for recorded in room.going:
            with contextlib.suppress(FileNotFoundError):
                (self.path / recorded.name.file).unlink()
        return [recorded.name.file for recorded in room.going]

    def unused(self, stem: str) -> str:
        """Return a stem that no recording has, numbered if `stem` is taken."""
        return _unused(stem, self.recordings())

    def create(self, stem: str, *, kept: bool) -> tuple[int, Name]:
        """Create the file of a recording, open for appending; it is locked while it is open.

        Its name is on the card after `sync`.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        there = self.recordings()
        era = naming.next_era(stem, [recorded.name for recorded in there])
        name = Name(_unused(stem, there), kept=kept, open=True, era=era)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(self.path / name.file, flags, _MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor, name

    def rename(self, old: Name, new: Name, *, sync: bool = True) -> None:
        """Give a recording the name of another state, on the card too with `sync`."""
        (self.path / old.file).rename(self.path / new.file)
        if sync:
            self.sync()

    def holds(self, name: Name, descriptor: int) -> bool:
        """Return whether an open file is still the one of this name: somebody may have deleted it."""
        try:
            found = (self.path / name.file).stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(found, os.fstat(descriptor))

    def discard(self, name: Name) -> None:
        """Delete a file that has nothing, if the card lets that happen."""
        with contextlib.suppress(OSError):
            (self.path / name.file).unlink()

    def keep(self, stem: str) -> bool:
        """Protect a recording from automatic deletion; return False if there is none of that name."""
        name = next((recorded.name for recorded in self.recordings() if recorded.name.stem == stem), None)
        if name is not None and not name.kept:
            self.rename(name, name._replace(kept=True))
        return name is not None

    def piece(self, stem: str, offset: int, most: int) -> tuple[int, bytes] | None:
        """Return the size of a recording, and at most so many of its octets; None if there is none of that name.

        Only a regular file that is listed as a recording is read, never what a link leads to.
        """
        name = next((recorded.name for recorded in self.recordings() if recorded.name.stem == stem), None)
        if name is None:
            return None
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self.path / name.file, flags)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(errno.EINVAL, "it is no regular file", name.file)
            return found.st_size, os.pread(descriptor, most, offset)
        finally:
            os.close(descriptor)

    def sync(self) -> None:
        """Bring the names of the files to the card."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def repair(self) -> Iterator[Repaired]:
        """Repair the files that a killed process or a loss of power left open; a running process keeps its files.

        A file that cannot be repaired leaves the others to be repaired; its OSError is raised after them.
        """
        failed = None
        for recorded in self.recordings():
            if recorded.name.open:
                try:
                    repaired = self._repair(recorded)
                except OSError as error:
                    failed = failed or error
                else:
                    if repaired is not None:
                        yield repaired
        if failed is not None:
            raise failed

    def _repair(self, recorded: Recorded) -> Repaired | None:
        """Repair one file; return None if a process has it open."""
        path = self.path / recorded.name.file
        with path.open("r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            whole = whole_octets(file)
            if whole:
                file.truncate(whole)
                os.fsync(file.fileno())
        name = recorded.name._replace(open=False)
        if whole:
            self.rename(recorded.name, name)
        else:
            path.unlink()
        return Repaired(name, whole, recorded.octets - whole)


def rows(folder: Folder) -> list[RecordingRow]:
    """Return the recordings in the folder, the newest first. Raises OSError."""
    found = sorted(folder.recordings(), key=lambda recorded: recorded.name.age, reverse=True)
    return [RecordingRow(r.name.stem, r.name.file, r.octets, r.name.kept, r.name.open) for r in found]


def _unused(stem: str, there: Iterable[Recorded]) -> str:
    taken = {recorded.name.stem for recorded in there}
    numbered = (naming.numbered(stem, number) for number in itertools.count(1))
    return next(each for each in numbered if each not in taken)
