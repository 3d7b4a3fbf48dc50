"""A file that a command writes, and an older one in its place."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path

from whimbrel.cli import exits


def add_force_option(parser: argparse.ArgumentParser, what: str = "a file") -> None:
    """Let a file be written over."""
    parser.add_argument("--force", action="store_true", help=f"write over {what} that is there")


def save_file(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file; over one that is there only by `force`, and never through a symbolic link: in a folder that all may
    write to, it would lead whoever may more to a file of its maker's choice. Raises `CommandError`."""
    try:
        with open(path, "wb" if force else "xb", opener=_unfollowed) as file:
            file.write(content)
    except FileExistsError as error:
        raise exits.CommandError(exits.FAILURE, f"{path} is there already; --force writes over it") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise exits.CommandError(
                exits.FAILURE, f"{path} is a symbolic link, and is not followed; name the file itself"
            ) from error
        raise exits.CommandError(exits.FAILURE, f"cannot write {path}: {error.strerror}") from error


def _unfollowed(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
