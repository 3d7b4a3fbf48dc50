"""A terminal without a window."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import threading
from pathlib import Path

import pyte

from whimbrel.testing import PATIENCE


class Screen(pyte.Screen):
    """pyte's, without its mistake: lines that were never written to stayed where they are when others moved."""

    def insert_lines(self, count: int | None = None) -> None:
        self._touch()
        super().insert_lines(count)

    def delete_lines(self, count: int | None = None) -> None:
        self._touch()
        super().delete_lines(count)

    def _touch(self) -> None:
        for line in range(self.lines):
            self.buffer[line]


class Terminal:
    """A pseudo-terminal with a readable screen."""

    def __init__(self, columns: int, rows: int) -> None:
        self.master, self.slave = pty.openpty()
        self.path = Path(os.ttyname(self.slave))
        self.screen = Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.octets = 0
        self._marks = 0
        self._reading = True
        self._changed = threading.Condition()
        self.resize(columns, rows)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        with self._changed:
            self.screen.resize(rows, columns)

    def say(self, text: str) -> None:
        """Write as another program in it would."""
        os.write(self.slave, text.encode())

    def rows(self) -> list[str]:
        """Its contents, once all output so far has arrived."""
        self._marks += 1
        mark = f"mark {self._marks}"
        self.say(f"\x1b]2;{mark}\x07")
        with self._changed:
            assert self._changed.wait_for(lambda: self.screen.title == mark, PATIENCE)
            self.octets -= len(mark) + 5
            return [row.rstrip() for row in self.screen.display]

    def _read(self) -> None:
        while self._reading:
            if select.select([self.master], [], [], 0.02)[0]:
                octets = os.read(self.master, 65536)
                with self._changed:
                    self.octets += len(octets)
                    self.stream.feed(octets)
                    self._changed.notify_all()

    def picture(self, width: int, height: int) -> list[str]:
        self.rows()
        return [row[1 : width + 1] for row in self.screen.display[1 : height + 1]]

    def hang_up(self) -> None:
        """Close it, as its window would be."""
        if self._reading:
            self._reading = False
            self._reader.join()
            os.close(self.master)

    def close(self) -> None:
        self.hang_up()
        os.close(self.slave)
