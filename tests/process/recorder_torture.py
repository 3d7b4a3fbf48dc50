"""Kills the daemon at random moments while it records from a monitor interface, and looks for what it promised.

``python -m tests.process.recorder_torture --kills 1000`` (`make torture-recorder`). Each frame carries its number;
those that were written to the interface longer before the kill than the promise says must be in a file that tshark
reads.
"""

from __future__ import annotations

import argparse
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

from tests.lab.frames import BEACON
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
modules:
  sniffer: {{source: linux, tuner: none, linux: {{interface: wmon0, buffer: 32MiB}}}}
  watcher: {{remembered: /dev/null}}
  logger: {{to: stderr, level: error}}
  recorder: {{folder: FOLDER, least_free: 0B, mode: all, lose_at_most: {PROMISE:g}s, file_size: 1MiB}}
"""


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
                self._tun.write(BEACON + struct.pack(">I", number))
                self.sent.append(time.monotonic())


class Round:
    """What one life of the daemon came to."""

    def __init__(self, promised: int, missing: list[int], youngest: float) -> None:
        self.promised = promised
        """Frames that had to be in a file."""
        self.missing = missing
        """Numbers of those that are not."""
        self.youngest = youngest
        """Seconds before the kill at which the newest frame in a file was sent."""


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
        feeder.ending.set()
        feeder.join()
    return [_look(folder / str(number) / "recordings", feeder.sent, at) for number, at in enumerate(killed)]


def _spawn(tun: MonitorTun, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir()
    config = folder / "whimbrel.yaml"
    config.write_text(SETTINGS.replace("FOLDER", str(folder / "recordings")))
    command = [sys.executable, "-m", "whimbrel", "run", "--config", str(config)]
    return tun.spawn(command, env=os.environ | {"XDG_STATE_HOME": str(folder)}, stdin=subprocess.DEVNULL)


def _files(folder: Path) -> list[Path]:
    return list((folder / "recordings").glob("*.pcapng"))


def _look(recordings: Path, sent: Sequence[float], killed: float) -> Round:
    """Close what was left open as the next start does, and compare it with what was sent."""
    list(Folder(recordings, Caps(1 << 40, 0)).repair())
    found = numbers(recordings)
    first = min(found)  # those before it came before the daemon listened
    promised = [number for number, at in enumerate(sent) if number >= first and at < killed - PROMISE]
    return Round(len(promised), [number for number in promised if number not in found], killed - sent[max(found)])


def main() -> int:
    """Kill, and count."""
    parser = argparse.ArgumentParser(description="Kill the daemon while it records, and look for what it promised.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if reason := unavailable() or ("" if shutil.which("tshark") else "it needs tshark"):
        sys.stderr.write(f"{reason}\n")
        return 1
    chance = random.Random(args.seed)  # moments, not secrets
    kills, promised, missing, youngest = 0, 0, 0, 0.0
    with MonitorTun() as tun:
        while kills < args.kills:
            lives = [chance.uniform(PROMISE - 1, PROMISE + 4) for _ in range(AT_ONCE)]
            with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
                outcomes = live_and_die(tun, Path(folder), lives)
            kills += len(outcomes)
            promised += sum(outcome.promised for outcome in outcomes)
            missing += sum(len(outcome.missing) for outcome in outcomes)
            youngest = max(youngest, *(outcome.youngest for outcome in outcomes))
            sys.stdout.write(
                f"{kills} kills: {promised} frames promised, {missing} missing; at most {youngest:.2f} s lost\n"
            )
            sys.stdout.flush()
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
