"""What a day of simulated air costs the card: ``python -m tools.recorder_day`` (`make recorder-day`).

The air goes through detections and recorder as fast as it can, on a clock of its own: what would be written to the card
within a day is written there, and synchronised as often. Counted are the octets that the kernel was given for the card;
what its file system adds is not among them.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.card import given_to_the_card
from tools.soak import Soak

from whimbrel.events.alerts import Alert, AlertUpdated
from whimbrel.events.incidents import IncidentChanged, IncidentOpened
from whimbrel.events.recording import RecordingBegun
from whimbrel.recording import naming
from whimbrel.recording.folder import Folder
from whimbrel.recording.freezing import Freezing, Occasions, Step
from whimbrel.recording.limits import Caps
from whimbrel.recording.recording import Form
from whimbrel.recording.ring import OVERHEAD, FrameRing
from whimbrel.recording.selection import Mode
from whimbrel.recording.settings import RecorderSettings
from whimbrel.recording.writer import Plan, Writer
from whimbrel.wording.about_recording import evidence_comments

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord
    from whimbrel.wifi.frames import Frame

_PAUSE = 0.1
"""Seconds in which frames gather, as in the module."""


class RecorderDay(Soak):
    """A scene that is recorded in a folder, with the defaults of ``modules.recorder`` but for its mode."""

    def __init__(self, scene: str, seed: int, folder: Path, mode: Mode, volume: float) -> None:
        super().__init__(scene, seed, volume=volume)
        self.settings = RecorderSettings(mode=mode, folder=folder)
        of = self.settings
        plan = Plan(mode, Form(of.payload), of.lose_at_most, of.file_size, of.file_time, of.waiting)
        self.now = 0.0
        self.writer = Writer(Folder(folder, Caps(of.folder_size, 0)), plan, clock=lambda: self.now)
        self.recorded = self.turns = 0
        self._ring = FrameRing(of.ring, of.before)
        self._freezing = Freezing(of.after, of.alerts_an_hour)
        self._occasions = Occasions(of.freeze)
        self._frames: list[Frame] = []
        self._records: list[CaptureRecord] = []
        self._due = self._turn_due = 0.0

    def hear(self, record: CaptureRecord, freq: int) -> None:
        """Take one record in; put on the card what is due."""
        frame = self._parse(record)
        self.frames += 1
        self.now = frame.time
        self._frames.append(frame)
        self._records.append(record)
        for body in self.detections.observe(frame, freq):
            if isinstance(body, IncidentOpened | IncidentChanged):
                self._pass_on()
                self._alerted(body)
            elif isinstance(body, Alert | AlertUpdated):
                self._note(body)
        if frame.time >= self._due:
            self._due = frame.time + _PAUSE
            self._pass_on()
        if frame.time >= self._turn_due:
            self._turn_due = frame.time + self.settings.lose_at_most / 4
            self._turn()

    def _pass_on(self) -> None:
        frames, records = self._frames, self._records
        if not frames:
            return
        self._frames, self._records = [], []
        self._ring.add(frames, records)
        if self.settings.mode is Mode.OFF and not self._freezing.active:
            return
        size = sum(len(frame.raw) for frame in frames) + OVERHEAD * len(frames)
        self.writer.frames([frames], size)
        if self._freezing.heard(self.now, size):
            self._freezing.end()
            self.writer.thaw()

    def _alerted(self, body: IncidentOpened | IncidentChanged) -> None:
        if not self._occasions.wants(body.id, body.severity, self._freezing.active):
            return
        if self._freezing.wanted(self.now, self._ring.octets) is Step.BEGIN:
            stem = naming.stem(self.now, body.rules[0], f"a{body.id}")
            if not self.writer.freeze(stem, body.text, self._ring.batches(), kept=False):
                self._freezing.cancel()
                self._occasions.forget(body.id)

    def _note(self, body: Alert | AlertUpdated) -> None:
        standing = self.detections.alerts.find(body.id)
        if standing is not None:
            self._pass_on()
            frames = standing.evidence.frames
            self.writer.note(frames, list(evidence_comments(body.id, body.title, body.text, len(frames))))

    def _turn(self) -> None:
        self.turns += 1
        self.writer.turn()
        while self.writer.told:
            self.recorded += isinstance(self.writer.told.popleft(), RecordingBegun)


def main() -> int:
    """Listen, and print what it came to after each hour."""
    parser = argparse.ArgumentParser(description="Count what a day of simulated air puts on the card as recordings.")
    parser.add_argument("scenes", nargs="*", default=["home", "day"])
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--mode", type=Mode, default=Mode.OFF, help="all, interesting or off (incidents alone)")
    parser.add_argument("--volume", type=float, default=0.02, help="how much data is sent, as a factor")
    parser.add_argument("--folder", type=Path, default=Path("build"), help="a folder on a disk, not in memory")
    args = parser.parse_args()
    for scene in args.scenes:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            day = RecorderDay(scene, 1, Path(folder), args.mode, args.volume)
            before = given_to_the_card()
            for hour in range(1, args.hours + 1):
                day.run(3600.0)
                given = given_to_the_card() - before
                standing = day.writer.standing
                resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                sys.stdout.write(
                    f"{scene}, {args.mode}: {hour} h, {day.frames} frames, {day.detections.alerts.number} alerts, "
                    f"{day.recorded} recordings begun, {standing.recordings} there of {standing.used} octets; "
                    f"{given} octets to the card, {given // hour} an hour; at most {resident} KiB resident\n"
                )
                sys.stdout.flush()
            day.writer.close()
            day.writer.turn()
    return 0


if __name__ == "__main__":
    sys.exit(main())
