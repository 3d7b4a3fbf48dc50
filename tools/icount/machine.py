"""Runs a Python program of the armel root under ``qemu-arm -cpu arm1176``, and counts its instructions."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.icount.armel import ENVIRONMENT, ROOT, RUN, command

_HERE = Path(__file__).parent


class Count(NamedTuple):
    """Instructions of one run."""

    total: int
    marks: list[tuple[int, int]]
    """Label and instructions until then, in the order of the marks."""
    output: str


class GuestFailed(Exception):
    """A counted program ended with another status than it should, or without a count."""


def build_plugin() -> Path:
    """Compile the plugin for the QEMU of this machine and return it. Raises subprocess.CalledProcessError."""
    told = subprocess.run(["qemu-arm", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(told.split("version ")[1].split(".")[0])
    library = ROOT / "icount.so"
    # QEMU 9 takes nothing older than version 2 of the interface, QEMU 8.1 nothing newer than 1.
    version = "2" if major >= 9 else "1"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O2", "-Wall", f"-DPLUGIN_VERSION={version}", "-o", library, _HERE / "plugin.c"],
        check=True,
    )
    return library


def versions() -> dict[str, str]:
    """Return the versions of the programs on which the figures depend."""
    shown = subprocess.run(["qemu-arm", "--version"], capture_output=True, text=True, check=True).stdout
    names = ("python3.13-minimal", "libc6", "python3-scapy", "python3-yaml",
             "python3-pil", "python3-luma.oled")  # fmt: skip
    query = ["dpkg-query", f"--admindir={ROOT}/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\\n", *names]
    listed = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return {"qemu-arm": shown.split()[2], **dict(line.split(" ") for line in listed.splitlines())}


def count(*arguments: str, environment: dict[str, str] | None = None, status: int = 0) -> Count:
    """Run ``python3 ARGUMENTS`` and return its count. Raises `GuestFailed`."""
    with _services():
        isolated = command(*arguments, plugin="/icount.so,out=/run/icount")
        run = subprocess.run(
            isolated, env=ENVIRONMENT | (environment or {}), capture_output=True, text=True, check=False
        )
        counted = RUN / "icount"
        rows = [line.split() for line in counted.read_text().splitlines()] if counted.exists() else []
    if run.returncode != status or not rows or rows[-1][0] != "end":
        raise GuestFailed(f"{' '.join(arguments)}: status {run.returncode}\n{run.stdout}{run.stderr}".rstrip())
    marks = [(int(label), int(number)) for what, label, number in rows if what == "mark"]
    return Count(int(rows[-1][2]), marks, run.stdout + run.stderr)


@contextlib.contextmanager
def _services() -> Iterator[None]:
    """Let a journal and a service manager listen under the guest's ``/run``; their input is discarded."""
    shutil.rmtree(RUN, ignore_errors=True)
    (RUN / "systemd/journal").mkdir(parents=True)
    (RUN / "whimbrel").mkdir()
    done = threading.Event()
    with contextlib.ExitStack() as stack:
        for name in ("systemd/journal/socket", "systemd/notify"):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            folder = os.open((RUN / name).parent, os.O_PATH)
            stack.callback(os.close, folder)
            # Through the descriptor, since the path of a checkout may be longer than an address can be.
            listener.bind(f"/proc/self/fd/{folder}/{Path(name).name}")
            listener.settimeout(0.2)
            thread = threading.Thread(target=_drain, args=(listener, done), daemon=True)
            thread.start()
            stack.callback(thread.join)
        stack.callback(done.set)
        yield


def _drain(listener: socket.socket, done: threading.Event) -> None:
    while not done.is_set():
        with contextlib.suppress(TimeoutError):
            listener.recv(65536)
