"""A file that people may edit, with a copy of what was last right in it.

What a file lacks because it was cut, emptied or lost is no wish of anybody: the copy is used until the file is right.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from whimbrel.errors import WhimbrelError
from whimbrel.files import read_regular
from whimbrel.settings.nodes import END, is_shortened
from whimbrel.watching import state_file

T = TypeVar("T")

SUFFIX = ".good"
"""Behind the name of a file, that of its copy."""
MOST = 1 << 20
"""Limit of such a file in octets."""


_SHORTENED = f"it ends where its last good version goes on: it was cut short; if not, write the line {END} at its end"


class UnusableFile(WhimbrelError):
    """The file cannot be used; the message names it and says why."""


class Recalled(NamedTuple, Generic[T]):
    """What is in force of a file."""

    value: T | None
    """What stands in it, or in its copy; None where neither is there."""
    problem: str = ""
    """Why it is not the file itself."""


def recall(path: Path, parse: Callable[[bytes], T]) -> Recalled[T]:
    """Return what stands in the file, else in its copy; bring the copy up to date. `parse` raises WhimbrelError."""
    if path == Path(os.devnull):
        return Recalled(None)
    problem = ""
    try:
        content = read(path)
        if content is not None:
            value = parse(content)
            if (longer := _longer(path, content, parse)) is not None:
                return Recalled(longer, f"{path}: {_SHORTENED}")
            keep(path, content)
            return Recalled(value)
    except WhimbrelError as error:
        problem = str(error)
    try:
        copy = read(_copy(path))
        if copy is not None:
            return Recalled(parse(copy), problem or f"{path}: it is gone")
    except WhimbrelError:
        pass  # what is wrong with the file itself is what its owner has to know
    return Recalled(None, problem)


def _longer(path: Path, content: bytes, parse: Callable[[bytes], T]) -> T | None:
    """Return what stands in the copy if `content` is only its beginning, else None."""
    try:
        copy = read(_copy(path))
        if copy is None or not is_shortened(content.decode("latin-1"), copy.decode("latin-1")):
            return None
        return parse(copy)
    except WhimbrelError:
        return None


def read(path: Path) -> bytes | None:
    """Return the contents of a file, None where there is none. Raises `UnusableFile`, also for an empty one."""
    try:
        content = read_regular(path, MOST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error
    if len(content) > MOST:
        raise UnusableFile(f"{path}: expected at most 1 MiB")
    if not content.strip():
        raise UnusableFile(f"{path}: it is empty, as a file is that was cut short")
    return content


def keep(path: Path, content: bytes) -> None:
    """Have the copy hold `content`; a copy that cannot be written is left as it is, since the file itself is right."""
    copy = _copy(path)
    try:
        if read_regular(copy, MOST) == content:
            return
    except OSError:
        pass
    try:
        state_file.replace(copy, content.decode("utf-8", "surrogateescape"))
    except (OSError, ValueError):
        return


def _copy(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)
