"""Attempts to transmit, by every way that somebody who has taken over the daemon may think of. Standard library alone.

The module of `passive_checks` makes them in the sandbox of the daemon. As a program, root makes some of them outside of
any sandbox, where they succeed: ``python3 attempts.py MONITOR HELPER MARK NAME…``.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import errno
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HELPER = "/run/whimbrel-radio.sock"
_TYPES = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET, 10)
_SOL_SOCKET, _SO_DOMAIN = 1, 39
_HARMLESS = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "log", "stdin", "stdout", "stderr"}
_OPEN, _SET_CHANNEL, _CYCLE, _RECREATE, _CLOSE, _LOOK, _CAPTURE, _SCAN, _TRIGGER = range(1, 10)
_DONE = 0
_RADIO = b"adapter"
"""The daemon's own."""
_OTHERS = b"wlan0", b"wlan1", b"wlan2", b"wlan3"
"""Interfaces of access points and connected stations."""

_SENDERS = (
    "wpa", "hostapd", "bluetooth", "systemd/private", "NetworkManager", "systemd/resolve", "avahi", "nscd", "rpcbind",
)  # fmt: skip
"""Parts of the names of sockets of programs that would send in its stead."""

Outcome = Any
_libc = ctypes.CDLL(None, use_errno=True)


class Attempts:
    """All attempts. Each outcome is a text: ``refused: …``; ``SENT`` or ``OPENED`` if it was not refused.

    `monitor` is a monitor interface, `target` the process of the helper, `mark` the address that frames are sent from.
    """

    def __init__(self, monitor: str, target: int, mark: str) -> None:
        self.monitor = monitor
        self.target = target
        self.frame = _deauthentication(bytes.fromhex(mark))

    def run(self, names: list[str]) -> dict[str, Outcome]:
        """Make these; without any, make all. The one that disturbs the daemon's own radio comes last."""
        names = names or [name for name in dir(self) if name.startswith("by_")]
        return {name: self._one(getattr(self, name)) for name in sorted(names, key="by_the_helper".__eq__)}

    def _one(self, attempt: Callable[[], Outcome]) -> Outcome:
        try:
            return attempt()
        except OSError as error:
            return f"refused: {errno.errorcode.get(error.errno or 0, error)}"
        except subprocess.SubprocessError as error:
            return f"refused: {error}"

    def by_own_descriptors(self) -> Outcome:
        """Send on each socket that the process has and that is not of the Unix family."""
        found = []
        for path in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if not path.is_socket():
                    continue
                with socket.socket(fileno=os.dup(int(path.name))) as own:
                    domain = own.getsockopt(_SOL_SOCKET, _SO_DOMAIN)
                    if domain != socket.AF_UNIX:
                        found.append(f"family {domain}")
                        own.sendto(self.frame, (self.monitor, 3))
        return ", ".join(found) or "refused: there are only Unix sockets"

    def by_every_family(self) -> Outcome:
        """Open a socket of every family and type; return the families."""
        opened = set()
        for family in range(1, 64):
            for kind in _TYPES:
                with contextlib.suppress(OSError):
                    socket.socket(family, kind, 0).close()
                    opened.add(family)
        return sorted(opened)

    def by_a_packet_socket(self) -> Outcome:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
            sock.bind((self.monitor, 0))
            sock.send(self.frame)
        return "SENT"

    def by_a_packet_socket_to_an_address(self) -> Outcome:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
            sock.sendto(self.frame, (self.monitor, 0x0300))
        return "SENT"

    def by_raw_ip(self) -> Outcome:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, 255) as sock:
            sock.sendto(b"x" * 40, ("127.0.0.1", 0))
        return "SENT"

    def by_udp(self) -> Outcome:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"x", ("127.0.0.1", 9))
        return "SENT"

    def by_nl80211(self) -> Outcome:
        """Ask for a frame to be sent, an active scan, another channel: any answer but a refusal counts."""
        taken = []
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as sock:
            sock.settimeout(5)
            family = _family(sock)
            index = struct.pack("=HHI", 8, 3, socket.if_nametoindex(self.monitor))
            frame = self.frame[8:]
            for command, more in (
                (59, struct.pack("=HH", 4 + len(frame), 51) + frame),  # NL80211_CMD_FRAME
                (33, struct.pack("=HHHH", 8, 45, 4, 1)),  # NL80211_CMD_TRIGGER_SCAN with the wildcard SSID
                (2, struct.pack("=HHI", 8, 38, 2437)),  # NL80211_CMD_SET_WIPHY
            ):
                code = _ask(sock, family, command, index + more)
                if code not in (errno.EPERM, errno.EACCES):
                    taken.append(f"{command}: {errno.errorcode.get(code, code)}")
        return "OPENED " + ", ".join(taken) if taken else "refused: EPERM"

    def by_rtnetlink(self) -> Outcome:
        """Set the monitor interface down, as ``ip link`` does."""
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
            sock.settimeout(5)
            request = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(self.monitor), 0, 1)
            sock.send(struct.pack("=IHHII", 16 + len(request), 16, 5, 1, 0) + request)
            code = -int(struct.unpack_from("=i", sock.recv(65536), 16)[0])
        return f"refused: {errno.errorcode[code]}" if code in (errno.EPERM, errno.EACCES) else f"OPENED {code}"

    def by_a_link_request(self) -> Outcome:
        """Set the monitor interface down."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            import fcntl

            fcntl.ioctl(sock, 0x8914, struct.pack("16sH14x", self.monitor.encode(), 0))
        return "OPENED"

    def by_a_tun(self) -> Outcome:
        import fcntl

        with Path("/dev/net/tun").open("r+b", buffering=0) as tun:
            fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"villain0", 0x0002))
        return "OPENED"

    def by_the_nodes_of_devices(self) -> Outcome:
        """Open every node in /dev for writing; return those that are not harmless and not of buttons and screens."""
        opened = []
        for folder, _, files in os.walk("/dev"):
            if folder in ("/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/hugepages"):
                continue
            for path in (Path(folder, name).resolve() for name in files):  # /dev/char has each by its number
                if path.name in _HARMLESS or path.name.startswith(("gpiochip", "i2c-", "spidev")):
                    continue
                with contextlib.suppress(OSError):
                    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY))
                    opened.append(str(path))
        return sorted(opened) or "refused: none"

    def by_files_of_the_kernel(self) -> Outcome:
        """Open for writing what configures interfaces and radios."""
        opened = []
        for pattern in (
            "class/net/*/*", "class/net/*/queues/*/*", "class/ieee80211/*/*", "class/rfkill/*/*",
            "module/*/parameters/*",
            "kernel/debug/ieee80211/*/*", "bus/*/drivers/*/bind", "bus/*/drivers/*/new_id",
        ):  # fmt: skip
            for path in Path("/sys").glob(pattern):
                with contextlib.suppress(OSError):
                    if path.is_file():
                        os.close(os.open(path, os.O_WRONLY))
                        opened.append(str(path))
        for path in (*Path("/proc/sys/net").rglob("*"), Path("/proc/sys/kernel/modprobe"), Path("/proc/sysrq-trigger")):
            with contextlib.suppress(OSError):
                if path.is_file():
                    os.close(os.open(path, os.O_WRONLY))
                    opened.append(str(path))
        return sorted(opened)[:20] or "refused: none"

    def by_io_uring(self) -> Outcome:
        room = ctypes.create_string_buffer(256)
        return _called(425, 4, room)  # io_uring_setup

    def by_bpf(self) -> Outcome:
        return _called(321, 0, ctypes.create_string_buffer(struct.pack("=4I", 1, 4, 4, 1) + bytes(112)), 128)

    def by_perf_events(self) -> Outcome:
        attributes = ctypes.create_string_buffer(struct.pack("=II", 1, 128) + bytes(120))
        return _called(298, attributes, self.target, -1, -1, 0)

    def by_a_user_namespace(self) -> Outcome:
        child = os.fork()
        if not child:
            os._exit(0 if _libc.unshare(0x10000000 | 0x40000000) == 0 else 1)  # CLONE_NEWUSER, CLONE_NEWNET
        return "OPENED" if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 else "refused: unshare"

    def by_another_namespace(self) -> Outcome:
        with Path(f"/proc/{self.target}/ns/net").open("rb") as namespace:
            return _called(308, namespace.fileno(), 0)  # setns

    def by_tracing_the_helper(self) -> Outcome:
        found = _called(101, 16, self.target, 0, 0)  # PTRACE_ATTACH
        if found == "OPENED":
            os.waitpid(self.target, 0)
            _called(101, 17, self.target, 0, 0)
        return found

    def by_the_helper_s_descriptors(self) -> Outcome:
        """Take its packet socket (pidfd_getfd(2))."""
        pidfd = _libc.syscall(434, self.target, 0)
        if pidfd < 0:
            raise OSError(ctypes.get_errno(), "pidfd_open")
        taken = []
        for number in range(64):
            descriptor = _libc.syscall(438, pidfd, number, 0)
            if descriptor >= 0:
                taken.append(number)
                os.close(descriptor)
        os.close(pidfd)
        return f"OPENED {taken}" if taken else "refused: none"

    def by_the_helper_s_memory(self) -> Outcome:
        with Path(f"/proc/{self.target}/mem").open("r+b"):
            return "OPENED"

    def by_tracing_a_process_of_its_own_user(self) -> Outcome:
        """Others of that user are outside of the sandbox: a report that is made for the card, a command of a person."""
        with _child() as child:
            return _called(101, 16, child, 0, 0)  # PTRACE_ATTACH

    def by_the_memory_of_a_process_of_its_own_user(self) -> Outcome:
        """Read and write it without a file of /proc (process_vm_readv(2), process_vm_writev(2))."""
        word = ctypes.create_string_buffer(b"a word")
        vector = ctypes.create_string_buffer(struct.pack("=QQ", ctypes.addressof(word), 6))
        opened = []
        with _child() as child:
            for number in (310, 311):
                with contextlib.suppress(OSError):
                    _called(number, child, vector, 1, vector, 1, ctypes.c_ulong(0))
                    opened.append(number)
        return f"OPENED {opened}" if opened else "refused: both"

    def by_kernel_aio(self) -> Outcome:
        return _called(206, 1, ctypes.create_string_buffer(8))  # io_setup

    def by_services_of_the_bus(self) -> Outcome:
        """Call those who would send in its stead, and the manager, which is always there."""
        opened = []
        for name in (
            "org.freedesktop.systemd1", "org.freedesktop.resolve1", "org.freedesktop.Avahi",
            "org.freedesktop.NetworkManager", "fi.w1.wpa_supplicant1", "org.bluez", "org.freedesktop.PackageKit",
        ):  # fmt: skip
            call = ["busctl", "--timeout=10", "call", name, "/", "org.freedesktop.DBus.Peer", "Ping"]
            if not subprocess.run(call, capture_output=True, timeout=20, check=False).returncode:
                opened.append(name)
        return f"OPENED {opened}" if opened else "refused: each"

    def by_a_signal_to_the_helper(self) -> Outcome:
        os.kill(self.target, signal.SIGCONT)
        return "OPENED"

    def by_programs_of_root(self) -> Outcome:
        """Run what could send, or configure, in its stead."""
        done = []
        for argv in (
            ["ip", "link", "set", self.monitor, "down"],
            ["iw", "dev", self.monitor, "set", "channel", "1"],
            ["tc", "qdisc", "add", "dev", self.monitor, "root", "pfifo"],
            ["systemd-run", "--wait", "true"],
            ["systemctl", "restart", "whimbrel-radio.service"],
            ["systemctl", "start", "debug-shell.service"],
            ["su", "-c", "true"],
            ["mount", "-t", "debugfs", "none", "/tmp"],
        ):
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                if not subprocess.run(
                    argv, capture_output=True, timeout=20, stdin=subprocess.DEVNULL, check=False
                ).returncode:
                    done.append(argv[0] + " " + argv[1])
        return f"OPENED {done}" if done else "refused: each"

    def by_sockets_of_others(self) -> Outcome:
        """Connect to the sockets of programs that transmit: wpa_supplicant, hostapd, Bluetooth, resolvers, the manager
        itself."""
        opened = []
        for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
            path = line.split()[-1]
            if not any(name in path for name in _SENDERS):
                continue
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, kind) as sock:
                    sock.connect(path.replace("@", "\0", 1) if path.startswith("@") else path)
                    opened.append(path)
        return f"OPENED {opened}" if opened else "refused: none"

    def by_the_helper(self) -> Outcome:
        """Ask it for what it must not do; then send it nonsense."""
        wrong = []
        for ask, body in self._hostile_requests():
            # A scan needs an interface, and nobody minds one on the daemon's own radio.
            first = [struct.pack("=IB", 1, _SCAN) + b"\0" + _RADIO] if ask == _TRIGGER else []
            # Each has a number of its own: the answer before does not pass for one that never came.
            answers = _helped([*first, struct.pack("=IB", 2, ask) + body])
            if struct.pack("=IB", 2, _DONE) in (answer[:5] for answer in answers):
                wrong.append(f"{ask}: {body[:24]!r}: {answers!r}")
        dice = random.Random(14)
        for _ in range(60):
            _helped([dice.randbytes(dice.choice((1, 5, 9, 40, 4000))) for _ in range(3)])
            _helped([struct.pack("=IB", 1, dice.randrange(11)) + dice.randbytes(dice.randrange(30)) for _ in range(3)])
        _helped([struct.pack("=IB", 1, _LOOK) + self.monitor.encode()] * 20)
        return f"OPENED {wrong}" if wrong else "refused: each"

    def _hostile_requests(self) -> Iterator[tuple[int, bytes]]:
        mine = self.monitor.encode()
        for name in (b"lo", *_OTHERS, b"../" + mine, mine + b"\0x", b"\xff"):
            yield _LOOK, name
            yield _CAPTURE, struct.pack("=IB", 1 << 20, len(name)) + name
            yield _OPEN, name
        # A filter that the kernel refuses, sizes beyond all bounds, a name longer than the message.
        yield _CAPTURE, struct.pack("=IB", 1 << 20, len(mine)) + mine + b"\xff" * 4096
        yield _CAPTURE, struct.pack("=IB", 0xFFFFFFFF, len(mine)) + mine
        yield _CAPTURE, struct.pack("=IB", 1 << 20, 255) + mine
        for freq, width, center in ((0, 20, 0), (2412, 5, 2412), (65535, 160, 65535)):
            yield _SET_CHANNEL, struct.pack("=HHH", freq, width, center)
        for ask in (0, 10, 59, 255):
            yield ask, self.frame
        for freqs in (b"", struct.pack("=H", 2437)):
            yield _TRIGGER, b"\1" + freqs  # an active scan
        yield _CYCLE, self.frame


@contextlib.contextmanager
def _child() -> Iterator[int]:
    """Yield a process that does nothing, with the memory of this one."""
    child = os.fork()
    if not child:
        signal.pause()
        os._exit(0)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _deauthentication(mark: bytes) -> bytes:
    radiotap = struct.pack("<BBHI", 0, 0, 8, 0)
    return radiotap + b"\xc0\x00\x00\x00" + b"\xff" * 6 + mark + mark + b"\x00\x00\x07\x00"


def _called(number: int, *arguments: Any) -> str:
    """Make a system call of x86-64."""
    if _libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "system call")
    return "OPENED"


def _helped(messages: list[bytes]) -> list[bytes]:
    """Send the helper messages on a new connection, with a descriptor each; return its answers."""
    answers = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.settimeout(20)
        sock.connect(HELPER)
        for message in messages:
            sock.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [sock.fileno()]))])
            data, rights, _, _ = sock.recvmsg(65536, 256)
            for _, _, descriptors in rights:
                for descriptor in array.array("i", descriptors):
                    os.close(descriptor)
            answers.append(data)
    return answers


def _family(sock: socket.socket) -> int:
    request = struct.pack("=BBH", 3, 1, 0) + struct.pack("=HH", 12, 2) + b"nl80211\0"
    sock.send(struct.pack("=IHHII", 16 + len(request), 16, 1, 1, 0) + request)
    data, at = sock.recv(65536), 20
    while at < len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if kind == 1:
            return int(struct.unpack_from("=H", data, at + 4)[0])
        at += (length + 3) & ~3
    raise OSError(errno.ENOENT, "nl80211")


def _ask(sock: socket.socket, family: int, command: int, attributes: bytes) -> int:
    """Return the errno of a request; 0 for none."""
    request = struct.pack("=BBH", command, 1, 0) + attributes + bytes(-len(attributes) % 4)
    sock.send(struct.pack("=IHHII", 16 + len(request), family, 5, 2, 0) + request)
    while True:
        data = sock.recv(65536)
        _, kind, _, number, _ = struct.unpack_from("=IHHII", data)
        if number == 2 and kind == 2:
            return -int(struct.unpack_from("=i", data, 16)[0])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Attempts(sys.argv[1], int(sys.argv[2]), sys.argv[3]).run(sys.argv[4:])))
