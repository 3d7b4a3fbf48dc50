"""``replay``: a capture goes through the daemon's own parts, and what they found is shown."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from whimbrel.bus import Lagged
from whimbrel.capture_numbers import CaptureNumbers, access_point_row
from whimbrel.cli import exits
from whimbrel.cli.alert_tables import grouped, place
from whimbrel.cli.heard import of_capture
from whimbrel.cli.options import add_json_option, columns
from whimbrel.cli.report_file import write_report
from whimbrel.cli.saved_evidence import EvidenceFolder
from whimbrel.cli.survey_tables import access_points, stations
from whimbrel.cli.terminal import terminal_width
from whimbrel.config import Configuration, load
from whimbrel.config.schema import BusSettings, DaemonSettings
from whimbrel.daemon import Daemon, Extra
from whimbrel.drivers.pcap import PcapSettings, PcapSource
from whimbrel.events.alerts import Severity
from whimbrel.events.base import Body, Event
from whimbrel.events.encode import dump
from whimbrel.events.radio import CaptureDamaged, CaptureOdd, ClockStepped, FrameBatch, ReceiverJudged
from whimbrel.events.system import DaemonStopping, EventsLost, ModuleFailed, ModuleWarning
from whimbrel.module import Context, Module, NotReady
from whimbrel.modules.sniffer import RECEIVER, Sniffer, SnifferSettings
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.settings import Duration
from whimbrel.settings.problems import ConfigError
from whimbrel.survey.survey import Survey
from whimbrel.text import harmless, printable
from whimbrel.verbs.alerts import AlertRow
from whimbrel.watching.rows import alert_row, evidence_row, incident_row
from whimbrel.wifi import kinds as frame_kinds
from whimbrel.wifi.reasons import reason
from whimbrel.wording.quantities import count, moment
from whimbrel.wording.sentences import sentence
from whimbrel.wording.tables import Column, layout

if TYPE_CHECKING:
    from whimbrel.cli.alert_tables import Shown
    from whimbrel.detections.incidents import Incident
    from whimbrel.detections.standing import Standing
    from whimbrel.reporting.heard import Heard
    from whimbrel.verbs.alerts import Evidence

_EVER = Duration(100 * 365.25 * 86400)
_ROOM = 1_000_000
"""Events and batches that may wait: a capture is read as fast as possible, and nothing of it may be lost."""
_ALERTS = 4096
"""Alerts that are kept with their frames."""
_WEAKNESS = Severity.WEAKNESS
_ALERT_COLUMNS = (
    Column("ALERT", right=True), Column("AT"), Column("s", right=True), Column("SEVERITY"), Column("RULE", least=12),
    Column("WHERE", least=12), Column("COUNT", right=True), Column("EVIDENCE", least=20),
)  # fmt: skip
_KNOWN = 65536
"""Access points and stations: a table of what is in a capture leaves nobody out."""


class Findings:
    """What a replay of one file has found."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.report = CaptureNumbers()
        self.survey = Survey()
        self.problems: list[str] = []
        """What went wrong, for a person; not everything was read or understood where there is any."""
        self.remarks: list[str] = []
        """What a person should know of the file, although it was read to its end."""
        self.alerts: list[Standing] = []
        """What was wrong in the air, in the order of raising."""
        self.incidents: list[Incident] = []
        """What went on, in the same order."""
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
            after = f"damaged after {body.frames} whole frames: " if body.frames else ""
            found.problems.append(after + body.problem)
        elif isinstance(body, CaptureOdd):
            found.remarks.append(body.remark)
        elif isinstance(body, ClockStepped):
            found.report.clock_set(body.delta)
        elif isinstance(body, ReceiverJudged):
            found.report.receiver = body.findings
        elif isinstance(body, ModuleWarning) and body.key == RECEIVER:
            found.problems.append(body.text)
        elif isinstance(body, (ModuleWarning, ModuleFailed)):
            found.failed = True
            found.problems.append(sentence(body))
        elif isinstance(body, EventsLost):
            found.problems.append(f"{body.reader} missed {body.lost} events")
        elif isinstance(body, DaemonStopping):
            found.stopped_by = body.reason
        elif event.source == "watcher":
            found.report.note(body.kind)


MORE = (
    "pcap and pcapng, gzipped too.\nThe frames go the way that they go live; each FILE is read on its own. "
    "A FILE may be a named pipe; - is standard input."
)
EPILOG = (
    "examples:\n"
    "  whimbrel replay home.pcapng\n"
    "  whimbrel replay --json *.pcap | jq '.captures[].alerts'\n"
    "  whimbrel replay --evidence found home.pcapng\n"
    "  ssh router tcpdump -i mon0 -w - | whimbrel replay -\n\n"
    f"exit status: {exits.OK} read to the end, {exits.CAPTURE} one was damaged or could not be read "
    "(what was whole is shown)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what it takes."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a capture file; - for standard input")
    add_json_option(parser)
    parser.add_argument("--config", "-c", metavar="FILE", help="settings that say what is guarded and looked for")
    parser.add_argument("--evidence", metavar="DIR", help="save the frames of each alert there, as pcapng")
    parser.add_argument(
        "--report", metavar="OUT.html", help="write a page about all of it, to hand on; - for standard output"
    )
    parser.add_argument("--force", action="store_true", help="write over evidence and a report that are there")
    parser.add_argument(
        "--width", type=columns, metavar="COLUMNS", help="how wide a table may be (default: the terminal)"
    )


def run(args: argparse.Namespace) -> int:
    """Show what is in each file; the files that could not be read to the end decide the status."""
    if args.report == "-" and args.json:
        raise exits.CommandError(exits.USAGE, "standard output takes one of both: --json, or --report -")
    replay = _Replay(args)
    try:
        for file in map(Path, args.files):
            replay.show(file)
        replay.report()
    finally:
        # Whatever came between: what was read until then is told.
        if args.json:
            print(dump({"captures": replay.shown}))
    return replay.code


class _Replay:
    """One run of the command: what it was asked for, and how it stands."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.code = exits.OK
        self.shown: list[dict[str, Any]] = []
        """What is printed at the end, where JSON was asked for."""
        self._json: bool = args.json
        self._width = terminal_width(args.width)
        self._watcher = _watcher_settings(args.config)
        self._evidence = EvidenceFolder(Path(args.evidence), force=args.force) if args.evidence is not None else None
        self._any = False
        self._report: str | None = args.report
        self._force: bool = args.force
        self._heard: list[Heard] = []

    def show(self, file: Path) -> None:
        """Read a file and show what is in it; what cannot be done is said, and stops nothing else."""
        try:
            capture = read(file, self._watcher)
        except NotReady as error:
            self._complain(str(error), exits.CAPTURE)
            self.shown.append({"file": str(file), "error": str(error)})
            return
        name = str(file)
        for remark in capture.remarks:
            self._say(f"{name}: {remark}")
        for problem in capture.problems:
            self._complain(f"{name}: {problem}", exits.FAILURE if capture.failed else exits.CAPTURE)
        if self._evidence is not None:
            for problem in self._evidence.save(file, _with_evidence(capture)):
                self._complain(problem, exits.FAILURE)
                capture.problems.append(problem)
        if self._report is not None:
            self._heard.append(of_capture(capture))
        if self._json:
            self.shown.append(to_json(capture))
        elif self._report != "-":
            print(("\n" if self._any else "") + "\n".join(tables(capture, self._width)))
        self._any = True

    def report(self) -> None:
        """Write the report that was asked for, of the files that could be read; what cannot be done is said."""
        if self._report is not None and self._heard:
            try:
                write_report(self._report, self._heard, force=self._force)
            except exits.CommandError as error:
                self._complain(str(error), error.code)

    def _complain(self, problem: str, code: int) -> None:
        self._say(problem)
        self.code = code

    def _say(self, text: str) -> None:
        print(f"whimbrel: {printable(text)}", file=sys.stderr)


def _with_evidence(capture: Findings) -> Iterator[Evidence]:
    """Yield the alerts whose frames are worth a file, with these: of weaknesses none."""
    for standing in capture.alerts:
        if standing.severity is not _WEAKNESS and len(standing.evidence):
            yield evidence_row(standing, acknowledged=False)


def read(file: Path, watching: WatcherSettings | None = None) -> Findings:
    """Let the daemon's sniffer and watcher read a capture, with nothing of it forgotten.

    Raises `NotReady` where there is no reading it. What is guarded, and what is looked for, is as in `watching`.
    """
    settings = PcapSettings(files=(file,))
    found = Findings(file)

    class KeptWatcher(Watcher):
        """The watcher, with a survey that can be looked at after the run."""

        def __init__(self, ctx: Context[WatcherSettings]) -> None:
            super().__init__(ctx)
            found.survey = self.survey
            self.detections.alerts.limit = _ALERTS

        async def run(self) -> None:
            """Watch, and hand over what was found."""
            await super().run()
            found.alerts = list(self.detections.alerts)[::-1]
            found.incidents = list(self.detections.alerts.incidents)[::-1]

    async def play() -> None:
        await PcapSource(settings).open()
        await Daemon(_configuration(settings, KeptWatcher, watching), extra=[Extra("report", Collector, found)]).run()

    asyncio.run(play())
    if found.stopped_by in {"SIGINT", "SIGTERM"}:
        raise KeyboardInterrupt
    return found


def _watcher_settings(config: str | None) -> WatcherSettings:
    """Return what a settings file says of the watcher; without one, the defaults, and nothing that was learned here."""
    if config is None:
        return WatcherSettings(learned=Path(os.devnull))
    try:
        configuration = load(Path(config))
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error
    settings = configuration.modules.get("watcher")
    return settings if isinstance(settings, WatcherSettings) else WatcherSettings()


def _configuration(settings: PcapSettings, watcher: type[Watcher], watching: WatcherSettings | None) -> Configuration:
    modules = {
        "sniffer": SnifferSettings(source="pcap", tuner="none", pcap=settings),
        "watcher": attrs.evolve(
            watching or WatcherSettings(learned=Path(os.devnull)),
            remembered=Path(os.devnull),
            access_points=_KNOWN,
            stations=_KNOWN,
            forget_access_points=_EVER,
            forget_stations=_EVER,
            backlog=_ROOM,
        ),
    }
    classes: dict[str, type[Module[Any]]] = {"sniffer": Sniffer, "watcher": watcher}
    return Configuration(None, "replay", DaemonSettings(give_up=1), BusSettings(), modules, classes, {})


def to_json(capture: Findings) -> dict[str, Any]:
    """Return everything about a capture, to be written as JSON."""
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
        "alerts": [alert_row(standing, acknowledged=False) for standing in capture.alerts],
        "incidents": [incident_row(incident, acknowledged=False) for incident in capture.incidents],
        "problems": capture.problems,
        "remarks": capture.remarks,
    }


def tables(capture: Findings, width: int = 0) -> list[str]:
    """Return the lines that show a capture to a person."""
    report, survey = capture.report, capture.survey
    lines = [f"{printable(str(capture.file))}: {_extent(report)}", ""]
    lines += access_points(survey.access_point_rows(), width)
    lines += ["", *stations(survey.station_rows(), width)]
    if capture.alerts:
        lines += ["", *_alerts(capture, width)]
    kinds = Counter({frame_kinds.name(kind): number for kind, number in report.subtypes.items()})
    lines += ["", *_counts("frames", kinds, width)]
    lines += _counts("EAPOL", report.eapol, width)
    reasons = Counter({f"{code} ({reason(code)})": number for code, number in report.reasons.items()})
    lines += _counts("disconnections by reason", reasons, width)
    lines += _counts("malformed", report.malformed, width)
    lines += _counts("events", report.events, width)
    lines += [f"the receiver is not to be believed: {finding}" for finding in report.receiver]
    if report.empty:
        lines.append(f"without a frame (0-length PSDU): {report.empty}")
    if report.bad_fcs:
        lines.append(f"damaged on the air (bad FCS): {report.bad_fcs}")
    if report.cut:
        lines.append(f"cut short by the capture: {report.cut}")
    return lines


def _alerts(capture: Findings, width: int) -> list[str]:
    """Return a table of incidents and their alerts; of weaknesses only how many of each."""
    strong = [standing for standing in capture.alerts if standing.severity is not _WEAKNESS]
    rows = [alert_row(standing, acknowledged=False) for standing in strong]
    incidents = [incident_row(incident, acknowledged=False) for incident in capture.incidents]
    lines = layout(_ALERT_COLUMNS, map(_alert, grouped(incidents, rows)), width) if rows else []
    weak = Counter(standing.detection.rule for standing in capture.alerts if standing.severity is _WEAKNESS)
    return lines + _counts("weaknesses", weak, width)


def _alert(shown: Shown) -> tuple[str, ...]:
    row = shown.row
    number = f"{row.count}" if isinstance(row, AlertRow) else f"{len(row.alerts)} alerts"
    return (
        shown.number, moment(row.first), f"{row.last - row.first:.1f}", row.severity, shown.name, place(row), number,
        harmless(row.text),
    )  # fmt: skip


def _extent(report: CaptureNumbers) -> str:
    if report.first is None:
        return "no frame"
    return f"{count(report.frames, 'frame')} in {report.seconds:.1f} s, from {moment(report.first)}"


def _counts(title: str, counts: Counter[str], width: int) -> list[str]:
    """Return a list of counts, the highest first, wrapped to `width`; nothing where there are none."""
    if not counts:
        return []
    import textwrap

    text = f"{title}: " + ", ".join(f"{name} {number}" for name, number in counts.most_common())
    return textwrap.wrap(text, width or 10**9, subsequent_indent="  ", break_on_hyphens=False)
