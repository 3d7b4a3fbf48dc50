"""``replay``: a capture goes through the daemon's own parts, and what they found is shown."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from whimbrel.bus import Lagged
from whimbrel.cli import exits
from whimbrel.cli.air import access_points, stations
from whimbrel.cli.tables import terminal_width
from whimbrel.config import Configuration, Duration
from whimbrel.config.schema import BusSettings, DaemonSettings
from whimbrel.daemon import Daemon, Extra
from whimbrel.drivers.pcap import PcapSettings, PcapSource
from whimbrel.events.base import Body, Event
from whimbrel.events.encode import dump
from whimbrel.events.radio import CaptureDamaged, FrameBatch
from whimbrel.events.system import DaemonStopping, EventsLost, ModuleFailed, ModuleWarning
from whimbrel.journal.sentences import sentence
from whimbrel.journal.stderr import clock
from whimbrel.module import Context, Module, NotReady
from whimbrel.modules.sniffer import Sniffer, SnifferSettings
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.report import Report, access_point_row, kind_name
from whimbrel.survey.survey import Survey
from whimbrel.text import printable
from whimbrel.wifi.reasons import reason

_EVER = Duration(100 * 365.25 * 86400)
_ROOM = 1_000_000
"""Events and batches that may wait: a capture is read as fast as possible, and nothing of it may be lost."""
_KNOWN = 65536
"""Access points and stations: a table of what is in a capture leaves nobody out."""


class Findings:
    """What a replay of one file has found."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.report = Report()
        self.survey = Survey()
        self.problems: list[str] = []
        """What went wrong, for a person; not everything was read or understood where there is any."""
        self.stopped_by = ""
        """The daemon's own reason for its end."""
        self.failed = False
        """Whether a part of the daemon failed: the capture may be all right."""


class Collector(Module[Findings]):
    """Counts what the other modules say."""

    async def run(self) -> None:
        """Collect until everything that was said has been read."""
        events = self.ctx.subscribe(Body, capacity=_ROOM)
        self.ctx.ready()
        async for event in events:
            if isinstance(event, Lagged):
                self.settings.problems.append(f"{event.lost} events were lost for the report")
            else:
                self._note(event)

    def _note(self, event: Event) -> None:
        body = event.body
        found = self.settings
        if isinstance(body, FrameBatch):
            found.report.take(body.frames)
        elif isinstance(body, CaptureDamaged):
            found.report.damage.append(body.problem)
            found.problems.append(f"damaged after {body.frames} whole frames: {body.problem}")
        elif isinstance(body, (ModuleWarning, ModuleFailed)):
            found.failed = True
            found.problems.append(sentence(body))
        elif isinstance(body, EventsLost):
            found.problems.append(f"{body.reader} missed {body.lost} events")
        elif isinstance(body, DaemonStopping):
            found.stopped_by = body.reason
        elif event.source == "watcher":
            found.report.note(body.kind)


def run(args: argparse.Namespace) -> int:
    """Show what is in each file; the files that could not be read to the end decide the status."""
    code = exits.OK
    shown: list[dict[str, Any]] = []
    width = terminal_width(args.width)
    for number, file in enumerate(args.files):
        try:
            capture = read(Path(file))
        except NotReady as error:
            print(f"whimbrel: {printable(str(error))}", file=sys.stderr)
            shown.append({"file": file, "error": str(error)})
            code = exits.CAPTURE
            continue
        for problem in capture.problems:
            print(f"whimbrel: {printable(file)}: {printable(problem)}", file=sys.stderr)
            code = exits.FAILURE if capture.failed else exits.CAPTURE
        if args.json:
            shown.append(to_json(capture))
        else:
            print(("\n" if number else "") + "\n".join(tables(capture, width)))
    if args.json:
        print(dump({"captures": shown}))
    return code


def read(file: Path) -> Findings:
    """Let the daemon's sniffer and watcher read a capture. Raises `NotReady` where there is no reading it."""
    settings = PcapSettings(files=(file,))
    found = Findings(file)

    class KeptWatcher(Watcher):
        """The watcher, with a survey that can be looked at after the run."""

        def __init__(self, ctx: Context[WatcherSettings]) -> None:
            super().__init__(ctx)
            found.survey = self.survey

    async def play() -> None:
        await PcapSource(settings).open()
        await Daemon(_configuration(settings, KeptWatcher), extra=[Extra("report", Collector, found)]).run()

    asyncio.run(play())
    if found.stopped_by in {"SIGINT", "SIGTERM"}:
        raise KeyboardInterrupt
    return found


def _configuration(settings: PcapSettings, watcher: type[Watcher]) -> Configuration:
    modules = {
        "sniffer": SnifferSettings(source="pcap", tuner="none", pcap=settings),
        "watcher": WatcherSettings(
            access_points=_KNOWN, stations=_KNOWN, forget_access_points=_EVER, forget_stations=_EVER, backlog=_ROOM
        ),
    }
    classes: dict[str, type[Module[Any]]] = {"sniffer": Sniffer, "watcher": watcher}
    return Configuration(None, "replay", DaemonSettings(give_up=1), BusSettings(), modules, classes, {})


def to_json(capture: Findings) -> dict[str, Any]:
    """Return everything about a capture as JSON values."""
    survey = capture.survey
    members = Counter(station.bssid for station in survey.stations.table.entries.values())
    return {
        "file": str(capture.file),
        **capture.report.to_json(),
        "access_points": [
            access_point_row(ap, members[ap.address]) for ap in survey.access_points.table.entries.values()
        ],
        "stations": survey.station_rows(),
        "channels": survey.channel_rows(),
        "problems": capture.problems,
    }


def tables(capture: Findings, width: int = 0) -> list[str]:
    """Return the lines that show a capture to a person."""
    report, survey = capture.report, capture.survey
    lines = [f"{printable(str(capture.file))}: {_extent(report)}", ""]
    lines += access_points(survey.access_point_rows(), width)
    lines += ["", *stations(survey.station_rows(), width)]
    kinds = Counter({kind_name(kind): number for kind, number in report.subtypes.items()})
    lines += ["", *_counts("frames", kinds, width)]
    lines += _counts("EAPOL", report.eapol, width)
    reasons = Counter({f"{code} ({reason(code)})": number for code, number in report.reasons.items()})
    lines += _counts("disconnections by reason", reasons, width)
    lines += _counts("malformed", report.malformed, width)
    lines += _counts("events", report.events, width)
    if report.bad_fcs:
        lines.append(f"damaged on the air (bad FCS): {report.bad_fcs}")
    if report.cut:
        lines.append(f"cut short by the capture: {report.cut}")
    return lines


def _extent(report: Report) -> str:
    if report.first is None:
        return "no frame"
    frames = "1 frame" if report.frames == 1 else f"{report.frames} frames"
    return f"{frames} in {report.seconds:.1f} s, from {clock(report.first)}"


def _counts(title: str, counts: Counter[str], width: int) -> list[str]:
    """Return a list of counts, the highest first, wrapped to `width`; nothing where there are none."""
    if not counts:
        return []
    import textwrap

    text = f"{title}: " + ", ".join(f"{name} {number}" for name, number in counts.most_common())
    return textwrap.wrap(text, width or 10**9, subsequent_indent="  ", break_on_hyphens=False)
