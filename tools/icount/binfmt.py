"""Runs a command in separate namespaces in which the kernel runs ARM programs through ``qemu-arm-static``, and 64-bit
ones through ``qemu-aarch64-static``.

``python -m tools.icount.binfmt COMMAND…``, as root (of a user namespace will do), on Linux 6.7 or later, which gave
each user namespace a binfmt_misc of its own. The machine's own settings stay as they are.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

_NEW_MOUNTS, _NEW_USERS = 0x20000, 0x10000000
_MISC = Path("/proc/sys/fs/binfmt_misc")
# ELF headers: little-endian, executable or shared object. Class (32 bit, 64 bit) and machine (ARM, AArch64) differ.
_MAGIC = r"\x7fELF\x0{}\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x{}\x00"
_MASK = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
_MACHINES = {"arm": (1, "28"), "aarch64": (2, "b7")}


def rules(own: str) -> list[str]:
    """Return the lines for ``register``, of every machine but the kernel's `own` (as in ``uname -m``).

    F: the interpreter is opened now, so that it works inside of a chroot; OC: with the credentials of the program.
    """
    return [
        f":qemu-{name}:M::{_MAGIC.format(*told)}:{_MASK}:/usr/bin/qemu-{name}-static:FOC"
        for name, told in _MACHINES.items()
        if name != own
    ]


def run(command: list[str]) -> int:
    """Run `command` so and return its exit status."""
    unshared_read, unshared_write = os.pipe()
    mapped_read, mapped_write = os.pipe()
    child = os.fork()
    if not child:
        os.close(mapped_write)
        _become(command, unshared_write, mapped_read)
    os.close(unshared_write)
    os.close(mapped_read)
    if os.read(unshared_read, 1):
        for name in ("uid_map", "gid_map"):
            # Everybody there is here, whom a namespace around this one may have chosen.
            ranges = [line.split() for line in Path("/proc/self", name).read_text().splitlines()]
            same = "".join(f"{first} {first} {count}\n" for first, _, count in ranges)
            Path(f"/proc/{child}/{name}").write_text(same)
        os.write(mapped_write, b"x")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become(command: list[str], unshared: int, mapped: int) -> None:
    """Replace this process by `command`; does not return."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USERS | _NEW_MOUNTS):
        print(f"no namespaces: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        os._exit(1)
    os.write(unshared, b"x")
    os.read(mapped, 1)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    try:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(_MISC)], check=True)
        for rule in rules(os.uname().machine):
            (_MISC / "register").write_text(rule)
        os.execvp(command[0], command)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{command[0]} could not be run with ARM programs: {error}", file=sys.stderr)
        os._exit(1)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
