"""The output files of commands."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from whimbrel.cli import exits


def add_force_option(parser: argparse.ArgumentParser, what: str = "a file") -> None:
    """Add the option to overwrite a file."""
    parser.add_argument("--force", action="store_true", help=f"overwrite {what} that exists")


def save_file(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file as `output_file` opens it. Raises `CommandError`."""
    try:
        with output_file(path, force=force) as file:
            file.write(content)
    except OSError as error:
        raise exits.CommandError(exits.FAILURE, f"cannot write {path}: {error.strerror}") from error


@contextlib.contextmanager
def output_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Open a file for writing; overwrite an existing one only with `force`, and never follow a symbolic link: in a
    folder that is writable for all, another user's link could lead to any file. A pipe or a device has nothing to
    overwrite. Raises `CommandError`."""
    with _opened(path, force=force or _is_stream(path)) as file:
        yield file


def _opened(path: Path, *, force: bool) -> BinaryIO:
    try:
        return open(path, "wb" if force else "xb", opener=_unfollowed)
    except FileExistsError as error:
        raise exits.CommandError(exits.FAILURE, f"{path} exists already; --force overwrites it") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise exits.CommandError(
                exits.FAILURE, f"{path} is a symbolic link, and is not followed; name the file itself"
            ) from error
        raise exits.CommandError(exits.FAILURE, f"cannot write {path}: {error.strerror}") from error


def _is_stream(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _unfollowed(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
