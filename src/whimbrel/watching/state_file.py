"""State files: their default paths, and atomic replacement."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def default_path(name: str) -> Path:
    """Return the default path of the file `name`.

    That is ``$STATE_DIRECTORY`` (which systemd sets), else ``$XDG_STATE_HOME/whimbrel``, else ~/.local/state/whimbrel.
    """
    state = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if state:
        return Path(state, name)
    home = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # noqa: PTH117  # a text, perhaps empty
        home = os.path.expanduser("~/.local/state")  # noqa: PTH111  # which Path raises for where there is no home
    return Path(home, "whimbrel", name)


def replace(path: Path, content: str, mode: int = 0o666) -> None:
    """Replace the contents of the file by `content`, atomically even if the power fails.

    `mode`: who may read and write it, less what the umask takes. Raises OSError.
    """
    # The target of a symbolic link is replaced, not the link.
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        beside.unlink(missing_ok=True)
        # Never through a pipe or a link that somebody left there.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
    # The new name is on the card only once its folder is.
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
