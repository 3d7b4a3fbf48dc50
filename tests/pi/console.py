"""A root shell on the serial line of an emulated board."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple


class Answer(NamedTuple):
    """What a command in the guest ended with, and said."""

    status: int
    output: str


_PATIENCE = 16
"""How much longer than usual an answer may take: the emulating machine may do a dozen other things."""


class Silent(Exception):
    """The board did not say in time what was waited for."""


class Console:
    """The standard input and output of an emulator as a shell of the guest; all that comes is kept in a file."""

    def __init__(self, emulator: subprocess.Popen[bytes], log: Path) -> None:
        self._emulator = emulator
        self._log = log.open("wb", buffering=0)
        self._heard = bytearray()
        self._news = threading.Condition()
        self._asked = 0
        self._ended = False
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self._emulator.stdout
        while octets := self._emulator.stdout.read1():  # type: ignore[attr-defined]
            self._log.write(octets)
            with self._news:
                self._heard += octets
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def expect(self, pattern: str, seconds: float) -> re.Match[bytes]:
        """Return the first match in what was not matched yet. Raises `Silent`.

        `seconds` are those that it takes at most on a machine with nothing else to do.
        """
        deadline = time.monotonic() + seconds * _PATIENCE
        wanted = re.compile(pattern.encode(), re.DOTALL)
        with self._news:
            while True:
                if found := wanted.search(bytes(self._heard)):
                    del self._heard[: found.end()]
                    return found
                if self._ended or not self._news.wait(deadline - time.monotonic()):
                    last = self._heard[-2000:].decode(errors="replace")
                    raise Silent(f"{'the emulator ended' if self._ended else 'no'} {pattern!r}; last came:\n{last}")

    def open(self, seconds: float) -> None:
        """Wait for the shell, and make it one that neither edits nor repeats what it is told. Raises `Silent`."""
        self.expect(r"root@[^\n]*# ", seconds)
        self._send("exec env TERM=dumb PAGER=cat SYSTEMD_COLORS=0 bash --norc --noprofile --noediting")
        self.expect("bash-[^\n]*# ", seconds)
        self._send("stty -echo; PS1=; PS2=; echo re''ady")
        self.expect(r"\nready\r?\n", seconds)

    def ask(self, command: str, seconds: float = 300) -> Answer:
        """Run a command of at most 4,000 octets in the guest's shell. Raises `Silent`."""
        self._asked += 1
        self._send(f"{{ {command}\n}} < /dev/null 2>&1; printf '\\n=%d= %d\\n' {self._asked} $?")
        found = self.expect(rf"(.*?)\r?\n={self._asked}= (\d+)\r?\n", seconds)
        return Answer(int(found[2]), found[1].decode(errors="replace").replace("\r\n", "\n").strip("\n"))

    def until(self, command: str, seconds: float = 300) -> Answer:
        """Repeat a command until it succeeds, each time a second of the guest later. Raises `Silent`."""
        last = int(seconds)
        loop = f"n=0; until {command}; do n=$((n + 1)); [ $n -lt {last} ] || break; sleep 1; done; [ $n -lt {last} ]"
        answer = self.ask(loop, seconds * 20)
        if answer.status:
            raise Silent(f"never true within {seconds} s of the guest: {command}\n{answer.output}")
        return answer

    def _send(self, line: str) -> None:
        assert self._emulator.stdin
        self._emulator.stdin.write(line.encode() + b"\n")
        self._emulator.stdin.flush()
