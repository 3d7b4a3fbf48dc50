"""Entries for journald, through systemd-python.

``sd_journal_sendv`` frames every value by its length where it holds a newline, so octets off the air cannot begin a
field of their own. Two habits of it are covered here: it waits while journald's queue is full, and it keeps silent
where journald is not there at all.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from whimbrel.journal.fields import JournalLine, message_id
from whimbrel.journal.sinks import writable
from whimbrel.module import NotReady

SOCKET = Path("/run/systemd/journal/socket")
IDENTIFIER = b"whimbrel"
MAX_FIELD = 2000
"""Octets of a field: fields are for matching, and no name, address or rule is longer."""

Send = Callable[..., None]
"""``systemd.journal.sendv``: takes ``FIELD=value`` as bytes, raises OSError."""


class Journal:
    """The system's journal. Raises `whimbrel.module.NotReady` where systemd-python or journald is missing."""

    def __init__(self, send: Send | None = None, path: Path = SOCKET) -> None:
        self._send = send or _sendv()
        self._path = path
        if not path.is_socket():
            raise NotReady(
                f"journald does not run here: {path} is not a socket; set logger.to: stderr where there is no journal"
            )

    def has_room(self) -> bool:
        """Tell whether journald would take an entry now. Raises OSError where it is gone."""
        # Connected anew each time: a socket from before a restart of journald would speak for the old queue.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            probe.connect(str(self._path))
            return writable(probe.fileno())

    def write(self, line: JournalLine) -> None:
        """Send one entry. Raises OSError."""
        self._send(*entry(line))


def entry(line: JournalLine) -> list[bytes]:
    """Return the fields of a line as journald takes them, each ``NAME=value``."""
    return [
        b"MESSAGE=" + line.message.encode("utf-8", "backslashreplace"),
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
