"""Room for the index of SQLite's log.

SQLite maps that file (``-shm``) into memory. Where a file system has blocks smaller than a page and none is left, a
write to the mapped memory ends the process by SIGBUS, which nothing can catch. The first connection makes the index
anew.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

_ROOM = 256 << 10
"""Octets that have to be free before a file is opened."""
_INDEX = 32 << 10
"""Octets of the index for the first 4062 frames of the log."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_held: dict[Path, int] = {}
"""Descriptors of the indexes that have their whole place on the card, by the histories that this process has open."""


def is_there(path: Path) -> bool:
    """Return whether the index of a history is in its place, or has room there."""
    if path in _held:
        return True
    try:
        left = os.statvfs(path.parent)
    except OSError:
        return True  # that it cannot be opened says more
    # With blocks of at least a page, SQLite itself takes the place of each page before it is mapped.
    return left.f_bsize >= _PAGE or left.f_bavail * left.f_frsize >= _ROOM


def check(path: Path) -> None:
    """Raise OSError with ENOSPC if there is no room for the index of a history that is to be opened."""
    if not is_there(path):
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} (the card is full)")


def take(path: Path) -> None:
    """Give the index of an open history its whole place on the card, until `leave`. Raises OSError."""
    try:
        descriptor = os.open(f"{path}-shm", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    _held[path] = descriptor
    os.posix_fallocate(descriptor, 0, _INDEX)


def leave(path: Path) -> None:
    """Note that a history is closed. Not before: by closing its index, a process loses SQLite's locks on it."""
    descriptor = _held.pop(path, -1)
    if descriptor >= 0:
        os.close(descriptor)
