"""The feed with a real control socket: the daemon's events arrive here, alerts exactly once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.alerts import AlertingDaemon, alert
from tests.lab.waiting import until

from whimbrel.bus import Subscription
from whimbrel.events.air import AirReport, NetworkProbed
from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated, ReportAlerts
from whimbrel.events.base import Event
from whimbrel.events.device import AirSnapshot
from whimbrel.events.incidents import AlertsStanding
from whimbrel.events.reach import AlertsMissed, DaemonReached, DaemonUnreachable
from whimbrel.events.system import EventsLost, ModulesState, ModuleStatus, ReloadSettings
from whimbrel.module import VerbError
from whimbrel.reach import feed as feed_file
from whimbrel.reach.feed import Feed, FeedSettings
from whimbrel.reach.remote import RemoteVerbs
from whimbrel.testing import Lab, run_module
from whimbrel.verbs.alerts import Alerts

STATION = bytes.fromhex("06aabbccddee")


class Fed:
    """A feed, and its published events."""

    def __init__(self, lab: Lab, modules: list[Any]) -> None:
        self.lab = lab
        self.modules = modules
        self.heard: list[Event] = []
        self._all: Subscription = lab.bus.subscribe(
            Alert, AlertUpdated, AlertClosed, reader="listener", capacity=100_000
        )

    def told(self) -> list[tuple[str, str]]:
        self.heard += [item for item in self._all.read_waiting() if isinstance(item, Event)]
        return [(event.body.kind, event.body.id) for event in self.heard]

    async def until_told(self, *expected: tuple[str, str]) -> None:
        await until(lambda: self.told() == list(expected), f"{expected}, found {self.told()}")


@asynccontextmanager
async def feeding(daemon: AlertingDaemon, memory: Path) -> AsyncIterator[Fed]:
    modules: list[Any] = []
    settings = FeedSettings(
        socket=daemon.path,
        look=daemon.path.with_name("none"),
        memory=memory,
        retry=0.01,
        deaf=frozenset({"test", "logger"}),
        tell_modules=modules.append,
    )
    async with run_module(Feed, settings, name="feed") as lab:
        lab.ctx.verbs = RemoteVerbs(daemon.path)
        fed = Fed(lab, modules)  # before the feed's first step: what it publishes then is heard
        await lab.ready()
        try:
            yield fed
        finally:
            await lab.ctx.verbs.close()


@pytest.fixture
def daemon(tmp_path: Path) -> AlertingDaemon:
    return AlertingDaemon(tmp_path / "s")


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "reach.json"


async def test_events_come_with_their_time_and_source(daemon: AlertingDaemon, memory: Path) -> None:
    async with daemon, feeding(daemon, memory) as fed:
        heard = fed.lab.bus.subscribe(NetworkProbed, reader="listener")
        await fed.lab.event(DaemonReached, lambda body: body.version == "1.2.3" and body.away is None)
        await until(lambda: daemon.bus.wanted(NetworkProbed))
        daemon.bus.sender("shore").publish(NetworkProbed(station=STATION, ssid=b"a\n"), 12.5)
        event = await heard.read()
        assert isinstance(event, Event)
        assert (event.source, event.time) == ("shore", 12.5)
        assert event.body == NetworkProbed(station=STATION, ssid=b"a\n")


async def test_only_what_somebody_listens_to_is_fetched(daemon: AlertingDaemon, memory: Path) -> None:
    async with daemon, feeding(daemon, memory) as fed:
        await fed.lab.event(DaemonReached)
        assert not daemon.bus.wanted(NetworkProbed)
        assert not daemon.bus.wanted(AirSnapshot)
        snapshots = fed.lab.bus.subscribe(AirSnapshot, reader="listener")
        probes = fed.lab.bus.subscribe(NetworkProbed, reader="listener")
        await until(lambda: daemon.bus.is_taken(AirSnapshot) or daemon.bus.wanted(AirSnapshot))
        await until(lambda: daemon.bus.wanted(NetworkProbed))
        snapshots.close()
        probes.close()
        await until(lambda: not daemon.bus.wanted(AirSnapshot))


async def test_nothing_is_lost_or_doubled_while_more_is_fetched(daemon: AlertingDaemon, memory: Path) -> None:
    async with daemon, feeding(daemon, memory) as fed:
        await fed.lab.event(DaemonReached)
        probes = fed.lab.bus.subscribe(NetworkProbed, reader="listener")
        await until(lambda: daemon.bus.wanted(NetworkProbed))
        reports = fed.lab.bus.subscribe(AirReport, reader="listener")
        sent = 0

        def go_on() -> bool:
            nonlocal sent
            daemon.publish(NetworkProbed(station=STATION, ssid=b"%d" % sent))
            sent += 1
            return daemon.bus.wanted(AirReport)

        await until(go_on)
        daemon.publish(NetworkProbed(station=STATION, ssid=b"last"))
        found: list[bytes] = []
        while not found or found[-1] != b"last":
            found.append((await probes.read()).body.ssid)  # type: ignore[union-attr]
        assert found == [b"%d" % number for number in range(sent)] + [b"last"]
        reports.close()


async def test_who_listens_late_is_told_how_things_are(daemon: AlertingDaemon, memory: Path) -> None:
    report = AirReport(access_points=1, stations=2, frames=3, malformed=0, evicted=0, rate=0.0, busiest_freq=0)
    async with daemon:
        daemon.publish(report)
        async with feeding(daemon, memory) as fed:
            heard = fed.lab.bus.subscribe(AirReport, reader="listener")
            event = await heard.read()
            assert isinstance(event, Event)
            assert event.body == report


async def test_alerts_raised_while_the_daemon_was_away_are_told_once_and_in_order(
    daemon: AlertingDaemon, memory: Path
) -> None:
    async with feeding(daemon, memory) as fed:
        gone = await fed.lab.event(DaemonUnreachable)
        assert "the socket is not there" in gone.reason
        daemon.raise_alert()
        async with daemon:
            await fed.until_told(("alert", "1"))
            daemon.raise_alert()
            await fed.until_told(("alert", "1"), ("alert", "2"))
        await fed.lab.event(DaemonUnreachable)
        daemon.raise_alert()
        daemon.raise_alert()
        daemon.close_alert(1)
        async with daemon:
            await fed.lab.event(DaemonReached, lambda body: body.away is not None)
            daemon.close_alert(4)
            await fed.until_told(
                ("alert", "1"),
                ("alert", "2"),
                ("alert", "3"),
                ("alert", "4"),
                ("alert-closed", "1"),
                ("alert-closed", "4"),
            )


async def test_the_next_process_goes_on_where_this_one_ended(
    daemon: AlertingDaemon, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_file, "_SAVE", 0.01)
    async with daemon:
        daemon.raise_alert()
        async with feeding(daemon, memory) as fed:
            await fed.until_told(("alert", "1"))
            await until(lambda: memory.exists() and json.loads(memory.read_text())["number"] == 1)
        daemon.raise_alert()
        daemon.close_alert(1)
        async with feeding(daemon, memory) as fed:
            await fed.until_told(("alert", "2"), ("alert-closed", "1"))


async def test_what_only_the_history_remembers_is_fetched_from_there(daemon: AlertingDaemon, memory: Path) -> None:
    small = AlertingDaemon(daemon.path, remembers=2)
    small.past = {}
    async with feeding(small, memory) as fed:
        async with small:
            small.raise_alert()
            await fed.until_told(("alert", "1"))
        for _ in range(5):
            small.raise_alert()
        async with small:
            await fed.until_told(*(("alert", str(number)) for number in range(1, 7)), ("alert-closed", "1"))
    assert not any(isinstance(event.body, AlertsMissed) for event in fed.lab.events)


async def test_alerts_that_nobody_remembers_are_said_to_be_missed(
    daemon: AlertingDaemon, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_file, "REMEMBERED", 2)
    small = AlertingDaemon(daemon.path, remembers=2)
    async with feeding(small, memory) as fed:
        async with small:
            small.raise_alert()
            await fed.until_told(("alert", "1"))
        for _ in range(5):
            small.raise_alert()
        async with small:
            missed = await fed.lab.event(AlertsMissed)
            assert (missed.after, missed.before) == ("1", "5")


async def test_a_slow_feed_is_told_what_it_lost_and_asks_for_it(
    daemon: AlertingDaemon, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_file, "_HOLD", 0.0)
    tight = AlertingDaemon(daemon.path, queue=1)
    async with tight, feeding(tight, memory) as fed:
        await fed.lab.event(DaemonReached)
        for _ in range(40):
            tight.raise_alert()
        await fed.lab.event(EventsLost, lambda body: body.reader == "feed")
        tight.raise_alert()
        await until(lambda: len(fed.told()) == 41)
        assert sorted(int(id_) for _, id_ in fed.told()) == list(range(1, 42))


class Hesitant(AlertingDaemon):
    """A daemon that answers late, from what it knew when it was asked, or refuses."""

    def __init__(self, path: Path, **settings: Any) -> None:
        super().__init__(path, **settings)
        self.go_on = asyncio.Event()
        self.questions = 0
        self.refusals = 0

    async def _alerts(self, request: dict[str, Any]) -> Alerts:
        answer = await super()._alerts(request)
        self.questions += 1
        await self.go_on.wait()
        if self.refusals:
            self.refusals -= 1
            raise VerbError("not now")
        return answer


async def test_what_is_lost_while_the_answer_is_on_its_way_is_asked_for_again(
    tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_file, "_HOLD", 0.0)
    late = Hesitant(tmp_path / "s", queue=1)
    async with late, feeding(late, memory) as fed:
        await until(lambda: late.questions == 1)
        for _ in range(40):
            late.raise_alert()
        await fed.lab.event(EventsLost, lambda body: body.reader == "feed")
        late.go_on.set()
        await until(lambda: sorted(int(id_) for _, id_ in fed.told()) == list(range(1, 41)))


async def test_a_module_that_asks_for_all_alerts_is_answered_after_a_refusal(tmp_path: Path, memory: Path) -> None:
    daemon = Hesitant(tmp_path / "s")
    daemon.go_on.set()
    async with daemon, feeding(daemon, memory) as fed:
        await until(lambda: fed.lab.bus.latest(AlertsStanding), "the first answer")
        standing = fed.lab.bus.subscribe(AlertsStanding, reader="listener")
        daemon.refusals = 2
        fed.lab.publish(ReportAlerts())
        await standing.read()


async def test_modules_may_ask_for_all_alerts_as_beside_the_watcher(daemon: AlertingDaemon, memory: Path) -> None:
    async with daemon, feeding(daemon, memory) as fed:
        await fed.lab.event(DaemonReached)
        daemon.raise_alert()
        await fed.until_told(("alert", "1"))
        standing = fed.lab.bus.subscribe(AlertsStanding, reader="listener")
        fed.lab.publish(ReportAlerts())
        event = await standing.read()
        assert isinstance(event, Event)
        assert [(state.alert, state.open) for state in event.body.alerts] == [(alert(1), True)]


async def test_commands_of_the_daemon_stay_there_and_states_of_modules_are_handed_on(
    daemon: AlertingDaemon, memory: Path
) -> None:
    status = ModuleStatus("shore", "ready", "", 1.0, False, 1, 0, ())
    async with daemon, feeding(daemon, memory) as fed:
        commands = fed.lab.bus.subscribe(ReloadSettings, reader="listener")
        fed.lab.bus.subscribe(ModulesState, reader="listener")
        await until(lambda: daemon.bus.wanted(ModulesState))
        daemon.publish(ReloadSettings())
        daemon.publish(ModulesState(modules=(status,)))
        await until(lambda: fed.modules == [(status,)])
        assert commands.read_waiting() == []


@pytest.fixture
def damaged(memory: Path) -> Path:
    memory.write_text("{")
    return memory


async def test_a_damaged_memory_is_said_and_begun_anew(daemon: AlertingDaemon, damaged: Path) -> None:
    async with daemon:
        daemon.raise_alert()
        async with feeding(daemon, damaged) as fed:
            await fed.until_told(("alert", "1"))
            assert "is damaged" in fed.lab.ctx.warnings["memory"]
