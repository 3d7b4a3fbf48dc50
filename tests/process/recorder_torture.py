"""Kills the daemon at random moments while it records an attack from a monitor interface, and looks for what it
promised.

``python -m tests.process.recorder_torture --kills 1000`` (`make torture-recorder`). Each frame carries its number;
those that were written to the interface longer before the kill than the promise says must be in a file that tshark
reads. Where some are not, the daemon must have said so before it was killed: that it loses frames, or is late. Only a
daemon that others kept from the processor, for half of the time that was promised, could not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.lab.frames import radiotap
from tests.lab.tun import MonitorTun, unavailable
from tests.lab.waiting import block_until
from tests.recording.frames import records

from whimbrel.recording.folder import Folder
from whimbrel.recording.limits import Caps

PER_SECOND = 1000
AT_ONCE = 2
"""Daemons that listen to one interface, and are killed each at a moment of its own."""
PROMISE = 5.0  # s, the default
MEMORY = Path("/dev/shm")
"""Where the recordings are: what a kill takes does not depend on the card, and this machine's may be slow."""
SETTINGS = f"""\
daemon: {{report: 500ms}}
modules:
  sniffer: {{source: linux, tuner: none, linux: {{interface: wmon0, buffer: 32MiB}}}}
  watcher: {{remembered: /dev/null}}
  logger: {{to: stderr, level: warning}}
  recorder: {{folder: FOLDER, least_free: 0B, mode: all, lose_at_most: {PROMISE:g}s, file_size: 1MiB}}
"""


SAYINGS = ("lost in the kernel", "could not be recorded", "reached the card late", "modules.recorder.lose_at_most")
"""Of the journal: what it says where the promise is, or is about to be, broken."""
STARVED = 0.5
"""Share of the last seconds before a kill in which the daemon wanted to run and was not let."""
NUMBER = b"\xdd\x07\x02\0\0"
"""Begins an element of a vendor, which the number of the frame ends."""
EVERYBODY, ACCESS_POINT = b"\xff" * 6, b"\x02\0\0\0\0\x01"
BEACON, DEAUTHENTICATION = (
    radiotap(bytes([kind, 0, 0, 0]) + EVERYBODY + ACCESS_POINT * 2 + bytes(2) + body)
    for kind, body in ((0x80, bytes(8) + b"\x64\0\x01\x04\0\x04test"), (0xC0, b"\x07\0"))
)
EVERY = 25
"""One frame of so many disconnects everybody."""


class Feeder(threading.Thread):
    """Writes numbered frames at a rate, and remembers when each was written."""

    def __init__(self, tun: MonitorTun) -> None:
        super().__init__(daemon=True)
        self.sent: list[float] = []
        """Monotonic seconds of each frame, by its number."""
        self.ending = threading.Event()
        self._tun = tun

    def run(self) -> None:
        """Write until told to end."""
        begun = time.monotonic()
        while not self.ending.wait(0.01):
            due = int((time.monotonic() - begun) * PER_SECOND)
            for number in range(len(self.sent), due):
                frame = BEACON if number % EVERY else DEAUTHENTICATION
                self._tun.write(frame + NUMBER + struct.pack(">I", number))
                self.sent.append(time.monotonic())


class Starvation(threading.Thread):
    """Looks how long processes have waited for the processor."""

    def __init__(self, pids: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self.ending = threading.Event()
        self._seen: dict[int, list[tuple[float, float]]] = {pid: [] for pid in pids}

    def run(self) -> None:
        """Look until told to end."""
        while not self.ending.wait(0.1):
            for pid, seen in self._seen.items():
                # Of the main thread, which is the loop.
                with contextlib.suppress(OSError, ValueError, IndexError):
                    waited = int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
                    seen.append((time.monotonic(), waited))

    def share(self, pid: int, until: float) -> float:
        """Return the share of the last promised seconds before `until` in which it waited."""
        seen = [(at, waited) for at, waited in self._seen[pid] if until - PROMISE - 0.5 <= at <= until]
        return (seen[-1][1] - seen[0][1]) / PROMISE if seen else 0.0


class Round(NamedTuple):
    """What one life of the daemon came to."""

    promised: int
    """Frames that had to be in a file."""
    missing: list[int]
    """Numbers of those that are not."""
    youngest: float
    """Seconds before the kill at which the newest frame in a file was sent."""
    alerts: int
    """Recordings of alerts."""
    said: bool
    """Whether the daemon has said that it breaks the promise."""
    starved: float
    """As of `Starvation.share`."""

    @property
    def silent(self) -> bool:
        """Whether the promise was broken, and nothing said so that could."""
        return bool(self.missing) and not self.said and self.starved < STARVED


def numbers(folder: Path) -> set[int]:
    """Return the numbers of the frames in all files; tshark has to read each of them to its end."""
    found: set[int] = set()
    for path in sorted(folder.glob("*.pcapng")):
        read = ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "frame.number"]
        done = subprocess.run(read, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{path}: {done.stderr}"
        frames = [struct.unpack(">I", octets[-4:])[0] for _, octets, _ in records(path)]
        assert len(done.stdout.split()) == len(frames)
        found.update(frames)
    return found


def live_and_die(tun: MonitorTun, folder: Path, lives: Sequence[float]) -> list[Round]:
    """Have a daemon for each of `lives` record, kill each so many seconds after all have a file, and look."""
    feeder = Feeder(tun)
    feeder.start()
    daemons = [_spawn(tun, folder / str(number)) for number in range(len(lives))]
    starvation = Starvation([daemon.pid for daemon in daemons])
    starvation.start()
    killed = [0.0] * len(lives)
    try:
        for number, daemon in enumerate(daemons):
            block_until(lambda number=number: _files(folder / str(number)), "a file", ended=daemon.poll)  # type: ignore[misc]
        begun = time.monotonic()
        for life, number in sorted(zip(lives, range(len(lives)), strict=True)):
            time.sleep(max(begun + life - time.monotonic(), 0.0))
            killed[number] = time.monotonic()
            daemons[number].send_signal(signal.SIGKILL)
    finally:
        for daemon in daemons:
            daemon.kill()
            daemon.wait()
        for thread in (feeder, starvation):
            thread.ending.set()
            thread.join()
    return [
        _look(folder / str(number), feeder.sent, at, starvation.share(daemons[number].pid, at))
        for number, at in enumerate(killed)
    ]


def _spawn(tun: MonitorTun, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir()
    config = folder / "whimbrel.yaml"
    config.write_text(SETTINGS.replace("FOLDER", str(folder / "recordings")))
    command = [sys.executable, "-m", "whimbrel", "run", "--config", str(config)]
    environment = os.environ | {"XDG_STATE_HOME": str(folder)}
    with (folder / "journal").open("wb") as journal:
        return tun.spawn(command, env=environment, stdin=subprocess.DEVNULL, stderr=journal)


def _files(folder: Path) -> list[Path]:
    return list((folder / "recordings").glob("*.pcapng"))


def _look(folder: Path, sent: Sequence[float], killed: float, starved: float) -> Round:
    """Close what was left open as the next start does, and compare it with what was sent."""
    recordings = folder / "recordings"
    list(Folder(recordings, Caps(1 << 40, 0)).repair())
    found = numbers(recordings)
    first = min(found)  # those before it came before the daemon listened
    promised = [number for number, at in enumerate(sent) if number >= first and at < killed - PROMISE]
    journal = (folder / "journal").read_text(errors="replace")
    return Round(
        len(promised),
        [number for number in promised if number not in found],
        killed - sent[max(found)],
        len([path for path in recordings.glob("*.pcapng") if "-all" not in path.name]),
        any(saying in journal for saying in SAYINGS),
        starved,
    )


def main() -> int:
    """Kill, and count."""
    parser = argparse.ArgumentParser(description="Kill the daemon while it records, and look for what it promised.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="daemons that listen together (%(default)s)")
    args = parser.parse_args()
    if reason := unavailable() or ("" if shutil.which("tshark") else "it needs tshark"):
        sys.stderr.write(f"{reason}\n")
        return 1
    chance = random.Random(args.seed)  # moments, not secrets
    rounds: list[Round] = []
    with MonitorTun() as tun:
        while len(rounds) < args.kills:
            lives = [chance.uniform(PROMISE - 1, PROMISE + 4) for _ in range(args.at_once)]
            with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
                rounds += live_and_die(tun, Path(folder), lives)
            sys.stdout.write(f"{told(rounds)}\n")
            sys.stdout.flush()
    return 1 if any(outcome.silent for outcome in rounds) else 0


def told(rounds: Sequence[Round]) -> str:
    """Return what came of all kills, in a line."""
    broken = [outcome for outcome in rounds if outcome.missing]
    said = [outcome for outcome in broken if outcome.said]
    silent = [outcome for outcome in broken if outcome.silent]
    return (
        f"{len(rounds)} kills, {sum(outcome.alerts for outcome in rounds)} alerts recorded: "
        f"{sum(outcome.promised for outcome in rounds)} frames promised, "
        f"{sum(len(outcome.missing) for outcome in rounds)} missing; broken {len(broken)} times, of which {len(said)} "
        f"were said before, {len(broken) - len(said) - len(silent)} starved, {len(silent)} silent; at most "
        f"{max(outcome.youngest for outcome in rounds):.2f} s lost"
    )


if __name__ == "__main__":
    sys.exit(main())
