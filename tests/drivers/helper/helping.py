"""A helper: the real server on a thread, with radios that are imagined; and the real process, on a tun interface."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.drivers.nl80211.kernel import FakeKernel
from tests.drivers.nl80211.machine import Machine
from tests.lab.tun import MonitorTun
from tests.lab.waiting import block_until

from whimbrel.drivers.helper.in_use import RadiosInUse
from whimbrel.drivers.helper.server import Workshop, serve
from whimbrel.drivers.nl80211.control import Kernel


class _Connected(Kernel):
    """Closes the machine's ends with its own, so that a test may count descriptors."""

    ends: tuple[FakeKernel, ...]

    @classmethod
    def to(cls, machine: Machine, timeout: float) -> _Connected:
        made = machine.connect(timeout)
        ends = tuple(machine.kernels[-2:])
        return cls(nl80211=made.nl80211, links=made.links, sockets=made.sockets, ends=ends)

    def close(self) -> None:
        super().close()
        for end in self.ends:
            end.close()


@contextlib.contextmanager
def helper_of(
    machine: Machine, path: Path, *, active: bool = False, in_use: RadiosInUse | None = None
) -> Iterator[None]:
    """Serve the radios of `machine` on a socket at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen(4)
        thread = threading.Thread(
            target=serve,
            args=(listener, Workshop(connect=lambda timeout: _Connected.to(machine, timeout), active=active)),
            kwargs={"in_use": in_use},
        )
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextlib.contextmanager
def helper_on(tun: MonitorTun, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the helper's process in the namespace of `tun`, with its socket at `path`."""
    process = tun.spawn([sys.executable, "-m", "whimbrel.drivers.helper", str(path)])
    try:
        block_until(lambda: _listens(path), "the helper")
        yield process
    finally:
        process.kill()
        process.wait()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        return probe.connect_ex(str(path)) == 0
