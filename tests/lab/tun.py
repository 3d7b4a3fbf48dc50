"""A monitor interface without a radio: a tun device of link type radiotap, in a network namespace of its own.

Needs root and ``/dev/net/tun``. What is written to it is captured by whoever listens inside the namespace, as if it
came off the air; nothing reaches the machine's own network.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.lab.child import Child

RADIOTAP = 803  # ARPHRD_IEEE80211_RADIOTAP
RAW = 801  # ARPHRD_IEEE80211
ETHERNET = 1  # ARPHRD_ETHER

_TUNSETIFF = 0x400454CA
_TUNSETLINK = 0x400454CD
_IFF_TUN = 0x0001  # with packet information in front of each frame
_IFF_UP = 0x0001
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_CLONE_NEWNET = 0x40000000
_PACKET_INFORMATION = struct.pack(">HH", 0, 0x0019)  # flags, ETH_P_80211_RAW

_libc = ctypes.CDLL(None, use_errno=True)


def unavailable() -> str | None:
    """Return the reason why no monitor interface can be made here; None if it can."""
    if os.geteuid() != 0:
        return "a tun monitor interface needs root"
    if not Path("/dev/net/tun").exists():
        return "a tun monitor interface needs /dev/net/tun"
    return None


def skip_without_tun() -> None:
    """Skip the test that calls it where no monitor interface can be made."""
    import pytest  # the guests have none

    if reason := unavailable():
        pytest.skip(reason)


class MonitorTun:
    """A monitor interface `name` that is up, in a new network namespace; a context manager.

    `netns` is the descriptor of the namespace. `link_type` is the interface's ``ARPHRD_`` number.
    """

    def __init__(self, name: str = "wmon0", link_type: int = RADIOTAP) -> None:
        self.name = name
        self.link_type = link_type
        self.netns = -1
        self._device = -1
        self._feeds: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Make the namespace and the interface in it."""
        home = _own_namespace()
        try:
            _check(_libc.unshare(_CLONE_NEWNET))
            self.netns = _own_namespace()
        finally:
            _check(_libc.setns(home, _CLONE_NEWNET))
            os.close(home)
        with self.inside():
            _set_up("lo", up=True)
        self.create()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop its feeder; the interface disappears, and the namespace with its last process."""
        for feed in self._feeds:
            feed.kill()
            feed.wait()
        self.delete()
        os.close(self.netns)
        self.netns = -1

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Put the calling thread into the namespace: sockets and processes that it makes meanwhile belong there."""
        home = _own_namespace()
        try:
            _check(_libc.setns(self.netns, _CLONE_NEWNET))
            yield
        finally:
            _check(_libc.setns(home, _CLONE_NEWNET))
            os.close(home)

    def spawn(self, args: list[str], **options: Any) -> subprocess.Popen[Any]:
        """Start a process inside the namespace; `options` are those of `subprocess.Popen`."""
        with self.inside():
            return Child(args, **options)

    def create(self) -> None:
        """Make the interface, up. Raises OSError where it exists."""
        with self.inside():
            self._device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
            fcntl.ioctl(self._device, _TUNSETIFF, struct.pack("16sH22x", self.name.encode(), _IFF_TUN))
            fcntl.ioctl(self._device, _TUNSETLINK, self.link_type)
        self.up()

    def delete(self) -> None:
        """Take the interface away, as when an adapter is unplugged. Idempotent."""
        if self._device >= 0:
            os.close(self._device)
            self._device = -1

    def up(self) -> None:
        """Bring the interface up."""
        with self.inside():
            _set_up(self.name, up=True)

    def down(self) -> None:
        """Take the interface down."""
        with self.inside():
            _set_up(self.name, up=False)

    def write(self, frame: bytes) -> None:
        """Let one frame, its radiotap header included, arrive."""
        os.write(self._device, _PACKET_INFORMATION + frame)

    def feed(self, frames: Iterable[bytes], per_second: float, repeat: int = 1) -> subprocess.Popen[bytes]:
        """Let `frames` arrive at a rate, all of them `repeat` times, from a process of its own; return that process.

        It ends with status 0 when every frame was written; what a pause of the machine held up comes after it at once.
        """
        packed = b"".join(struct.pack("<I", len(frame)) + frame for frame in frames)
        spool = os.memfd_create("frames", os.MFD_CLOEXEC)
        with os.fdopen(spool, "r+b") as file:
            file.write(packed)
            file.seek(0)
            script = str(Path(__file__).with_name("feeder.py"))
            feeder = Child(
                [sys.executable, script, str(self._device), str(per_second), str(repeat)],
                stdin=file,
                pass_fds=(self._device,),
            )
        self._feeds.append(feeder)
        return feeder


def _own_namespace() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _set_up(name: str, *, up: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", name.encode(), 0)
        flags = struct.unpack_from("H", fcntl.ioctl(control, _SIOCGIFFLAGS, request), 16)[0]
        flags = flags | _IFF_UP if up else flags & ~_IFF_UP
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name.encode(), flags))
