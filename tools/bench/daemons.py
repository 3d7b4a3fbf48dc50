"""Real daemon processes to measure: `Daemon`, with its own settings, in a network namespace if it needs one."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from whimbrel.client import BlockingClient

_SETTINGS = """\
modules:
  sniffer: {sniffer}
  watcher: {{remembered: /dev/null}}
  logger: {{to: stderr}}
  control: {{socket: {socket}}}
"""
_PATIENCE = 30.0  # s


class Daemon:
    """One running ``whimbrel run`` with every module on. Made by `running`."""

    def __init__(self, process: subprocess.Popen[Any], socket: Path, log: Path) -> None:
        self.process = process
        self._socket = socket
        self._log = log

    def told(self, text: str) -> bool:
        """Return whether a line with `text` was logged."""
        return text in self._log.read_text(errors="replace")

    def wait(self, done: Callable[[], bool], what: str, patience: float = _PATIENCE) -> None:
        """Return once `done`. Raises RuntimeError where the daemon ends before, and TimeoutError."""
        end = time.monotonic() + patience
        while not done():
            if self.process.poll() is not None:
                raise RuntimeError(f"the daemon ended before {what}: {self._log.read_text(errors='replace')[-2000:]}")
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain for {what}")
            time.sleep(0.05)

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Return the answer of the control socket."""
        with BlockingClient(self._socket) as client:
            return client.ask(verb, **arguments)

    def frames(self) -> int:
        """Return the number of frames processed by the survey."""
        return int(self.ask("survey", what="channels")["totals"]["frames"])

    def memory(self) -> tuple[float, float]:
        """Return the resident and the proportional size, in MB of 2**20 octets."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        sizes = dict(line.split(":") for line in text.splitlines()[1:])
        rss, pss = (int(sizes[name].split()[0]) / 1024 for name in ("Rss", "Pss"))
        return rss, pss

    def cpu(self) -> float:
        """Return the user and system seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> float:
        """End it at once; return its user and system seconds."""
        self.process.kill()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime


Spawn = Callable[..., subprocess.Popen[Any]]


@contextlib.contextmanager
def running(sniffer: str, spawn: Spawn = subprocess.Popen) -> Iterator[Daemon]:
    """Run a daemon that captures by these settings of its sniffer, a YAML mapping in one line; killed at the end."""
    with tempfile.TemporaryDirectory(prefix="whimbrel-bench") as folder:
        settings, socket, log = (Path(folder) / name for name in ("whimbrel.yaml", "control", "log"))
        settings.write_text(_SETTINGS.format(sniffer=sniffer, socket=socket))
        stream: IO[bytes]
        with log.open("wb") as stream:
            process = spawn([sys.executable, "-m", "whimbrel", "run", "--config", str(settings)], stderr=stream)
        daemon = Daemon(process, socket, log)
        try:
            for line in ("Module control is ready", "radio-opened"):
                daemon.wait(functools.partial(daemon.told, line), line)
            yield daemon
        finally:
            if process.poll() is None:
                daemon.kill()
