"""Lets a day of simulated air pass by the real daemon with every module on, as fast as it can, and watches its use of
memory, descriptors, threads, files and tables. Ends with 1 where one of them grows.

``python -m tests.process.daemon_day`` (`make daemon-day`). The octets that a day puts on the card are counted by
`tools.history_day` and `tools.recorder_day`, whose clock is that of the air; here the modules' own clocks see minutes.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Sequence
from io import BufferedWriter
from pathlib import Path
from typing import Any, NamedTuple

from tests.lab.child import Child
from tests.process.daemon import DaemonProcess
from tools.soak import Soak

from whimbrel.capture.pcapng_writer import PcapngWriter
from whimbrel.wifi.capture_record import CaptureRecord

_STEP = 60.0
"""Seconds of the air between two looks at what is in use."""
_ROWS_EVERY = 30
"""Looks between two at the tables, whose answer is long."""
ROWS = 512 + 2048
"""Rows of the survey's tables at most: the defaults of `modules.watcher`."""
_SLACK = 3
"""By so many descriptors, threads or files more is no growth: workers are started when they are first needed."""
BUDGET = 64 << 20
"""Octets of resident memory."""
SETTINGS = """\
daemon: {stop_timeout: 30s}
modules:
  sniffer: {source: pcap, tuner: none, pcap: {files: [FOLDER/air]}}
  watcher: {remembered: FOLDER/alerts.json}
  logger: {to: stderr}
  control: {socket: SOCKET}
  recorder: {folder: FOLDER/recordings, least_free: 0B, mode: MODE}
  history: {file: FOLDER/history.db}
  position: {gpsd: FOLDER/gpsd.sock}
  display: {driver: png, png: {path: FOLDER/panel.png}, dim_after: 0s, off_after: 0s}
  buttons: {}
  system: {}
"""


class Use(NamedTuple):
    """What is in use at one look."""

    memory: int
    """Octets of resident memory."""
    descriptors: int
    threads: int
    files: int
    """In its folder, without recordings, which are counted by their octets."""


class Day(NamedTuple):
    """What a day came to."""

    frames: int
    """That the radio heard."""
    alerts: int
    """Number of the last one."""
    looks: tuple[Use, ...]
    """In the order of time."""
    rows: int
    """Rows of the survey's tables at most."""
    history: int
    """Octets of the history's file."""
    recordings: int
    """Octets of the recordings in the folder."""
    problems: tuple[str, ...]
    """Lines of the journal about modules that failed, and about what was lost."""


class Air(Soak):
    """A scene whose frames are written to a stream, as one radio hears them that hops."""

    def __init__(self, scene: str, volume: float, stream: BufferedWriter) -> None:
        super().__init__(scene, 1, volume=volume)
        self._stream = stream
        self._writer = PcapngWriter(stream, application="a day of simulated air")

    def hear(self, record: CaptureRecord, freq: int) -> None:
        """Write one record."""
        self.frames += 1
        self._writer.write(record[0], record[1])

    def spend(self, seconds: float) -> None:
        """Write the next `seconds` of the air."""
        self.run(seconds)
        self._stream.flush()


def spend(scene: str, hours: float, mode: str, volume: float, folder: Path) -> Day:
    """Return what a day came to. Raises AssertionError if the daemon ends before it."""
    pipe = folder / "air"
    os.mkfifo(pipe)
    settings = SETTINGS.replace("FOLDER", str(folder)).replace("MODE", mode)
    with DaemonProcess(folder, settings, spawn=_as_installed) as daemon, pipe.open("wb") as stream:
        air = Air(scene, volume, stream)
        looks, rows, left = [], 0, hours * 3600.0
        while left > 0:
            air.spend(min(left, _STEP))
            left -= _STEP
            looks.append(in_use(daemon.process.pid, folder))
            if len(looks) % _ROWS_EVERY == 0:
                rows = max(rows, _survey_rows(daemon))
        daemon.wait_until(lambda: not _unread(stream), "the last frame to be read")
        alerts = max((int(row["id"]) for row in daemon.ask("alerts")["alerts"]), default=0)
        looks.append(in_use(daemon.process.pid, folder))
        rows = max(rows, _survey_rows(daemon))
        assert daemon.stop() == 0
    words = (" failed", "could not be recorded", "lost in the kernel", "module-warning", "events-lost")
    problems = tuple(line for line in daemon.journal.splitlines() if any(word in line for word in words))
    recordings = sum(path.stat().st_size for path in (folder / "recordings").glob("*.pcapng"))
    history = (folder / "history.db").stat().st_size
    return Day(air.frames, alerts, tuple(looks), rows, history, recordings, problems)


def _survey_rows(daemon: DaemonProcess) -> int:
    survey = daemon.ask("survey")
    return len(survey["access_points"]) + len(survey["stations"])


def grown(looks: Sequence[Use]) -> list[str]:
    """Return what has grown from the second quarter of the looks to the last one, and by how much at least.

    The first quarter is left out: caches and tables fill. What only varies is not over its most before all the time.
    """
    quarter = len(looks) // 4
    found = []
    for name in ("descriptors", "threads", "files"):
        values = [getattr(look, name) for look in looks]
        before, after = max(values[quarter : 2 * quarter], default=0), min(values[3 * quarter :], default=0)
        if quarter and after > before + _SLACK:
            found.append(f"{name}: from at most {before} to at least {after}")
    return found


def _unread(stream: BufferedWriter) -> int:
    """Return the octets that wait in a pipe."""
    return struct.unpack("i", fcntl.ioctl(stream, termios.FIONREAD, bytes(4)))[0]  # type: ignore[no-any-return]


def _as_installed(command: list[str], **more: Any) -> subprocess.Popen[Any]:
    """Start it without Python's development mode, which takes memory of its own."""
    at = command.index("-X")
    return Child(command[:at] + command[at + 2 :], **more)


def in_use(pid: int, folder: Path) -> Use:
    """Return what a process uses; nothing once it has ended."""
    try:
        descriptors, threads = (sum(1 for _ in Path(f"/proc/{pid}/{name}").iterdir()) for name in ("fd", "task"))
    except FileNotFoundError:
        descriptors = threads = 0
    files = sum(path.is_file() for path in folder.rglob("*") if path.parent.name != "recordings")
    return Use(resident(pid), descriptors, threads, files)


def resident(pid: int) -> int:
    """Return the octets of resident memory of a process; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:")), 0)


def main() -> int:
    """Print the sums; 1 if there is too much memory in use, or something grows."""
    parser = argparse.ArgumentParser(description="A day of simulated air by the real daemon, every module on.")
    parser.add_argument("scenes", nargs="*", default=["home", "day"])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--mode", default="off", help="of the recorder: all, interesting or off")
    parser.add_argument("--volume", type=float, default=0.02, help="how much data is sent, as a factor")
    args = parser.parse_args()
    over = False
    for scene in args.scenes:
        with tempfile.TemporaryDirectory() as folder:
            day = spend(scene, args.hours, args.mode, args.volume, Path(folder))
        peak, last = max(look.memory for look in day.looks), day.looks[-1]
        growth = grown(day.looks)
        over = over or peak > BUDGET or day.rows > ROWS or bool(growth)
        most = ", ".join(
            f"{max(getattr(look, name) for look in day.looks)} {name} ({getattr(last, name)} at the end)"
            for name in ("descriptors", "threads", "files")
        )
        sys.stdout.write(
            f"{scene}, {args.mode}: {args.hours:g} h, {day.frames} frames, {day.alerts} alerts; resident at most "
            f"{peak >> 10} KiB, {last.memory >> 10} at the end; at most {most}, {day.rows} rows of the survey; history "
            f"{day.history} octets, recordings {day.recordings}\n"
            + "".join(f"  grows: {line}\n" for line in growth)
            + "".join(f"  {line}\n" for line in day.problems[:20])
        )
        sys.stdout.flush()
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
