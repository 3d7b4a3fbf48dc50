"""Reading of files that others may have written: never a device or a pipe, never without a limit."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, most: int, *, follow: bool = True) -> bytes:
    """Return the contents of a regular file, at most `most` + 1 octets of it. Never waits for another process.

    `follow`: whether a link leads to the file. Raises OSError, also for a pipe, a device, a socket or a folder.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    descriptor = os.open(path, flags if follow else flags | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        return file.read(most + 1)
