from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.display.alerts import incident, raised, updated
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.events.air import (
    AccessPointChanged,
    Change,
    Disconnected,
    HandshakeSeen,
    NameRevealed,
    NetworkProbed,
)
from whimbrel.events.base import KINDS, Body, Level
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.radio import FrameBatch, FramesLost, RadioBlind, RadioReport
from whimbrel.events.system import DaemonReady, EventsLost, ModuleWarning
from whimbrel.journal.allowance import octets_of
from whimbrel.journal.fields import JournalLine
from whimbrel.module import Context, NotReady
from whimbrel.modules import logger as logger_module
from whimbrel.modules.logger import Logger, LoggerSettings
from whimbrel.settings import Duration, Size
from whimbrel.testing import PATIENCE

AP = bytes.fromhex("021122334455")


class Memory:
    """A sink with room and failures controlled by the test."""

    def __init__(self) -> None:
        self.lines: list[JournalLine] = []
        self.full = False
        self.error: OSError | None = None
        self.asked = 0

    def has_room(self) -> bool:
        self.asked += 1
        if self.error:
            raise self.error
        return not self.full

    def write(self, line: JournalLine) -> None:
        self.lines.append(line)

    @property
    def messages(self) -> list[str]:
        return [line.message for line in self.lines]


class ThirdParty(Body, level=Level.NOTICE):
    note: str


class Rig:
    def __init__(self, settings: LoggerSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.bus = Bus()
        self.sink = Memory()
        self.ctx: Context[LoggerSettings] = Context("logger", settings, self.bus)
        self.logger = Logger(self.ctx, self.sink, clock)
        self.publish = self.bus.sender("watcher").publish
        self.task: asyncio.Task[None] | None = None

    async def until(self, state: Callable[[], Any]) -> None:
        await until(state, ended=lambda: self.task and self.task.done() and f"the module has ended: {self.task}")

    async def stop(self) -> None:
        assert self.task is not None
        self.ctx.stop()
        await asyncio.wait_for(self.task, PATIENCE)


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Rig]:
    rig = Rig(LoggerSettings(**settings))
    rig.task = asyncio.create_task(rig.logger.run())
    await asyncio.wait_for(rig.ctx.is_ready.wait(), PATIENCE)
    yield rig
    if not rig.task.done():
        await rig.stop()
    rig.ctx.release()


def deauth() -> Disconnected:
    return Disconnected(bssid=AP, sender=AP, receiver=b"\xff" * 6, how="deauthentication", reason=7, protected=False)


async def test_an_event_becomes_a_line_with_its_level_and_fields() -> None:
    async with running() as rig:
        rig.publish(deauth(), at=5.0)
        await rig.until(lambda: rig.sink.lines)
        (line,) = rig.sink.lines
    assert (line.time, line.level, line.kind, line.source) == (5.0, Level.NOTICE, "disconnected", "watcher")
    assert line.message.startswith("Deauthentication of everyone")
    assert line.fields["WHIMBREL_BSSID"] == b"02:11:22:33:44:55"


async def test_debug_and_batches_are_not_even_delivered() -> None:
    async with running(level="debug", levels={"radio-report": "off"}) as rig:
        rig.publish(FrameBatch(frames=()))
        rig.publish(RadioReport(received=1, dropped=0, malformed=0, discarded=(), receiver=(), bad_fcs=0, rate=1.0))
        rig.publish(NetworkProbed(station=AP, ssid=b"x"))
        await rig.until(lambda: rig.sink.lines)
        stats, alarms = [sub.stats for sub in rig.bus.subscriptions()]
        assert alarms.kinds == ("alarms",)
        assert (stats.sent, stats.kinds) == (1, ("written",))
    assert [line.kind for line in rig.sink.lines] == ["network-probed"]


async def test_levels_can_be_changed_by_kind() -> None:
    levels = {"network-probed": "alert", "disconnected": "debug", "daemon-ready": "off"}
    async with running(levels=levels) as rig:
        for body in (deauth(), DaemonReady(seconds=1.0), NetworkProbed(station=AP, ssid=b"x"), ThirdParty(note="n")):
            rig.publish(body)
        await rig.until(lambda: len(rig.sink.lines) == 2)
    assert [(line.kind, line.level) for line in rig.sink.lines] == [
        ("network-probed", Level.ALERT),
        ("third-party", Level.NOTICE),
    ]


def test_a_wrong_level_is_refused() -> None:
    with pytest.raises(ValueError, match=r"levels\.tuned: expected one of .*off, found 'loud'"):
        LoggerSettings(levels={"tuned": "loud"})


async def test_a_kind_that_is_not_known_is_a_warning_with_the_nearest() -> None:
    async with running(levels={"disconected": "off"}) as rig:
        assert "did you mean disconnected?" in rig.ctx.warnings["levels.disconected"]


def test_check_finds_a_kind_that_is_not_known_and_a_journal_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise NotReady("journald is not running")

    assert not list(Logger.check(LoggerSettings(levels={"disconnected": "off"})))
    monkeypatch.setattr("whimbrel.modules.logger.Journal", missing)
    found = list(Logger.check(LoggerSettings(to="journal", levels={"disconected": "off"})))
    assert found == [
        ("levels", "no event is called 'disconected'; did you mean disconnected?"),
        ("to", "journald is not running"),
    ]


async def test_a_storm_is_one_line_and_its_sum_at_the_stop() -> None:
    async with running(fold=Duration(3600.0)) as rig:
        for _ in range(213):
            rig.publish(deauth(), at=1.0)
        await rig.until(lambda: rig.sink.lines)
        await rig.stop()
    first, summed = rig.sink.lines
    assert summed.message == f"{first.message} (repeated 212 times in 0 s)"
    assert summed.fields["WHIMBREL_REPEATED"] == b"212"


async def test_a_storm_that_ends_is_summed_up_without_another_event() -> None:
    async with running(fold=Duration(0.05)) as rig:
        for _ in range(3):
            rig.publish(deauth(), at=1.0)
        await rig.until(lambda: len(rig.sink.lines) == 2)
        assert rig.sink.messages[1].endswith("(repeated 2 times in 0 s)")


async def test_what_only_counts_is_read_seldom_and_an_alarm_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logger_module, "_REST", 3600.0)
    async with running(fold=Duration(3600.0)) as rig:
        sub, _ = rig.bus.subscriptions()
        rig.publish(deauth(), at=1.0)
        await rig.until(lambda: rig.sink.lines)
        rig.publish(deauth(), at=1.0)
        await rig.until(lambda: not sub.waiting)
        rig.publish(DaemonReady(seconds=1.0), at=2.0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert sub.waiting == 1
        rig.publish(RadioBlind(silent=60.0), at=3.0)
        await rig.until(lambda: len(rig.sink.lines) == 3)
        assert [line.kind for line in rig.sink.lines] == ["disconnected", "daemon-ready", "radio-blind"]


async def test_events_that_wait_at_a_stop_are_written() -> None:
    async with running(fold=Duration(0.0)) as rig:
        for _ in range(20):
            rig.publish(deauth())
        await rig.stop()
        assert len(rig.sink.lines) == 20


async def test_a_full_journal_costs_only_the_logger_and_is_told_in_place() -> None:
    async with running(fold=Duration(0.0), queue=4) as rig:
        rig.sink.full = True
        rig.publish(DaemonReady(seconds=1.0))
        await rig.until(lambda: rig.sink.asked)
        for i in range(10):
            rig.publish(FramesLost(lost=i, received=0))
        await rig.until(lambda: "sink" in rig.ctx.warnings)
        rig.sink.full = False
        await rig.until(lambda: len(rig.sink.lines) == 6)
        await rig.until(lambda: "sink" not in rig.ctx.warnings)
    ready, missed, *rest = rig.sink.lines
    assert ready.kind == "daemon-ready"
    assert (missed.kind, missed.message) == ("events-lost", "Logger was too slow and missed 6 events")
    assert [line.message.split()[0] for line in rest] == ["6", "7", "8", "9"]
    assert rig.logger.retried > 0


async def test_a_journal_that_restarts_is_tried_again() -> None:
    async with running() as rig:
        rig.sink.error = ConnectionRefusedError(111, "Connection refused")
        rig.publish(deauth())
        await rig.until(lambda: rig.logger.retried)
        rig.sink.error = None
        await rig.until(lambda: rig.sink.lines)
    assert rig.logger.given_up == 0


async def test_a_stop_does_not_wait_for_a_journal_that_is_gone(capfd: pytest.CaptureFixture[str]) -> None:
    async with running() as rig:
        rig.sink.error = FileNotFoundError(2, "No such file or directory")
        rig.publish(deauth())
        rig.publish(EventsLost(reader="r", lost=1))
        await rig.until(lambda: rig.logger.retried)
        await rig.stop()
    assert (rig.sink.lines, rig.logger.given_up) == ([], 2)
    assert "2 lines of the journal could not be written before the end" in capfd.readouterr().err


async def test_journal_asked_for_and_missing_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "systemd.journal", None)
    logger = Logger(Context("logger", LoggerSettings(to="journal"), Bus()))
    with pytest.raises(NotReady, match="python3-systemd"):
        await logger.run()


@pytest.mark.parametrize("name", [b"a\nb", b"\x1b[2J", b"\x00", "\u202e".encode(), b"\xff" * 32])
async def test_hostile_names_forge_no_line(name: bytes) -> None:
    async with running(level="debug") as rig:
        rig.publish(NetworkProbed(station=AP, ssid=name))
        await rig.until(lambda: rig.sink.lines)
    (line,) = rig.sink.lines
    assert line.message.isprintable()
    assert line.fields["WHIMBREL_SSID"] == name


async def test_an_incident_is_told_once_and_its_alerts_below_it_as_information() -> None:
    async with running() as rig:
        rig.publish(incident(IncidentOpened, "7").body)
        for number in ("7", "8", "9"):
            rig.publish(raised(number, incident="7").body)
        rig.publish(incident(IncidentChanged, "7", alerts=("7", "8", "9"), news="goes on").body)
        rig.publish(updated("7", incident="7").body)
        rig.publish(incident(IncidentClosed, "7", alerts=("7", "8", "9")).body)
        await rig.until(lambda: len(rig.sink.lines) == 6)
    loud = [line for line in rig.sink.lines if line.level < Level.NOTICE]
    assert [(line.kind, line.level, line.topic) for line in loud] == [
        ("incident-opened", Level.ALERT, "incident.cut-off")
    ]
    assert {line.fields["WHIMBREL_INCIDENT"] for line in rig.sink.lines} == {b"7"}
    # None of them is folded away: each alert can be found with its fields.
    below = [line for line in rig.sink.lines if line.kind == "alert"]
    assert [(line.level, line.fields["WHIMBREL_ALERT"], line.fields["WHIMBREL_RULE"]) for line in below] == [
        (Level.INFO, number, b"some-rule") for number in (b"7", b"8", b"9")
    ]


async def test_a_sum_is_stamped_as_late_as_what_stands_before_it() -> None:
    async with running(fold=Duration(2.0)) as rig:
        other = rig.bus.sender("sniffer").publish
        for _ in range(3):
            rig.publish(ThirdParty(note="x"), 1000.0)
        rig.publish(DaemonReady(seconds=1.0), 1001.0)
        other(DaemonReady(seconds=1.0), 1001.5)
        rig.publish(ThirdParty(note="y"), 1003.0)
        await rig.until(lambda: len(rig.sink.lines) >= 5)
        times = [each.time for each in rig.sink.lines]
    assert times == sorted(times)
    assert any("repeated 2 times" in message for message in rig.sink.messages)


async def test_a_flood_leaves_the_journal_to_alerts() -> None:
    async with running(level="debug", fold=Duration(0.0), hourly=Size(65536), queue=100_000) as rig:
        for number in range(5000):
            rig.publish(NetworkProbed(station=number.to_bytes(6, "big"), ssid=b"x" * 32), at=float(number))
            if number % 500 == 0:
                rig.publish(ModuleWarning(module="x", key="y", text=f"trouble {number}"))
        events = 5000 + 10
        await rig.stop()
        lines = rig.sink.lines
    probes = [line for line in lines if line.kind == "network-probed"]
    assert 20 < len(probes) < 60, "half an hour's allowance at once"
    assert sum(line.kind == "module-warning" for line in lines) == 10
    left_out = [line for line in lines if line.kind == "lines-left-out"]
    told = sum(int(line.message.split()[0]) for line in left_out)
    assert len(probes) + told + 10 == events
    assert len(left_out) <= 2


def address(number: int) -> bytes:
    return b"\2" + number.to_bytes(5, "big")


FLOODS: dict[type[Body], Callable[[int], Body]] = {
    AccessPointChanged: lambda n: AccessPointChanged(
        bssid=address(n), ssid=b"net %d" % n, changes=(Change("ssid", b"a", b"b"),)
    ),
    NameRevealed: lambda n: NameRevealed(bssid=address(n), ssid=b"net %d" % n, by="probe-response"),
    HandshakeSeen: lambda n: HandshakeSeen(bssid=address(n), station=address(n + 1), ssid=b"net", messages=(1, 2)),
    Disconnected: lambda n: Disconnected(
        bssid=address(n), sender=address(n), receiver=address(n + 1), how="deauthentication", reason=7, protected=False
    ),
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.of_air and kind.level <= Level.NOTICE])
async def test_no_kind_of_the_air_fills_the_journal(kind: type[Body], monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of twenty in a second, each with other addresses: an alert and a trouble among them are written."""
    monkeypatch.setattr(logger_module, "_REST", 0.0)
    hourly = 4 << 20
    now = [0.0]
    rig = Rig(LoggerSettings(queue=100_000), clock=lambda: now[0])
    rig.task = asyncio.create_task(rig.logger.run())
    await asyncio.wait_for(rig.ctx.is_ready.wait(), PATIENCE)
    sub, _ = rig.bus.subscriptions()
    for second in range(0, 3600, 5):
        now[0] = float(second)
        for number in range(20 * second, 20 * (second + 5)):
            rig.publish(FLOODS[kind](number), at=number / 20)
        if second == 3000:
            rig.publish(RadioBlind(silent=60.0), at=now[0])
            rig.publish(DaemonReady(seconds=1.0), at=now[0])
        await rig.until(lambda: sub.waiting == 0)
    await rig.stop()
    rig.ctx.release()
    octets = sum(octets_of(line) for line in rig.sink.lines)
    assert hourly / 2 < octets < 1.6 * hourly
    assert {"radio-blind", "daemon-ready"} <= {line.kind for line in rig.sink.lines}
