"""The recordings that may be copied. Root reads them; the daemon's user has made them, and may have been taken over.

So no link is followed, and nothing is read that is not that user's own regular file.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from whimbrel.copying.plan import Sized, is_safe
from whimbrel.recording import naming
from whimbrel.recording.naming import Name
from whimbrel.recording.repair import whole_octets

_MOST = 4096
"""Files that are looked at, the newest first."""
_HERE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = _HERE | os.O_NONBLOCK | os.O_NOCTTY


class Source:
    """The recordings in `folder` that belong to the user `owner`, by the names that they have on the card.

    Raises OSError where the folder is missing, another user's, or behind a link, ValueError for a relative path.
    """

    def __init__(self, folder: Path, owner: int) -> None:
        self._path = folder
        self._owner = owner
        with self._opened() as descriptor:
            names = os.listdir(descriptor)  # noqa: PTH208  # Path takes no open folder
        known = filter(None, map(naming.parse, names))
        self._listed = sorted(known, key=lambda name: name.age, reverse=True)[:_MOST]

    def recordings(self) -> Iterator[Sized]:
        """Yield the recordings. Of one that is being written, whole blocks count."""
        for name in self._listed:
            target = Name(name.stem, era=name.era).file
            if is_safe(target) and (octets := self._octets(target, being_written=name.open)):
                yield Sized(target, octets)

    def open(self, name: str) -> BinaryIO:
        """Open the recording that is called so on the card. Raises OSError, FileNotFoundError where it has gone."""
        parsed = naming.parse(name)
        if parsed is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        with self._opened() as folder:
            descriptor = _open_any(parsed, folder)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != self._owner:
            os.close(descriptor)
            raise PermissionError(f"{name} is no file of the service")
        return os.fdopen(descriptor, "rb")

    def _octets(self, name: str, *, being_written: bool) -> int:
        with contextlib.suppress(OSError), self.open(name) as file:
            return whole_octets(file) if being_written else os.fstat(file.fileno()).st_size
        return 0

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the folder without following a link anywhere on the way to it."""
        if not self._path.is_absolute() or ".." in self._path.parts:
            raise ValueError(f"{self._path} is no absolute path")
        folder = os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in self._path.parts[1:]:
                below = os.open(part, _HERE | os.O_DIRECTORY, dir_fd=folder)
                os.close(folder)
                folder = below
            if os.fstat(folder).st_uid != self._owner:
                raise PermissionError(f"{self._path} is another user's")
            yield folder
        finally:
            os.close(folder)


def _open_any(name: Name, folder: int) -> int:
    """Open a recording in whatever state it is: it may end, or be kept, at any moment. Raises OSError."""
    for kept, being_written in itertools.product((False, True), repeat=2):
        with contextlib.suppress(FileNotFoundError):
            return os.open(name._replace(kept=kept, open=being_written).file, _FILE, dir_fd=folder)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name.file)
