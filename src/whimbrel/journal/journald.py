"""Writes entries to journald with systemd-python.

``sd_journal_sendv`` sends a value with a newline with its length, so octets off the air cannot begin a new field. This
module works around two properties of it: it blocks while journald's queue is full, and it reports no error if journald
is missing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from whimbrel.journal.fields import JournalLine, message_id
from whimbrel.journal.sinks import writable
from whimbrel.module import NotReady
from whimbrel.text import isolated

SOCKET = Path("/run/systemd/journal/socket")
IDENTIFIER = b"whimbrel"
MAX_FIELD = 2000
"""Limit of a field in octets: fields are for matching, and no name, address or rule is longer."""

Send = Callable[..., None]
"""``systemd.journal.sendv``: takes ``FIELD=value`` as bytes, raises OSError."""


class Journal:
    """The system's journal. Raises `whimbrel.module.NotReady` if systemd-python or journald is missing."""

    def __init__(self, send: Send | None = None, path: Path = SOCKET) -> None:
        self._send = send or _sendv()
        self._path = path
        if not path.is_socket():
            raise NotReady(
                f"journald is not running: {path} is not a socket; set logger.to: stderr if there is no journal"
            )

    def has_room(self) -> bool:
        """Return whether journald can accept an entry now. Raises OSError if it is gone."""
        # Reconnected each time: a socket from before a restart of journald would probe the old queue.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            probe.connect(str(self._path))
            return writable(probe.fileno())

    def write(self, line: JournalLine) -> None:
        """Send one entry. Raises OSError."""
        self._send(*entry(line))


def entry(line: JournalLine) -> list[bytes]:
    """Return the fields of a line in journald's format, each ``NAME=value``."""
    return [
        b"MESSAGE=" + isolated(line.message).encode("utf-8", "backslashreplace"),
        b"PRIORITY=%d" % line.level,
        b"MESSAGE_ID=" + message_id(line.topic or line.kind).encode("ascii"),
        b"SYSLOG_IDENTIFIER=" + IDENTIFIER,
        *(name.encode("ascii") + b"=" + value[:MAX_FIELD] for name, value in line.fields.items()),
    ]


def _sendv() -> Send:
    try:
        from systemd.journal import sendv
    except ImportError as error:
        raise NotReady(
            "the Python package systemd is missing: install python3-systemd (Debian) or systemd-python (PyPI), "
            "or set logger.to: stderr"
        ) from error
    return sendv  # type: ignore[no-any-return]
