"""``replay``: runs the daemon's own modules on a capture, and shows their findings."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whimbrel.bus import Closed, Lagged
from whimbrel.capture_numbers import access_point_row
from whimbrel.cli import exits
from whimbrel.cli.findings import Findings
from whimbrel.cli.heard import of_capture
from whimbrel.cli.options import add_json_option, columns
from whimbrel.cli.output_file import add_force_option
from whimbrel.cli.progress import ProgressBar
from whimbrel.cli.replay_tables import tables
from whimbrel.cli.report_file import write_report
from whimbrel.cli.saved_evidence import EvidenceFolder
from whimbrel.cli.terminal import look
from whimbrel.config import Configuration, load
from whimbrel.config.schema import BusSettings, DaemonSettings
from whimbrel.daemon import Daemon
from whimbrel.drivers.pcap import PcapSettings, PcapSource
from whimbrel.events.air import HandshakeSeen
from whimbrel.events.alerts import Alert, AlertUpdated, Severity
from whimbrel.events.base import KINDS, Event
from whimbrel.events.device import AirSnapshot
from whimbrel.events.encode import dump
from whimbrel.events.radio import CaptureDamaged, CaptureOdd, ClockStepped, FrameBatch, ReceiverJudged
from whimbrel.events.recording import AlertEvidence
from whimbrel.events.system import DaemonStopping, EventsLost, ModuleFailed, ModuleWarning
from whimbrel.module import Context, Module, NotReady
from whimbrel.modules.sniffer import RECEIVER, Sniffer, SnifferSettings
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.process import Extra
from whimbrel.settings import Duration, evolve
from whimbrel.settings.problems import ConfigError
from whimbrel.text import printable
from whimbrel.watching.rows import alert_row, evidence_row, incident_row
from whimbrel.wording.sentences import sentence

if TYPE_CHECKING:
    from whimbrel.reporting.heard import Heard
    from whimbrel.verbs.alerts import Evidence

_EVER = Duration(100 * 365.25 * 86400)
_ROOM = 1_000_000
"""Capacity for waiting events and batches: a capture is read as fast as possible, and nothing may be lost."""
_ALERTS = 4096
"""Limit of alerts that are kept with their frames."""
_ACCESS_POINTS = 2048
"""Limit of access points: a capture of a flood makes up thousands a minute, and each takes 10 KB."""
_STATIONS = 8192


class FindingsCollector(Module[Findings]):
    """Counts the events of the other modules."""

    async def run(self) -> None:
        """Collect until all events have been read."""
        # Each snapshot of the air would take as much memory as the survey itself.
        kinds = [kind for kind in KINDS.values() if kind not in {AirSnapshot, AlertEvidence}]
        events = self.ctx.subscribe(*kinds, capacity=_ROOM)
        self.ctx.ready()
        with contextlib.suppress(Closed):
            while True:
                for event in await events.read_all():
                    if isinstance(event, Lagged):
                        self.settings.problems.append(f"{event.lost} events were lost on the way")
                    else:
                        self._note(event)

    def _note(self, event: Event) -> None:
        body = event.body
        found = self.settings
        if isinstance(body, FrameBatch):
            found.numbers.take(body.frames)
        elif isinstance(body, CaptureDamaged):
            found.numbers.damage.append(body.problem)
            after = f"damaged after {body.frames} whole frames: " if body.frames else ""
            found.problems.append(after + body.problem)
        elif isinstance(body, CaptureOdd):
            found.remarks.append(body.remark)
        elif isinstance(body, ClockStepped):
            found.numbers.clock_set(body.delta)
        elif isinstance(body, ReceiverJudged):
            found.numbers.receiver = body.findings
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
            found.numbers.note(body.kind)
            if isinstance(body, HandshakeSeen):
                found.note_handshake(body, event.time)
            elif isinstance(body, (Alert, AlertUpdated)):
                found.told.setdefault(body.id, {}).setdefault(body.severity.value, event.time)


MORE = (
    "pcap and pcapng, also gzipped.\nThe frames are processed like live ones; each FILE is read separately. "
    "A FILE may be a named pipe; - is standard input."
)
EPILOG = (
    "examples:\n"
    "  whimbrel replay home.pcapng\n"
    "  whimbrel replay --json *.pcap | jq '.captures[].alerts'\n"
    "  whimbrel replay --evidence found home.pcapng\n"
    "  ssh router tcpdump -i mon0 -w - | whimbrel replay -\n\n"
    f"exit status: {exits.OK} read to the end, {exits.CAPTURE} a file was damaged or could not be read "
    "(its whole frames are shown)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a capture file; - for standard input")
    add_json_option(parser)
    parser.add_argument("--config", "-c", metavar="FILE", help="settings with the guarded networks and the rules")
    parser.add_argument("--evidence", metavar="DIR", help="save the frames of each alert there, as pcapng")
    parser.add_argument(
        "--report", metavar="OUT.html", help="write a page about all of it, to hand on; - for standard output"
    )
    add_force_option(parser, "evidence and a report")
    parser.add_argument(
        "--width", type=columns, metavar="COLUMNS", help="width of the tables (default: that of the terminal)"
    )


def run(args: argparse.Namespace) -> int:
    """Show the contents of each file; the exit status shows whether all could be read to the end."""
    if args.report == "-" and args.json:
        raise exits.CommandError(exits.USAGE, "standard output takes one of both: --json, or --report -")
    replay = _Replay(args)
    try:
        for file in map(Path, args.files):
            replay.show(file)
        replay.report()
    finally:
        # If reading was interrupted, the results until then are shown.
        if args.json:
            print(dump({"captures": replay.shown}))
    return replay.code


class _Replay:
    """One run of the command: its options, and its state."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.code = exits.OK
        self.shown: list[dict[str, Any]] = []
        """The values to print at the end for --json."""
        self._json: bool = args.json
        self._look = look(args.width)
        self._watcher = _watcher_settings(args.config)
        self._evidence = EvidenceFolder(Path(args.evidence), force=args.force) if args.evidence is not None else None
        self._any = False
        self._report: str | None = args.report
        self._force: bool = args.force
        self._heard: list[Heard] = []

    def show(self, file: Path) -> None:
        """Read a file and show its contents; print errors, and continue."""
        bar = ProgressBar(str(file))
        try:
            capture = read(file, self._watcher, bar.show)
        except NotReady as error:
            self._complain(str(error), exits.CAPTURE)
            self.shown.append({"file": str(file), "error": str(error)})
            return
        finally:
            bar.clear()
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
            print(("\n" if self._any else "") + "\n".join(tables(capture, self._look)))
        self._any = True

    def report(self) -> None:
        """Write the requested report about the readable files; report failures."""
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
    """Yield the alerts other than weaknesses, with their frames."""
    for standing in capture.alerts:
        if standing.severity is not Severity.WEAKNESS and len(standing.evidence):
            yield evidence_row(standing, acknowledged=False)


def read(
    file: Path, watching: WatcherSettings | None = None, tell: Callable[[float | None], object] | None = None
) -> Findings:
    """Let the daemon's sniffer and watcher read a capture, without forgetting anything.

    Raises `NotReady` if it cannot be read. `watching` has the guarded networks and the rules. `tell` is called again
    and again with the share of the file that was read (`PcapSource.share_read`).
    """
    settings = PcapSettings(files=(file,))
    found = Findings(file)

    class KeptWatcher(Watcher):
        """The watcher, whose survey is kept after the run."""

        def __init__(self, ctx: Context[WatcherSettings]) -> None:
            super().__init__(ctx)
            found.survey = self.survey
            self.detections.alerts.limit = _ALERTS

        async def run(self) -> None:
            """Watch, and hand over the findings."""
            await super().run()
            found.alerts = list(self.detections.alerts)[::-1]
            found.incidents = list(self.detections.alerts.incidents)[::-1]

    class ToldSniffer(Sniffer):
        """The sniffer, which reports its progress."""

        async def _catch_up(self) -> None:
            if tell is not None and isinstance(self._source, PcapSource):
                tell(self._source.share_read())
            await super()._catch_up()

    async def play() -> None:
        await PcapSource(settings).open()
        await Daemon(
            _configuration(settings, ToldSniffer, KeptWatcher, watching),
            extra=[Extra("findings", FindingsCollector, found)],
        ).run()

    asyncio.run(play())
    if found.stopped_by in {"SIGINT", "SIGTERM"}:
        raise KeyboardInterrupt
    return found


def _watcher_settings(config: str | None) -> WatcherSettings:
    """Return the watcher's settings of a settings file, or the defaults without the networks learned here."""
    if config is None:
        return WatcherSettings(learned=Path(os.devnull))
    try:
        configuration = load(Path(config))
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error
    settings = configuration.modules.get("watcher")
    return settings if isinstance(settings, WatcherSettings) else WatcherSettings()


def _configuration(
    settings: PcapSettings, sniffer: type[Sniffer], watcher: type[Watcher], watching: WatcherSettings | None
) -> Configuration:
    modules = {
        "sniffer": SnifferSettings(source="pcap", tuner="none", pcap=settings),
        "watcher": evolve(
            watching or WatcherSettings(learned=Path(os.devnull)),
            remembered=Path(os.devnull),
            access_points=_ACCESS_POINTS,
            stations=_STATIONS,
            forget_access_points=_EVER,
            forget_stations=_EVER,
            backlog=_ROOM,
        ),
    }
    classes: dict[str, type[Module[Any]]] = {"sniffer": sniffer, "watcher": watcher}
    return Configuration(None, "replay", DaemonSettings(give_up=1), BusSettings(), modules, classes, {})


def to_json(capture: Findings) -> dict[str, Any]:
    """Return everything about a capture as JSON values."""
    survey = capture.survey
    members = Counter(station.bssid for station in survey.stations.table.entries.values())
    return {
        "file": str(capture.file),
        **capture.numbers.to_json(),
        "made_up": survey.made_up.total,
        "left_out": {
            "access_points": survey.access_points.table.evicted,
            "stations": survey.stations.table.evicted,
        },
        "access_points": [
            access_point_row(ap, members[ap.address]) for ap in survey.access_points.table.entries.values()
        ],
        "stations": survey.station_rows(),
        "channels": survey.channel_rows(),
        "alerts": [alert_row(standing, acknowledged=False) for standing in capture.alerts],
        "told": capture.told,
        "incidents": [incident_row(incident, acknowledged=False) for incident in capture.incidents],
        "handshakes": list(capture.handshakes.values()),
        "problems": capture.problems,
        "remarks": capture.remarks,
    }
