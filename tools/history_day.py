"""The octets that a day of simulated air writes to the card: ``python -m tools.history_day`` (`make history-day`).

The air goes through survey and detections as fast as it can; what the history would put on the card in a day, it puts
there: a sample each minute of the air, alerts at once. Counted are the octets that the kernel was given for the card.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.card import given_to_the_card
from tools.soak import DAY, Soak

from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated
from whimbrel.history.alerts import AlertRows
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.sessions import Session
from whimbrel.history.store import Limits, Store
from whimbrel.survey.snapshots import Snapshots
from whimbrel.watching.rows import evidence_row

if TYPE_CHECKING:
    from whimbrel.history.entries import Entry
    from whimbrel.wifi.capture_record import CaptureRecord

_EVERY = 60.0
"""Seconds of the air between two samples, as ``modules.history.commit`` has them."""
_EVIDENCE = 8192


class HistoryDay(Soak):
    """A scene with its history in a file."""

    def __init__(self, scene: str, seed: int, file: Path, volume: float) -> None:
        super().__init__(scene, seed, volume=volume)
        self.store = Store(file, Limits(400 * DAY, 64 << 20))
        self.store.open()
        self.commits = 0
        self._collector = Collector(1, self.store.known, Keeping("relevant"))
        self._rows = AlertRows(1, ())
        self._session = Session(1, "", "", 1e12)
        self._snapshots = Snapshots(self.detections.survey)
        self._due = 0.0
        self._waiting: dict[object, Entry] = {}

    def hear(self, record: CaptureRecord, freq: int) -> None:
        """Process one record; write due entries to the card."""
        frame = self._parse(record)
        self.frames += 1
        at_once = False
        for body in self.detections.observe(frame, freq):
            if isinstance(body, (Alert, AlertUpdated, AlertClosed)):
                entry = self._rows.take(body)
                if entry is not None:
                    self._put(entry)
                at_once = at_once or isinstance(body, Alert) or self._rows.became_worse
        if frame.time >= self._due:
            self._due = frame.time + _EVERY
            self._sample()
        elif at_once:
            self._flush()

    def _sample(self) -> None:
        *_, air = self._snapshots.steps()
        assert air is not None
        for entry in self._collector.take(air, self._due):
            self._put(entry)
        for number in self._rows.unfetched():
            standing = self.detections.alerts.find(number)
            if standing is not None:
                for entry in self._rows.frames(evidence_row(standing, acknowledged=False), _EVIDENCE):
                    self._put(entry)
        if self._waiting or self._session.is_due(self._collector.now):
            self._session.frames = self._collector.frames
            self._put(self._session.entry(self._collector.now))
        self._flush()

    def _put(self, entry: Entry) -> None:
        self._waiting.pop(entry.slot, None)
        self._waiting[entry.slot] = entry

    def _flush(self) -> None:
        if self._waiting:
            self.store.write(self._waiting.values())
            self._waiting.clear()
            self.commits += 1


def main() -> int:
    """Listen, and print the sums after each hour."""
    parser = argparse.ArgumentParser(description="Count the octets that a day of simulated air writes to the card.")
    parser.add_argument("scenes", nargs="*", default=["home", "day"])
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--volume", type=float, default=0.02, help="how much data is sent, as a factor")
    parser.add_argument("--folder", type=Path, default=Path("build"), help="a folder on a disk, not in memory")
    args = parser.parse_args()
    for scene in args.scenes:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            day = HistoryDay(scene, 1, Path(folder, "history.db"), args.volume)
            before = given_to_the_card()
            for hour in range(1, args.hours + 1):
                day.run(3600.0)
                given = given_to_the_card() - before
                sys.stdout.write(
                    f"{scene}: {hour} h, {day.frames} frames, {day.detections.alerts.number} alerts, {day.commits} "
                    f"commits, {given} octets to the card, {given // hour} an hour, file {day.store.octets()}\n"
                )
                sys.stdout.flush()
            day.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
