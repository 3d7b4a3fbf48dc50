"""Each I/O call of the daemon fails once, in the midst of a scripted session; it goes on or ends in order.

``python -m tests.process.failing_calls [--calls N] [--skip N] [--minutes N] [--seed N]``. A first session counts the
calls, for each moment and function; every further one has one of them fail (`failing.c`), and is judged by what the
daemon promises: it answers afterwards, or has ended with a status and a sentence; it ends when it is asked to; what it
said that it had kept is there at the next start. The first three calls of each kind come first, then a sample of the
others; ``--skip`` leaves out those that an earlier run had.
"""

from __future__ import annotations

import argparse
import errno
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.lab.waiting import block_until
from tests.process.daemon import DaemonProcess
from tests.process.history_torture import forgotten

SOURCE = Path(__file__).with_name("failing.c")
SETTINGS = """\
---
daemon: {report: 200ms, retry: 200ms, backoff_min: 100ms, stop_timeout: 2s}
modules:
  sniffer: {source: sim, tuner: sim, sim: {scene: attack, seed: 7, speed: 16}}
  watcher:
    {report: 1s, remembered: FOLDER/state/alerts.json, learned: FOLDER/state/guarded.yaml, ignored: FOLDER/state/no.txt}
  logger: {to: stderr}
  control: {socket: SOCKET}
  recorder: {folder: FOLDER/state/recordings, least_free: 0B, mode: interesting}
  history: {file: FOLDER/state/history.db}
  display: {driver: png, png: {path: FOLDER/state/panel.png}}
  buttons: {}
...
"""
ERRORS = {
    "open": errno.EMFILE, "read": errno.EIO, "write": errno.ENOSPC, "sync": errno.EIO, "rename": errno.EIO,
    "unlink": errno.EIO, "truncate": errno.EIO, "recv": errno.ENOMEM, "send": errno.ENOBUFS, "accept": errno.EMFILE,
    "ioctl": errno.EIO, "mmap": errno.ENOMEM,
}  # fmt: skip
MOMENTS = ("start", "session")
"""From the beginning of the process on, or from its readiness on."""
_OF_PYTHON = re.compile(
    r"Exception ignored in: <function BaseEventLoop\.__del__.*?\nAttributeError: .*?\n"
    r"|Fatal Python error: pycore_interp_init: ",
    re.DOTALL,
)
"""Python's own complaint about an event loop that could not be made, or about its own start."""
_BUGS = ("Traceback (most recent call last)", "mistake in Whimbrel", "Fatal Python error", "Segmentation fault")


class Failure(NamedTuple):
    """One call that fails."""

    moment: str
    call: str
    number: int
    """From 1."""


def compiled(folder: Path) -> Path:
    """Return the library that fails calls, compiled into `folder`. Raises CalledProcessError."""
    library = folder / "failing.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


def unavailable() -> str | None:
    """Return the reason why nothing can be failed here; None if it can."""
    return None if shutil.which("cc") else "a C compiler is missing"


class Session:
    """A session of the daemon in which a call fails, or none does."""

    def __init__(self, folder: Path, library: Path, failure: Failure) -> None:
        self.folder = folder
        self.failure = failure
        self.report = folder / "report"
        self.arm = folder / "arm"
        self.said: list[str] = []
        """Broken promises."""
        (folder / "state").mkdir(exist_ok=True)
        self._environment = {
            "LD_PRELOAD": str(library), "FAIL_FOLDER": str(folder / "state"), "FAIL_ARM": str(self.arm),
            "FAIL_REPORT": str(self.report), "FAIL_CALL": failure.call, "FAIL_AT": str(failure.number),
            "FAIL_ERRNO": str(ERRORS.get(failure.call, 5)),
        }  # fmt: skip
        self._settings = SETTINGS.replace("FOLDER", str(folder))
        self._kept: set[str] = set()
        """Alerts of which the daemon has said that they are acknowledged, and kept."""

    def run(self) -> dict[str, int]:
        """Run it and the start after it; return how often each call was made."""
        if self.failure.moment == "start":
            self.arm.touch()
        with DaemonProcess(self.folder, self._settings, environment=self._environment, checks=False) as daemon:
            if self._begins(daemon):
                self.arm.touch()
                self._script(daemon)
                self._still_answers(daemon)
            self._stops(daemon)
            journal = _OF_PYTHON.sub("", daemon.journal)
        self.said += [f"{journal[max(at - 500, 0) : at + 1500]}" for bug in _BUGS if (at := journal.find(bug)) >= 0]
        counts = dict(line.split() for line in self.report.read_text().splitlines())
        self._start_again()
        return {name: int(count) for name, count in counts.items()}

    def _begins(self, daemon: DaemonProcess) -> bool:
        """Wait until it is ready, or has ended with a sentence."""
        ended = block_until(
            lambda: "ready" if daemon.socket.exists() and self._ready(daemon) else daemon.process.poll(),
            f"a start or an end of {self.failure}",
            every=0.1,
        )
        if ended == "ready":
            return True
        if ended not in {1, 2, 3} or not daemon.journal.strip():
            self.said.append(f"it ended with {ended} at its start, and said {daemon.journal[-1000:]!r}")
        return False

    def _ready(self, daemon: DaemonProcess) -> bool:
        rows = _asked(daemon, "modules") or []
        return bool(rows) and all(row["state"] in {"ready", "degraded"} for row in rows)

    def _script(self, daemon: DaemonProcess) -> None:
        """Do what people do; a refusal is an answer too."""
        for verb, arguments in (("status", {}), ("survey", {}), ("learn", {"ssid": "net"}), ("press", {"key": "ok"})):
            _asked(daemon, verb, **arguments)
        for _ in range(20):
            found = _asked(daemon, "alerts")
            numbers = [row["id"] for row in (found or {"alerts": []})["alerts"]]
            if numbers:
                done = _asked(daemon, "acknowledge", alert=numbers[0])
                self._kept |= set(done["acknowledged"]) if done and done["safe"] else set()
                break
            time.sleep(0.1)  # between two looks at a daemon of which a call may have failed
        _asked(daemon, "record", mode="all")
        _asked(daemon, "history", what="sessions")
        _asked(daemon, "recordings")
        _asked(daemon, "screenshot")

    def _stops(self, daemon: DaemonProcess) -> None:
        if daemon.process.poll() is not None:
            return
        try:
            status = daemon.stop()
        except subprocess.TimeoutExpired as error:
            self.said.append(f"its stop does not end within {error.timeout} s: {daemon.journal[-1500:]}")
            return
        if status:
            self.said.append(f"its stop ended with {status}")

    def _still_answers(self, daemon: DaemonProcess) -> None:
        try:
            block_until(lambda: _asked(daemon, "status"), "an answer", every=0.1, ended=daemon.ended)
        except AssertionError as error:
            self.said.append(f"it answers no more: {str(error)[-1500:]}")

    def _start_again(self) -> None:
        """Start it on what it has left; what it had promised is there."""
        with DaemonProcess(self.folder, self._settings, checks=False) as daemon:
            try:
                block_until(lambda: self._ready(daemon), "the start after it", every=0.1, ended=daemon.ended)
            except AssertionError as error:
                self.said.append(f"it does not start any more: {str(error)[-1500:]}")
                return
            daemon.stop()
        # One that has become worse since counts as new on the screen; the history has both.
        lost = forgotten(self.folder / "state", map(int, self._kept)) if self._kept else []
        if lost:
            self.said.append(f"acknowledged, and forgotten: {lost}")


def _asked(daemon: DaemonProcess, verb: str, **arguments: object) -> Any:
    """Return an answer; None for a refusal, and where the connection failed."""
    try:
        reply = daemon._reply(verb, arguments)
    except (OSError, ValueError):
        return None
    return reply["result"] if reply and reply["ok"] else None


def sessions(library: Path, failures: Iterable[Failure], until: float) -> tuple[Counter[str], dict[Failure, list[str]]]:
    """Run a session for each failure, while there is time; return how often each call failed, and the broken promises.

    A call that a session did not come to make is counted as "never made".
    """
    done, broken = Counter[str](), {}
    for failure in failures:
        if time.monotonic() > until:
            break
        with tempfile.TemporaryDirectory() as name:
            session = Session(Path(name), library, failure)
            counts = session.run()
        done[failure.call if counts["failed"] else "never made"] += 1
        if session.said:
            broken[failure] = session.said
            sys.stdout.write(f"{failure}: {json.dumps(session.said)}\n")
            sys.stdout.flush()
    return done, broken


def counted(library: Path) -> dict[str, dict[str, int]]:
    """Return how often each call is made, from each moment on."""
    counts = {}
    for moment in MOMENTS:
        with tempfile.TemporaryDirectory() as name:
            session = Session(Path(name), library, Failure(moment, "", 0))
            counts[moment] = session.run()
            if session.said:
                raise AssertionError(f"broken without any failure: {session.said}")
    return counts


def all_failures(counts: dict[str, dict[str, int]], seed: int) -> list[Failure]:
    """Return the failures of all calls, in an order that has some of each soon: the first ones, then any.

    Two runs never make quite the same number of calls, so the place of each depends on itself and `seed` alone.
    """
    found = [
        Failure(moment, call, number)
        for moment, calls in counts.items()
        for call, count in calls.items()
        if call in ERRORS
        for number in range(1, count + 1)
    ]
    return sorted(found, key=lambda failure: (failure.number > 3, random.Random(f"{seed} {failure}").random()))


def main(argv: list[str] | None = None) -> int:
    """Fail the calls one by one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=sys.maxsize, help="how many at most (all)")
    parser.add_argument("--skip", type=int, default=0, help="of that order, how many first to leave out (0)")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long at most (10)")
    parser.add_argument("--seed", type=int, default=1, help="which ones, in what order (1)")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        library = compiled(Path(name))
        counts = counted(library)
        sys.stdout.write(f"{counts}\n")
        sys.stdout.flush()
        until = time.monotonic() + arguments.minutes * 60
        chosen = all_failures(counts, arguments.seed)[arguments.skip :][: arguments.calls]
        done, broken = sessions(library, chosen, until)
    every = sum(count for calls in counts.values() for call, count in calls.items() if call in ERRORS)
    missed = done.pop("never made", 0)
    sys.stdout.write(f"{dict(done)}\n{done.total()} of {every} calls failed ({missed} were not made again); ")
    sys.stdout.write(f"{len(broken)} broke a promise\n")
    return int(bool(broken) or not done)


if __name__ == "__main__":
    raise SystemExit(main())
