"""The real daemon in a separate process, watched through its messages to systemd, its socket and its stderr."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.lab.child import Child
from tests.lab.waiting import block_until

from whimbrel.testing import PATIENCE

T = TypeVar("T")

SIMULATED = """\
daemon: {retry: 200ms, backoff_min: 100ms, stop_timeout: 1s, report: 200ms}
modules:
  sniffer: {source: sim, tuner: sim}
  watcher: {report: 1s}
  logger: {to: stderr}
  control: {socket: SOCKET}
"""


class DaemonProcess:
    """``whimbrel run`` on settings given as text, in which SOCKET stands for the path of the control socket.

    `spawn` starts it, as `Child` would; `environment` is added to this process's own, `arguments` to the command.
    `checks`: with Python's own checks (`-X dev`), whose allocator and asyncio cost several times the time and a third
    of the memory; a measurement is without.
    """

    stderr: int | None = None
    """A descriptor in the place of the file that its lines go to."""

    def __init__(
        self,
        folder: Path,
        settings: str = SIMULATED,
        *,
        spawn: Callable[..., subprocess.Popen[Any]] = Child,
        environment: dict[str, str] | None = None,
        watchdog: float | None = None,
        arguments: Sequence[str] = (),
        checks: bool = True,
    ) -> None:
        self.config = folder / "whimbrel.yaml"
        self.socket = folder / "control.sock"
        self.log = folder / "stderr"
        self.said: list[str] = []
        """Lines sent to the service manager."""
        self._folder = folder
        self._spawn = spawn
        self._environment = environment or {}
        self._watchdog = watchdog
        self._arguments = arguments
        self._python = [sys.executable, "-X", "dev"] if checks else [sys.executable]
        self.process: subprocess.Popen[Any]
        self._manager: socket.socket
        self.configure(settings)

    def configure(self, settings: str) -> None:
        """Write the settings file."""
        self.config.write_text(settings.replace("SOCKET", str(self.socket)))

    def __enter__(self) -> Self:
        notify = self._folder / "notify"
        notify.unlink(missing_ok=True)
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(str(notify))
        self._manager.setblocking(False)
        state = {"XDG_STATE_HOME": str(self._folder / "state")}
        environment = os.environ | state | self._environment | {"NOTIFY_SOCKET": str(notify), "NO_COLOR": "1"}
        if self._watchdog is not None:
            environment["WATCHDOG_USEC"] = str(int(self._watchdog * 1e6))
        with self.log.open("ab") as log:
            self.process = self._spawn(
                [*self._python, "-m", "whimbrel", "run", "--config", str(self.config), *self._arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log if self.stderr is None else self.stderr,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._manager.close()

    @property
    def journal(self) -> str:
        """Everything that it has written so far."""
        return self.log.read_text()

    def wait_until_told(self, line: str, after: int = 0) -> None:
        """Wait until the service manager was sent a line that begins with `line`, `after` so many lines."""
        self.wait_until(
            lambda: any(said.startswith(line) for said in self.said[after:]), f"{line!r} to the service manager"
        )

    def wait_until_written(self, text: str, times: int = 1) -> None:
        """Wait until `text` is in its output, so many times."""
        self.wait_until(lambda: self.journal.count(text) >= times, f"{text!r} on stderr")

    def wait_until(self, state: Callable[[], T | None], what: str) -> T:
        """Wait for anything else, and take what it tells the service manager meanwhile; returns the state."""

        def look() -> T | None:
            self._hear()
            return state()

        return block_until(look, what, ended=self.ended, every=0.05)

    def ended(self) -> str | None:
        """Return its exit; None while it runs."""
        if self.process.poll() is None:
            return None
        return f"ended with {self.process.returncode}, told the service manager {self.said} and wrote:\n{self.journal}"

    def _hear(self) -> None:
        """Return the messages to the service manager so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.said += self._manager.recv(65536).decode().splitlines()

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Ask the control socket, once it and the module that answers the verb have started; return the result.

        Raises AssertionError for a refusal.
        """
        reply = self.wait_until(lambda: self._reply(verb, arguments), f"an answer to {verb}")
        assert reply["ok"], reply
        return reply["result"]

    def _reply(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        with socket.socket(socket.AF_UNIX) as client, client.makefile("rw") as stream:
            client.settimeout(PATIENCE)
            try:
                client.connect(str(self.socket))
            except (ConnectionRefusedError, FileNotFoundError):  # it may not be listening yet
                return None
            print(json.dumps({"verb": verb, **arguments}), file=stream, flush=True)
            reply: dict[str, Any] = json.loads(stream.readline())
        unserved = ("no verb is called", f"{verb}: the module that answers it is not on, or not ready")
        return None if str(reply.get("error")).startswith(unserved) else reply

    def states(self) -> dict[str, str]:
        """Return the state of each module."""
        return {row["module"]: row["state"] for row in self.ask("modules")}

    def wait_for_state(self, module: str, state: str) -> dict[str, Any]:
        """Wait until `module` is in `state`; return its row."""
        row: dict[str, Any] = {}

        def there() -> bool:
            row.update({row["module"]: row for row in self.ask("modules")}.get(module, {}))
            return row.get("state") == state

        self.wait_until(there, f"{module} to be {state}")
        return row

    def wait_for_row(self, module: str) -> dict[str, Any]:
        """Return the row of `module` once it is there and the control socket is."""
        return next(row for row in self.ask("modules") if row["module"] == module)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait until it has ended; return its status."""
        return self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Ask it to end, and return its status."""
        self.signal(signal.SIGTERM)
        return self.wait()
