"""The figures: what is known, as families of samples. Labels are bounded, and none is an address or a network. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from whimbrel import receivers
from whimbrel.events.air import AirReport
from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated
from whimbrel.events.base import Event
from whimbrel.events.device import SystemReport
from whimbrel.events.incidents import COURSE, AlertsStanding, IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.radio import RadioReport
from whimbrel.events.reach import DaemonReached, DaemonUnreachable
from whimbrel.events.system import ModulesState
from whimbrel.rows import ChannelRow, ListenerRow, ReceiverRow
from whimbrel.wifi.channels import band_of, channel_number

STANDING: tuple[type, ...] = (
    *receivers.KINDS, AirReport, SystemReport, ModulesState, DaemonReached, DaemonUnreachable, AlertsStanding,
)  # fmt: skip
"""Events of which the newest says how things are."""
KINDS: tuple[type, ...] = (*STANDING, *COURSE)
"""Events that figures are made of."""
BOUND = 256
"""Samples of one family; what exceeds it is counted under the label `other`."""
_STATES = ("starting", "ready", "degraded", "waiting", "backing-off", "failed", "finished", "stopped")
_MODES = ("hopping", "locked", "camping", "scanning")

_COUNTS = ("received", "dropped", "malformed", "bad_fcs", "listened")
_TABLES = ("types", "discarded", "channels")
"""What a `RadioReport` counts from the opening of the receiver on."""

Sample = tuple[tuple[str, ...], float]
K = TypeVar("K", str, int)


class MetricFamily(NamedTuple):
    """Samples of one name."""

    name: str
    """Without the suffix of counters."""
    help: str
    is_counter: bool
    labels: tuple[str, ...]
    samples: list[Sample]


class Figures:
    """Takes in what is known; `families` says it. Read by another thread: what it reads is replaced, not changed."""

    def __init__(self) -> None:
        self._latest: dict[type, Any] = {}
        self._reports: dict[str, RadioReport] = {}  # by receiver, of its present opening
        self._totals: dict[str, RadioReport] = {}  # by receiver, of all openings
        self._newest = receivers.NewestOfEach()
        self._rows: tuple[ReceiverRow, ...] = ()
        self._seq = 0
        self._raised: Counter[tuple[str, ...]] = Counter()
        self._alerts: dict[str, str] = {}
        self._incidents: dict[str, str] = {}
        self._channels: tuple[ChannelRow, ...] = ()
        self._listeners: tuple[ListenerRow, ...] = ()
        self._version = ""
        self._heard = False

    def take(self, body: Any, source: str = "sniffer") -> None:
        """Take in an event of `KINDS`; `source` is the module that sent it."""
        if isinstance(body, receivers.KINDS):
            self._seq += 1
            self._newest.take(Event(self._seq, 0.0, source, body))
            self._rows = receivers.receiver_rows(self._newest.of)
        if isinstance(body, RadioReport):
            self._count_up(source, body)
        elif isinstance(body, (DaemonReached, DaemonUnreachable)):
            self._heard = isinstance(body, DaemonReached)
            self._version = body.version if isinstance(body, DaemonReached) else self._version
        elif isinstance(body, AlertsStanding):
            self._alerts = {each.alert.id: each.alert.severity.value for each in body.alerts if each.open}
            self._incidents = {each.incident.id: each.incident.severity.value for each in body.incidents if each.open}
        elif isinstance(body, (AlertClosed, IncidentClosed)):
            self._without(body)
        elif isinstance(body, (Alert, AlertUpdated)):
            if body.lasting:  # else there is no event of its end
                self._alerts = self._alerts | {body.id: body.severity.value}
            if isinstance(body, Alert):
                self._count(body.rule, body.severity.value)
        elif isinstance(body, (IncidentOpened, IncidentChanged)):
            self._incidents = self._incidents | {body.id: body.severity.value}
        else:
            self._latest[type(body)] = body

    def ask(self, channels: tuple[ChannelRow, ...], listeners: tuple[ListenerRow, ...]) -> None:
        """Take in answers of the daemon."""
        self._channels, self._listeners = channels, listeners

    def families(self) -> Iterator[MetricFamily]:
        """Yield what is known."""
        yield _gauge("up", "Whether the daemon is heard.", 1.0 if self._heard else 0.0)
        if self._version:
            yield MetricFamily("info", "The daemon.", False, ("version",), [((self._version,), 1.0)])
        yield from self._air()
        yield from self._radio()
        yield from self._alarms()
        yield from self._process()
        yield from self._board()

    def _without(self, body: Any) -> None:
        if isinstance(body, AlertClosed):
            self._alerts = {id_: severity for id_, severity in self._alerts.items() if id_ != body.id}
        else:
            self._incidents = {id_: severity for id_, severity in self._incidents.items() if id_ != body.id}

    def _count_up(self, source: str, report: RadioReport) -> None:
        """Take in a report. Its counts begin anew with each opening, and counters that fall would be read as an end of
        this process, whose others do not fall."""
        last, total = self._reports.get(source), self._totals.get(source)
        if last is None or total is None or _is_anew(report, last):
            last = None
        self._totals = self._totals | {source: report if total is None else _advanced(total, last, report)}
        self._reports = self._reports | {source: report}

    def _count(self, *labels: str) -> None:
        if labels not in self._raised and len(self._raised) >= BOUND:
            labels = ("other", "other")
        self._raised[labels] += 1

    def _air(self) -> Iterator[MetricFamily]:
        air = self._latest.get(AirReport)
        if air is not None:
            yield _gauge("access_points", "Access points in the air.", air.access_points)
            yield _gauge("stations", "Stations in the air.", air.stations)
            yield _counter("evicted", "Entries that made room in full tables of the survey.", air.evicted)
        values: tuple[tuple[str, str, Callable[[ChannelRow], float]], ...] = (
            ("channel_frames", "Frames heard on a channel.", lambda row: row.frames),
            ("channel_octets", "Octets heard on a channel.", lambda row: row.octets),
            ("channel_airtime_seconds", "Airtime of what was heard on a channel.", lambda row: row.airtime_us / 1e6),
            ("channel_retries", "Retransmissions heard on a channel.", lambda row: row.retries),
        )
        rows = self._channels
        for name, help_, value in values if rows else ():
            samples: list[Sample] = [((row.band, str(row.channel)), float(value(row))) for row in rows]
            yield MetricFamily(name, help_, True, ("band", "channel"), _summed(samples))

    def _radio(self) -> Iterator[MetricFamily]:
        """Yield what the receivers have heard, together and each by its name."""
        reports = self._totals
        if reports:
            told = list(reports.values())
            yield _counter("frames_received", "Frames received.", _sum(told, "received"))
            types = [pair for radio in told for pair in radio.types]
            yield _table("frames", "Frames heard, by type.", True, "type", types)
            yield _counter("frames_dropped", "Frames that the kernel had no room for.", _sum(told, "dropped"))
            yield _counter("frames_malformed", "Frames that could not be parsed.", _sum(told, "malformed"))
            yield _counter("frames_damaged", "Frames whose check sequence does not fit.", _sum(told, "bad_fcs"))
            faults = len(receivers.together(self._rows).faults)
            yield _gauge("receiver_faults", "Faults that the open receivers have.", faults)
            discarded = [pair for radio in told for pair in radio.discarded]
            yield _table("frames_discarded", "Frames that nothing is learned from.", True, "reason", discarded)
            received = {name: float(radio.received) for name, radio in reports.items()}
            yield _table("receiver_frames", "Frames received, by receiver.", True, "receiver", received)
            dropped = {name: float(radio.dropped) for name, radio in reports.items()}
            yield _table("receiver_dropped", "Frames that the kernel had no room for.", True, "receiver", dropped)
            yield _listening(reports)
        if self._rows:
            now = Counter(row.mode for row in self._rows)
            modes = [(mode, now[mode]) for mode in _MODES]
            yield _table("radio_mode", "The number of radios in a mode.", False, "mode", modes)

    def _alarms(self) -> Iterator[MetricFamily]:
        raised = [(labels, float(count)) for labels, count in list(self._raised.items())]
        yield MetricFamily("alerts", "Alerts heard of since this process started.", True, ("rule", "severity"), raised)
        for name, help_, severities in (
            ("alerts_open", "Alerts that go on.", self._alerts.values()),
            ("incidents_open", "Incidents that go on.", self._incidents.values()),
        ):
            counts = Counter(severities)
            rows = [(severity, counts[severity]) for severity in ("weakness", "notice", "warning", "critical")]
            yield _table(name, help_, False, "severity", rows)

    def _process(self) -> Iterator[MetricFamily]:
        modules = self._latest.get(ModulesState)
        if modules is not None:
            samples: list[Sample] = [
                ((status.module, state), 1.0 if status.state == state else 0.0)
                for status in modules.modules[: BOUND // len(_STATES)]
                for state in _STATES
            ]
            yield MetricFamily("module_state", "The state of a module.", False, ("module", "state"), samples)
            starts = [(status.module, status.starts) for status in modules.modules]
            yield _table("module_starts", "How often a module was started.", True, "module", starts)
        for name, help_, counter, field in (
            ("bus_lost", "Events that a listener was too slow for.", True, "lost"),
            ("bus_waiting", "Events that wait for a listener.", False, "waiting"),
        ):
            if self._listeners:
                rows = [(row.reader, getattr(row, field)) for row in self._listeners]
                yield _table(name, help_, counter, "reader", rows)

    def _board(self) -> Iterator[MetricFamily]:
        board = self._latest.get(SystemReport)
        if board is None:
            return
        yield _table("losses", "What was lost, by its place.", True, "place", board.losses)
        yield _gauge("resident_bytes", "Memory of the daemon.", board.resident)
        yield _gauge("uptime_seconds", "Since the board has started.", board.uptime)
        for name, help_, value in (
            ("temperature_celsius", "Temperature of the processor.", board.temperature),
            ("cpu_ratio", "Share of all cores' time.", board.cpu),
            ("disk_used_ratio", "Share of the root file system in use.", board.disk_used),
            ("battery_ratio", "Charge of the battery.", board.battery),
        ):
            if value is not None:
                yield _gauge(name, help_, value)


def _sum(reports: Iterable[RadioReport], field: str) -> float:
    return float(sum(getattr(report, field) for report in reports))


def _is_anew(report: RadioReport, last: RadioReport) -> bool:
    """Return whether the receiver was opened between two reports."""
    return report.received < last.received or report.listened < last.listened


def _advanced(total: RadioReport, last: RadioReport | None, report: RadioReport) -> RadioReport:
    """Return `total` with what `report` has more than `last`, the one before of the same opening; None for none."""
    counts = {name: getattr(report, name) - (getattr(last, name) if last else 0) for name in _COUNTS}
    tables = {
        name: _table_advanced(getattr(total, name), getattr(last, name) if last else (), getattr(report, name))
        for name in _TABLES
    }
    return report.replace(**{name: getattr(total, name) + more for name, more in counts.items()}, **tables)


def _table_advanced(
    total: Iterable[tuple[K, float]], last: Iterable[tuple[K, float]], now: Iterable[tuple[K, float]]
) -> tuple[tuple[K, float], ...]:
    found, before = dict(total), dict(last)
    for key, value in now:
        found[key] = found.get(key, 0) + value - before.get(key, 0)
    return tuple(found.items())


def _listening(reports: Mapping[str, RadioReport]) -> MetricFamily:
    """Return the listening time of each receiver by channel; of one that cannot be tuned, without a channel."""
    samples: list[Sample] = []
    for name, radio in reports.items():
        for freq, seconds in radio.channels:
            samples.append(((name, band_of(freq), str(channel_number(freq))), seconds))
        if not radio.channels:
            samples.append(((name, "", ""), radio.listened))
    labels = ("receiver", "band", "channel")
    return MetricFamily("listening_seconds", "Time of listening on a channel.", True, labels, _summed(samples))


def _gauge(name: str, help_: str, value: float) -> MetricFamily:
    return MetricFamily(name, help_, False, (), [((), float(value))])


def _counter(name: str, help_: str, value: float) -> MetricFamily:
    return MetricFamily(name, help_, True, (), [((), float(value))])


def _table(
    name: str, help_: str, is_counter: bool, label: str, rows: Iterable[tuple[str, float]] | Mapping[str, float]
) -> MetricFamily:
    pairs = rows.items() if isinstance(rows, Mapping) else rows
    samples = _summed([((key,), float(value)) for key, value in pairs])
    return MetricFamily(name, help_, is_counter, (label,), samples)


def _summed(samples: list[Sample]) -> list[Sample]:
    """Return samples with each set of labels once, at most `BOUND`."""
    found: dict[tuple[str, ...], float] = {}
    for labels, value in samples:
        known = labels if labels in found or len(found) < BOUND else ("other",) * len(labels)
        found[known] = found.get(known, 0.0) + value
    return list(found.items())
