"""The output files of commands."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path

from whimbrel.cli import exits


def add_force_option(parser: argparse.ArgumentParser, what: str = "a file") -> None:
    """Add the option to overwrite a file."""
    parser.add_argument("--force", action="store_true", help=f"overwrite {what} that exists")


def save_file(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file; overwrite an existing one only with `force`, and never follow a symbolic link: in a folder that is
    writable for all, another user's link could lead to any file. Raises `CommandError`."""
    try:
        with open(path, "wb" if force else "xb", opener=_unfollowed) as file:
            file.write(content)
    except FileExistsError as error:
        raise exits.CommandError(exits.FAILURE, f"{path} exists already; --force overwrites it") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise exits.CommandError(
                exits.FAILURE, f"{path} is a symbolic link, and is not followed; name the file itself"
            ) from error
        raise exits.CommandError(exits.FAILURE, f"cannot write {path}: {error.strerror}") from error


def _unfollowed(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
