"""Writes lines to a terminal, a file, or with the levels of sd-daemon(3) to systemd."""

from __future__ import annotations

import os
import select
from typing import TextIO

from whimbrel.journal.fields import JournalLine
from whimbrel.journal.sinks import writable
from whimbrel.text import isolated
from whimbrel.wording.quantities import clock, moment, wrapped
from whimbrel.wording.styles import Style, of_level, paint
from whimbrel.wording.tables import text_width

_TOGETHER = 2.0
"""Seconds by which a line of the short form may be older than the previous one."""


class Stderr:
    """Writes to `stream`: with time and colour for people, with the prefix ``<N>`` for systemd (sd-daemon(3)).

    `colour` is ``auto`` (a terminal, unless NO_COLOR is set), ``always`` or ``never``; `form` is ``full`` or ``short``.
    """

    def __init__(self, stream: TextIO, colour: str = "auto", form: str = "full") -> None:
        self._fileno = stream.fileno()
        self._short = form == "short"
        self._newest = 0.0  # seconds since the epoch of the previous line
        self._prefixed = goes_to_journal(self._fileno)
        self._coloured = not self._prefixed and use_colour(stream, colour)

    def has_room(self) -> bool:
        """Return whether a line can be written without blocking."""
        return writable(self._fileno)

    def write(self, line: JournalLine) -> None:
        """Write one line. Raises OSError."""
        if self._prefixed:
            text = prefixed(line)
        elif self._short:
            # Frames are stamped by the radio, some milliseconds before other events are published.
            if 0 < self._newest - line.time < _TOGETHER:
                line = line._replace(time=self._newest)
            self._newest = line.time
            text = "\n".join(short(line, self._columns(), coloured=self._coloured))
        else:
            text = for_people(line, coloured=self._coloured)
        octets = isolated(text).encode("utf-8", "backslashreplace")
        if len(octets) >= select.PIPE_BUF:
            octets = octets[: select.PIPE_BUF - 4] + "…".encode()
        # Writes up to PIPE_BUF are atomic: a line is never torn, and a pipe with room for it does not block.
        os.write(self._fileno, octets + b"\n")

    def _columns(self) -> int:
        """Return the current width of the terminal; 0 for none."""
        try:
            return os.get_terminal_size(self._fileno).columns
        except OSError:
            return 0


def short(line: JournalLine, columns: int, *, coloured: bool) -> list[str]:
    """Return time of day and sentence, wrapped to `columns` (0: not wrapped) with hanging indentation."""
    stamp = clock(line.time)
    indent = len(stamp) + 1
    sentence = wrapped(line.message, max(columns - indent, 20), text_width) if columns else [line.message]
    if coloured:
        style = of_level(line.level)
        stamp, sentence = paint(stamp, Style.FAINT), [paint(part, style) for part in sentence]
    return [f"{stamp} {sentence[0]}", *(" " * indent + part for part in sentence[1:])]


def for_people(line: JournalLine, *, coloured: bool) -> str:
    """Return local time, level, kind and sentence."""
    stamp = moment(line.time)
    level = f"{line.level.name.lower():9}"
    if coloured:
        style = of_level(line.level)
        return f"{paint(stamp, Style.FAINT)} {paint(level, style)} {line.kind:20} {paint(line.message, style)}"
    return f"{stamp} {level} {line.kind:20} {line.message}"


def prefixed(line: JournalLine) -> str:
    """Return ``<N>``, kind and sentence; journald adds the rest."""
    return f"<{line.level:d}>{line.kind}: {line.message}"


def use_colour(stream: TextIO, colour: str = "auto") -> bool:
    """Return whether to write colours to `stream`; see https://no-color.org."""
    if colour != "auto":
        return colour == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def goes_to_journal(fileno: int) -> bool:
    """Return whether systemd connected `fileno` to the journal (systemd.exec(5), ``$JOURNAL_STREAM``)."""
    try:
        device, inode = os.environ["JOURNAL_STREAM"].split(":")
        status = os.fstat(fileno)
        return (status.st_dev, status.st_ino) == (int(device), int(inode))
    except (KeyError, ValueError, OSError):
        return False
