"""The socket file: created with its final permissions, and removed at the end."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from whimbrel.module import NotReady

BACKLOG = 16


def look_path(path: Path) -> Path:
    """Return the socket beside `path` for those who may only look."""
    return path.with_name(f"{path.stem}-look{path.suffix}")


def listen(path: Path, mode: int, group: str | None) -> socket.socket:
    """Return a listening socket at `path`. Raises `whimbrel.module.NotReady` with advice.

    The stale socket of a killed daemon is removed; a socket in use is not, nor is any other file.
    """
    with contextlib.suppress(OSError):  # if it cannot be made, bind raises
        path.parent.mkdir(mode=0o755)
    _clear(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # On Linux the file gets the mode that the socket had before bind, so others have no access from the start.
        os.fchmod(sock.fileno(), 0o600)
        sock.bind(str(path))
        if group is not None:
            import grp

            os.chown(path, -1, grp.getgrnam(group).gr_gid)
        path.chmod(mode)
        # No client can connect before this, whatever the mode.
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except LookupError as error:
        _abandon(sock, path)
        raise NotReady(
            f"control.group: there is no group {group!r}; create it with: groupadd --system {group}"
        ) from error
    except OSError as error:
        _abandon(sock, path)
        raise NotReady(f"cannot listen on {path}: {error.strerror or error}; {_remedy(path)}") from error
    return sock


def remove(path: Path, identity: tuple[int, int] | None) -> None:
    """Remove the file at `path` if it is still the one of `identity`."""
    if identity is not None and identify(path) == identity:
        with contextlib.suppress(OSError):
            path.unlink()


def identify(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file at `path`, None if there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _clear(path: Path) -> None:
    """Remove a stale socket file. Raises `NotReady`."""
    try:
        if not path.is_socket():
            if path.exists() or path.is_symlink():
                raise NotReady(f"{path} is there and is no socket: move it away, or set control.socket")
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            probe.connect(str(path))
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
        return
    except BlockingIOError:
        pass  # its queue of connections is full, so it is in use
    except OSError as error:
        raise NotReady(f"cannot look at {path}: {error.strerror or error}; {_remedy(path)}") from error
    raise NotReady(f"another daemon answers on {path}: stop it, or set control.socket to another path")


def _abandon(sock: socket.socket, path: Path) -> None:
    bound = bool(sock.getsockname())
    sock.close()
    if bound:
        with contextlib.suppress(OSError):
            path.unlink()


def _remedy(path: Path) -> str:
    if not path.parent.is_dir():
        return f"create {path.parent}, or set control.socket to a path in a folder that exists"
    return "check who may write there, or set control.socket"
