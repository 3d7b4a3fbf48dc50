"""The same air twice: as it is, and through the kernel's filter that thins it, run on each frame by the kernel itself.

``python -m tests.lab.thinned CAPTURE…`` compares the findings of both ways for each capture with radiotap headers, and
ends with status 1 where they differ. With ``--second FOLDER`` it writes what `tools.icount.guest.thinned` hears.

Needs root, and the compiled filter. The filter's clock is that of the capture, so its seconds are those of the frames.
"""

from __future__ import annotations

import argparse
import itertools
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.lab.pcap import pcap_header, pcap_record

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.detections.counting import count, needed
from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.registry import all_detections
from whimbrel.drivers.linux.thinning.calls import FilterRun
from whimbrel.drivers.linux.thinning.counted import counted, order_for
from whimbrel.drivers.linux.thinning.kernel import ThinningFilter
from whimbrel.drivers.linux.thinning.order import ThinningOrder
from whimbrel.events.base import Body
from whimbrel.events.radio import ClockStepped, ReceiverJudged
from whimbrel.hearing.hearing import Hearing
from whimbrel.rows import AccessPointRow, ChannelRow, StationRow, Totals
from whimbrel.survey.survey import Survey, SurveyLimits
from whimbrel.wifi.capture_record import CaptureRecord

RADIOTAP = 127
SECOND = 1.0
LIMITS = SurveyLimits(access_points=2048, stations=8192)


class Result(NamedTuple):
    """What was found."""

    access_points: dict[bytes, AccessPointRow]
    stations: dict[bytes, StationRow]
    channels: list[ChannelRow]
    totals: Totals
    findings: list[Body]
    alerts: dict[tuple[str, object], str]
    """Severity by rule and key."""
    frames: int
    passed: int
    taken: int
    """How often counts were taken in."""


def records_of(path: Path) -> list[tuple[int, list[CaptureRecord]]]:
    """Return the batches of a capture, to its end or its damage."""
    found = []
    with path.open("rb") as file:
        try:
            for link_type, records in read_capture(file):
                found.append((link_type, list(records)))
        except CaptureError:
            pass
    return found


class Ear:
    """One way from records to findings."""

    def __init__(self, guard: Guard | None = None) -> None:
        self.survey = Survey(LIMITS)
        self.engine = Detections(self.survey, guard or Guard((), ()), all_detections(), None, _raise)
        self.hearing = Hearing(live=False)
        self.findings: list[Body] = []
        self.receiver: tuple[str, ...] = ()

    def hear(self, link_type: int, records: list[CaptureRecord]) -> None:
        self._take(self.hearing.take(link_type, records))

    def finish(self) -> None:
        self._take(self.hearing.release())
        self.findings += self.engine.finish()

    def _take(self, parts: Iterable[object]) -> None:
        for part in parts:
            if isinstance(part, ClockStepped):
                self.engine.shift(part.delta)
            elif isinstance(part, ReceiverJudged):
                self.receiver = part.findings
            else:
                for frame in part:  # type: ignore[attr-defined]
                    self.findings += self.engine.observe(frame, 0)

    def result(self, frames: int, passed: int, taken: int = 0) -> Result:
        survey = self.survey
        return Result(
            {row.bssid: row for row in survey.access_point_rows()},
            {row.station: row for row in survey.station_rows()},
            survey.channel_rows(),
            survey.totals(),
            self.findings,
            {each.key: each.severity.value for each in self.engine.alerts.remembered.values()},
            frames,
            passed,
            taken,
        )


def as_it_is(batches: list[tuple[int, list[CaptureRecord]]], guard: Guard | None = None) -> Result:
    """Hear everything."""
    ear = Ear(guard)
    frames = 0
    for link_type, records in batches:
        frames += len(records)
        for record in records:
            ear.hear(link_type, [record])
    ear.finish()
    return ear.result(frames, frames)


def thinned(batches: list[tuple[int, list[CaptureRecord]]], guard: Guard | None = None) -> Result:
    """Hear what the filter passes, and take its counts in once a second of the frames."""
    ear = Ear(guard)
    kernel = ThinningFilter()
    run = FilterRun(kernel.descriptor)
    frames = passed = taken = 0
    due = float("-inf")
    try:
        for link_type, records in batches:
            for record in records:
                time, raw, original = record
                frames += 1
                if link_type != RADIOTAP or len(raw) < original:
                    passed += 1
                    ear.hear(link_type, [record])
                    continue
                kernel.clock = max(1, int(time * 1e6))
                if not due - 2 * SECOND <= time < due:
                    taken += _tick(ear, kernel)
                    due = time + SECOND
                kernel.write()
                if run.run(raw)[0]:
                    passed += 1
                    ear.hear(link_type, [record])
        _tick(ear, kernel)
        ear.finish()
    finally:
        kernel.close()
    return ear.result(frames, passed, taken)


def _tick(ear: Ear, kernel: ThinningFilter) -> int:
    """Take in the counts, as the sniffer and the watcher do; return the number of entries."""
    order = ThinningOrder(0) if ear.receiver else order_for(needed(ear.engine))
    event = counted(kernel.follow(order), 0.0)
    ear.findings += count(ear.engine, event)
    return len(event.beacons) + len(event.ways)


def differences(one: Result, other: Result) -> Iterator[str]:
    """Yield what differs between the findings of two ways."""
    for key in one.alerts.keys() | other.alerts.keys():
        if one.alerts.get(key) != other.alerts.get(key):
            yield f"alert {key}: {one.alerts.get(key)} and {other.alerts.get(key)}"
    kinds = {type(each).__name__ for each in (*one.findings, *other.findings)}
    for kind in sorted(kinds - {"AirReport", "AlertUpdated", "AlertClosed", "IncidentChanged", "IncidentClosed"}):
        here, there = (sum(type(each).__name__ == kind for each in result.findings) for result in (one, other))
        if here != there:
            yield f"{kind}: {here} and {there}"
    if one.channels != other.channels:
        yield f"channels: {one.channels} and {other.channels}"
    if one.totals != other.totals:
        yield f"totals: {one.totals} and {other.totals}"
    for what in ("access_points", "stations"):
        here, there = getattr(one, what), getattr(other, what)
        for address in here.keys() | there.keys():
            if address not in here or address not in there:
                yield f"{what}: {address.hex()} is in one alone"
                continue
            yield from _rows(here[address], there[address])


def _rows(one: object, other: object) -> Iterator[str]:
    for field in one.fields:  # type: ignore[attr-defined]
        here, there = getattr(one, field), getattr(other, field)
        if here != there and not _alike(field, here, there):
            yield f"{type(one).__name__}.{field}: {here} and {there}"


def _alike(field: str, one: object, other: object) -> bool:
    """Return whether two values differ only in what counting gives up: the order of levels, the last load, and the gaps
    between beacons."""
    if field == "rssi":
        pairs = [getattr(each, name) for name in ("last", "min", "max") for each in (one, other)]
        return pairs[::2] == pairs[1::2]
    if field == "last":
        return bool(abs(one - other) < 1e-3)  # type: ignore[operator]
    return field in {"load", "measured_interval"}


def _raise(_detection: object, error: Exception, _frame: object) -> None:
    raise error


def skip_without_filter() -> None:
    """Skip the test that calls it where the filter is not compiled, or the kernel does not take it."""
    import pytest

    try:
        ThinningFilter().close()
    except FileNotFoundError:
        pytest.skip("the filter is not compiled: make thin needs clang and libbpf-dev")
    except PermissionError:
        pytest.skip("loading a filter needs root")


def scene_records(name: str, seed: int, seconds: float, *, hop: bool) -> list[tuple[int, list[CaptureRecord]]]:
    """Return what one radio hears of a scene of the simulated air: hopping, or on the channel of its first radio."""
    from tools.soak import DWELL, Soak

    soak = Soak(name, seed, hop=hop, volume=0.1)
    heard: list[CaptureRecord] = []
    at = 0.0
    for freq in itertools.cycle(soak.freqs if hop else [soak.world.networks[0].freq]):
        if at >= seconds:
            break
        soak.air.tune(freq)
        at += DWELL
        heard += soak.air.until(at)
    return [(RADIOTAP, heard)]


def heard_again(
    batches: list[tuple[int, list[CaptureRecord]]],
) -> tuple[list[CaptureRecord], list[tuple[float, bytes]]]:
    """Return what passes where a capture is heard a second time, and the counts of each second with its time."""
    ear = Ear()
    kernel = ThinningFilter()
    run = FilterRun(kernel.descriptor)
    passed: list[CaptureRecord] = []
    counts: list[tuple[float, bytes]] = []
    try:
        for again in (False, True):
            due = float("-inf")
            for link_type, records in batches:
                for time, raw, length in records:
                    kernel.clock = max(1, int(time * 1e6))
                    if not due - 2 * SECOND <= time < due:
                        counted_now = kernel.follow(order_for(needed(ear.engine)))
                        ear.findings += count(ear.engine, counted(counted_now, 0.0))
                        counts += [(time, counted_now.pack())] if again else []
                        due = time + SECOND
                    kernel.write()
                    if run.run(raw)[0]:
                        passed += [(time, raw, length)] if again else []
                        if not again:
                            ear.hear(link_type, [(time, raw, length)])
    finally:
        kernel.close()
    return passed, counts


def _write(folder: Path, number: int, batches: list[tuple[int, list[CaptureRecord]]]) -> int:
    passed, counts = heard_again(batches)
    parts = [pcap_header(link_type=RADIOTAP, snap=262_144)]
    parts += (pcap_record(raw, int(time), int(time % 1 * 1e6), length=length) for time, raw, length in passed)
    (folder / f"{number}.passed").write_bytes(b"".join(parts))
    (folder / f"{number}.counts").write_bytes(
        b"".join(struct.pack("<dI", time, len(packed)) + packed for time, packed in counts)
    )
    return len(passed)


def main() -> int:
    """Compare, and print a line for each capture."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.thinned")
    parser.add_argument("captures", nargs="+", type=Path)
    parser.add_argument("--second", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    differ = 0
    for number, path in enumerate(args.captures):
        batches = records_of(path)
        if not batches or batches[0][0] != RADIOTAP:
            continue
        one, other = as_it_is(batches), thinned(batches)
        found = list(differences(one, other))
        differ += bool(found)
        again = f", heard again {_write(args.second, number, batches)}" if args.second else ""
        lines = [f"{path.name}: of {other.frames} frames {other.passed} passed{again}; {len(one.alerts)} alerts"]
        lines += [f"    {line[:300]}" for line in found]
        sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.write(f"{differ} captures differ\n")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
