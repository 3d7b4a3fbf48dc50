"""A real broker on loopback: Debian's mosquitto, which a test may kill, start again, stop for a while, or give TLS."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from tests.lab.child import Child
from tests.lab.ports import free_port

from whimbrel.testing import PATIENCE

PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/sbin:/bin")


class Mosquitto:
    """A broker with a folder of its own. ``with``: it runs for as long as the block, unless the test kills it."""

    def __init__(self, folder: Path, *, certificate: Certificate | None = None, more: str = "") -> None:
        if PROGRAM is None:
            pytest.skip("mosquitto is not installed")
        self.port = free_port()
        self._folder = folder / "mosquitto"
        self._folder.mkdir()
        config = f"listener {self.port} 127.0.0.1\npersistence true\npersistence_location {self._folder}/\n"
        if certificate is not None:
            config += f"certfile {certificate.certificate}\nkeyfile {certificate.key}\n"
        if "allow_anonymous" not in more:
            config += "allow_anonymous true\n"
        # What it has confirmed outlasts it, with the sessions of those who are away.
        config += "autosave_interval 1\nautosave_on_changes true\nmax_queued_messages 0\n"
        config += "user root\n"  # as root it would become another user, who reads no folder of a test
        (self._folder / "mosquitto.conf").write_text(f"{config}{more}\n")
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert PROGRAM is not None
        with (self._folder / "log").open("ab") as log:
            self._child = Child([PROGRAM, "-c", str(self._folder / "mosquitto.conf")], stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            except OSError:
                if self._child.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self._folder / "log").read_text()) from None
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """End it as a power cut would. Idempotent."""
        if self._child is not None:
            self._child.send_signal(signal.SIGCONT)
            self._child.kill()
            self._child.wait(PATIENCE)
            self._child = None

    def reload(self) -> None:
        """Have it read its access rules anew."""
        assert self._child is not None
        self._child.send_signal(signal.SIGHUP)

    def freeze(self) -> None:
        """Have it do nothing, with its connections open."""
        assert self._child is not None
        self._child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        assert self._child is not None
        self._child.send_signal(signal.SIGCONT)


class Certificate:
    """A key with a certificate for a host, signed by itself."""

    def __init__(self, folder: Path, host: str) -> None:
        self.key = folder / f"{host}.key"
        self.certificate = folder / f"{host}.crt"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}",
             "-addext", f"subjectAltName=DNS:{host}", "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True, timeout=PATIENCE,
        )  # fmt: skip
