"""The daemon records onto a bad card: a small separate tmpfs, full or read-only, and then good again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lab.child import Child
from tests.process.daemon import DaemonProcess
from tests.recording.frames import records

from whimbrel.capture.chunks import CaptureError

SETTINGS = """\
daemon: {retry: 200ms, stop_timeout: 10s, report: 200ms}
modules:
  sniffer: {source: sim, tuner: sim}
  watcher: {remembered: /dev/null}
  logger: {to: stderr}
  control: {socket: SOCKET}
  recorder: {folder: FOLDER, least_free: 0B, mode: all, lose_at_most: 1s, waiting: 64KiB}
"""
MOUNTS = {"full": "size=64k", "read-only": "size=1m,ro"}

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a mount namespace with a card of its own")
TROUBLED = """\
import errno, os, sys, time
trouble = sys.argv.pop(1)
def beset(call):
    def called(descriptor, *more):
        if "/card/" in os.readlink(f"/proc/self/fd/{descriptor}"):
            kind = open(trouble).read()
            if kind == "slow":
                time.sleep(2.0)
            if kind == "gone":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        return call(descriptor, *more)
    return called
os.write, os.fdatasync = beset(os.write), beset(os.fdatasync)
from whimbrel.cli import main
sys.exit(main())
"""
"""The daemon, whose card takes two seconds for each call, or fails, as a file says."""


def on_card(folder: Path, options: str) -> Callable[..., subprocess.Popen[Any]]:
    """Return the command that starts a process with `folder` as a tmpfs."""
    script = f'mount -t tmpfs -o {options} card "$0" && exec "$@"'

    def spawn(command: list[str], **more: Any) -> subprocess.Popen[Any]:
        return Child(["unshare", "--mount", "sh", "-c", script, str(folder), *command], **more)

    return spawn


def inside(daemon: DaemonProcess, *command: str) -> None:
    subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-m", *command], check=True)


def state(daemon: DaemonProcess) -> dict[str, Any]:
    answer: dict[str, Any] = daemon.ask("recordings")["state"]
    return answer


def in_files(card: Path) -> int:
    """Return how many frames are in all files, of which one may be being written."""
    total = 0
    for path in card.glob("*.pcapng"):
        try:
            total += len(records(path))
        except CaptureError:
            continue
    return total


def troubled(trouble: Path) -> Callable[..., subprocess.Popen[Any]]:
    """Return what starts the daemon on a card with the trouble that the file names."""

    def spawn(command: list[str], **more: Any) -> subprocess.Popen[Any]:
        words = command[command.index("whimbrel") + 1 :]
        return Child([command[0], "-X", "dev", "-c", TROUBLED, str(trouble), *words], **more)

    return spawn


@pytest.mark.parametrize(
    ("trouble", "words", "told"),
    [
        ("slow", "the card is slow", "reached the card late"),
        ("gone", "the card fails", "frames could not be recorded"),
    ],
)
def test_a_card_that_is_slow_or_gone_is_told_and_taken_back(
    tmp_path: Path, trouble: str, words: str, told: str
) -> None:
    card, mood = tmp_path / "card", tmp_path / "trouble"
    mood.write_text("")
    settings = SETTINGS.replace("FOLDER", str(card))
    with DaemonProcess(tmp_path, settings, spawn=troubled(mood)) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_until(lambda: state(daemon)["frames"], "frames on the card")
        mood.write_text(trouble)
        daemon.wait_until(lambda: words in state(daemon)["problem"], "the trouble in the state")
        daemon.wait_for_state("recorder", "degraded")
        daemon.wait_until_written(words)
        daemon.wait_until_written(told)
        mood.write_text("")
        daemon.wait_until(lambda: not state(daemon)["problem"], "a card that is well")
        daemon.wait_for_state("recorder", "ready")
        known = in_files(card)
        daemon.wait_until(lambda: in_files(card) > known, "frames in files again")
        assert daemon.stop() == 0
    assert not list(card.glob("*.open.pcapng"))


@needs_root
@pytest.mark.parametrize("trouble", MOUNTS)
def test_it_goes_on_says_so_counts_and_recovers(tmp_path: Path, trouble: str) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    with on_card(folder, MOUNTS[trouble])(["true"]) as probe:
        if probe.wait():
            pytest.skip("no mount namespace here")
    settings = SETTINGS.replace("FOLDER", str(folder))
    spawn = on_card(folder, MOUNTS[trouble])
    with DaemonProcess(tmp_path, settings, spawn=spawn) as daemon:
        daemon.wait_until_told("READY=1")
        # Held open: the card outlasts the namespace of the process, which ends with it.
        held = os.open(f"/proc/{daemon.process.pid}/root{folder}", os.O_RDONLY | os.O_DIRECTORY)
        card = Path(f"/proc/self/fd/{held}")
        words = "the card is full" if trouble == "full" else "can only be read"
        daemon.wait_until(lambda: words in state(daemon)["problem"], "the trouble in the state")
        daemon.wait_for_state("recorder", "degraded")
        daemon.wait_until_written(words)
        daemon.wait_until_written("frames could not be recorded")
        lost = state(daemon)["lost"]
        assert lost > 0
        kept = subprocess.run(
            [sys.executable, "-m", "whimbrel", "record", "keep", "--socket", str(daemon.socket)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert f"it is in memory only: nothing can be recorded in {folder}" in kept.stdout
        before = daemon.ask("survey", what="channels")["totals"]["frames"]
        daemon.wait_until(
            lambda: daemon.ask("survey", what="channels")["totals"]["frames"] > before, "the device that goes on"
        )
        inside(daemon, "mount", "-o", "remount,rw,size=64m", str(folder))
        daemon.wait_until(lambda: not state(daemon)["problem"], "a card that is well")
        daemon.wait_for_state("recorder", "ready")
        known = in_files(card)
        daemon.wait_until(lambda: in_files(card) > known, "frames in files again")
        assert not [path.name for path in card.iterdir() if not path.stat().st_size], "the attempts left nothing"
        assert daemon.stop() == 0
    assert "reached the card late" in daemon.journal
    assert "the card took nothing for a while" in daemon.journal
    try:
        assert in_files(card) > known
        assert not list(card.glob("*.open.pcapng"))
    finally:
        os.close(held)
