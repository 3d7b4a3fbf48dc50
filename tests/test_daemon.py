"""The daemon in this process: simultaneous starts, reloads and stops, and their messages to systemd."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.lab.waiting import until

from whimbrel.bus import Subscription
from whimbrel.config import Configuration, load
from whimbrel.config.schema import BusSettings, DaemonSettings
from whimbrel.daemon import Daemon
from whimbrel.events.air import AirReport
from whimbrel.events.base import Body, Event
from whimbrel.events.device import TimeJudged, TimeSet
from whimbrel.events.encode import encode
from whimbrel.events.radio import HoppingChanged, ListeningChanged, RadioOpened
from whimbrel.events.system import (
    CommandRefused,
    DaemonStarted,
    DaemonStopping,
    EventsLost,
    ModuleChanged,
    ModulesState,
    ReloadSettings,
    RestartModule,
    SettingsRefused,
    SettingsReloaded,
)
from whimbrel.module import Module, NoSettings, Stage, VerbError
from whimbrel.notify import Notifier
from whimbrel.process import Extra
from whimbrel.testing import PATIENCE
from whimbrel.timekeeping import evidence
from whimbrel.wifi.channels import Channel


class File:
    """A settings file; at first it names the control module alone."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "whimbrel.yaml"
        self.socket = folder / "s"
        self.text = ""
        self.change(f"modules: {{control: {{socket: {self.socket}}}}}\n")

    def change(self, text: str) -> None:
        self.text = text
        self.path.write_text(text)


@pytest.fixture
def config(tmp_path: Path) -> File:
    return File(tmp_path)


class Manager(Notifier):
    """The messages to the service manager."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[dict[str, str]] = []

    def tell(self, **fields: str) -> None:
        self.told.append(fields)

    @property
    def status(self) -> str:
        return next((fields["STATUS"] for fields in reversed(self.told) if "STATUS" in fields), "")

    def count(self, name: str) -> int:
        return sum(name in fields for fields in self.told)


class Rig:
    """A running daemon, and its published events."""

    def __init__(self, daemon: Daemon, manager: Manager) -> None:
        self.daemon = daemon
        self.manager = manager
        self.heard: Subscription = daemon.bus.subscribe(reader="test", capacity=10_000)
        self.events: list[Event] = []
        self.task = asyncio.create_task(daemon.run())

    async def event(self, kind: type[Body]) -> Any:
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self.heard.read()
                assert isinstance(event, Event)
                self.events.append(event)
                if isinstance(event.body, kind):
                    return event.body

    async def until(self, state: Callable[[], Any]) -> None:
        await until(state, ended=lambda: self.task.done() and f"the daemon has ended: {self.task}")

    async def states(self, **expected: str) -> None:
        guardians = self.daemon.supervisor.guardians
        await self.until(lambda: expected == {name: g.state.value for name, g in guardians.items()})

    async def ask(self, verb: str, **args: Any) -> Any:
        found = self.daemon.supervisor.verbs.find(verb)
        assert found is not None
        return encode(await found(args))


@asynccontextmanager
async def running(settings: File | Configuration, extra: Sequence[Extra] = ()) -> AsyncIterator[Rig]:
    manager = Manager()
    configuration = load(settings.path) if isinstance(settings, File) else settings
    rig = Rig(Daemon(configuration, notifier=manager, extra=extra), manager)
    try:
        yield rig
    finally:
        rig.daemon.stop("the end of the test")
        assert await asyncio.wait_for(rig.task, PATIENCE) == 0


async def test_a_reload_that_restarts_the_control_module_is_answered_through_it(config: File) -> None:
    async with running(config) as rig:
        await rig.states(control="ready")
        config.change(config.text.replace("{socket", "{clients: 3, socket"))
        reader, writer = await asyncio.open_unix_connection(str(config.socket))
        writer.write(b'{"verb": "reload"}\n')
        answer = json.loads(await asyncio.wait_for(reader.readline(), PATIENCE))
        assert answer == {"ok": True, "result": {"changed": ["control"], "next_start": []}}
        writer.close()
        await writer.wait_closed()
        assert (await rig.event(SettingsReloaded)).changed == ("control",)
        await rig.states(control="ready")


async def test_a_restart_of_the_control_module_is_answered_through_it(config: File) -> None:
    async with running(config) as rig:
        await rig.states(control="ready")
        first = rig.daemon.supervisor.guardians["control"]
        reader, writer = await asyncio.open_unix_connection(str(config.socket))
        writer.write(b'{"verb": "restart", "module": "control"}\n')
        assert json.loads(await asyncio.wait_for(reader.readline(), PATIENCE))["ok"] is True
        writer.close()
        await writer.wait_closed()
        await rig.until(lambda: rig.daemon.supervisor.guardians["control"] is not first)
        await rig.states(control="ready")


async def test_the_logger_tells_of_the_reload_that_restarted_it(
    config: File, capfd: pytest.CaptureFixture[str]
) -> None:
    config.change("modules: {logger: {to: stderr}}\n")
    async with running(config) as rig:
        await rig.states(logger="ready")
        config.change("modules: {logger: {to: stderr, burst: 7}}\n")
        await rig.daemon.reload()
    assert "New settings are in force, changed: logger" in capfd.readouterr().err


async def test_a_module_that_was_taken_out_comes_back(config: File) -> None:
    alone = config.text
    both = alone.replace("{control", "{logger: {to: stderr}, control")
    async with running(config) as rig:
        await rig.states(control="ready")
        for text, states in ((both, {"logger": "ready"}), (alone, {}), (both, {"logger": "ready"})):
            config.change(text)
            await rig.daemon.reload()
            await rig.states(control="ready", **states)


async def test_a_reload_does_not_say_ready_for_who_is_not(config: File) -> None:
    text = "modules: {{sniffer: {{source: pcap, tuner: none, report: {}s, pcap: {{files: [/none]}}}}}}\n"
    config.change(text.format(1))
    async with running(config) as rig:
        await rig.states(sniffer="waiting")
        config.change(text.format(2))
        await rig.daemon.reload()
        assert (rig.manager.count("READY"), rig.manager.count("RELOADING")) == (0, 0)


async def test_a_reload_that_is_refused_is_over_all_the_same(config: File) -> None:
    async with running(config) as rig:
        await rig.states(control="ready")
        config.change("modules: {cotnrol: {}}\n")
        with pytest.raises(VerbError, match="did you mean control"):
            await rig.ask("reload")
        assert (rig.manager.count("READY"), rig.manager.count("RELOADING")) == (2, 1)


async def test_an_event_asks_for_a_reload_and_is_answered(config: File) -> None:
    async with running(config) as rig:
        await rig.states(control="ready")
        sender = rig.daemon.bus.sender("display")
        asked = sender.publish(ReloadSettings())
        assert (await rig.event(SettingsReloaded)).answers == asked.seq
        config.change("modules: {cotnrol: {}}\n")
        asked = sender.publish(ReloadSettings())
        refused = await rig.event(SettingsRefused)
        assert refused.answers == asked.seq
        assert "did you mean control" in refused.problems[0]


async def test_an_event_asks_for_a_restart(config: File) -> None:
    async with running(config) as rig:
        await rig.states(control="ready")
        sender = rig.daemon.bus.sender("display")
        asked = sender.publish(RestartModule(module="cotnrol"))
        refused = await rig.event(CommandRefused)
        assert (refused.command, refused.answers) == ("restart-module", asked.seq)
        assert refused.text == "no module is called 'cotnrol'; there are control"
        sender.publish(RestartModule(module="control"))
        assert (await rig.event(ModuleChanged)).state == "stopped"
        await rig.states(control="ready")


async def test_the_newest_state_of_modules_says_everything(config: File) -> None:
    async with running(config) as rig:
        await rig.states(control="ready")
        newest = rig.daemon.bus.latest(ModulesState)
        assert newest is not None
        (status,) = newest.body.modules
        assert (status.module, status.state, status.starts, status.warnings) == ("control", "ready", 1, ())
        context = rig.daemon.supervisor.guardians["control"].ctx
        assert context is not None
        context.warn("socket", "nobody may use it")
        (status,) = rig.daemon.bus.latest(ModulesState).body.modules  # type: ignore[union-attr]
        assert (status.state, status.warnings, status.is_well) == ("degraded", ("nobody may use it",), False)
        context.clear("socket")


async def test_what_counts_from_the_next_start_on_does_not_count_before(config: File) -> None:
    async with running(config) as rig:
        await rig.states(control="ready")
        config.change(
            "daemon: {critical: [logger]}\n" + config.text.replace("{control", "{logger: {to: stderr}, control")
        )
        body = await rig.daemon.reload()
        assert body.next_start == ("daemon",)
        assert rig.daemon.supervisor.guardians["logger"].critical is False


class SlowToStart(Module[Any]):
    stage: ClassVar[Stage] = Stage.WITNESS
    go: ClassVar[asyncio.Event]

    async def run(self) -> None:
        await self.go.wait()
        self.ctx.ready()
        await self.ctx.stopping.wait()


async def test_a_reload_during_the_start_waits_for_its_end(config: File) -> None:
    SlowToStart.go = asyncio.Event()
    names = ("witness", "other")
    settings = Configuration(
        config.path, str(config.path), DaemonSettings(), BusSettings(),
        dict.fromkeys(names, NoSettings()), dict.fromkeys(names, SlowToStart), {},
    )  # fmt: skip
    async with running(settings) as rig:
        await rig.states(witness="starting")
        reloading = asyncio.create_task(rig.daemon.reload())
        await rig.until(rig.daemon._exchanging.locked)
        SlowToStart.go.set()
        body = await asyncio.wait_for(reloading, PATIENCE)
        assert set(body.changed) == {"witness", "other", "control"}
        await rig.event(DaemonStarted)
        assert not any(isinstance(event.body, SettingsReloaded) for event in rig.events)
        await rig.states(control="ready")


async def signals_are_taken() -> None:
    """Wait until the loop has answered every signal so far: it does so in the order of their arrival."""
    taken = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, taken.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(taken.wait(), PATIENCE)
    loop.remove_signal_handler(signal.SIGUSR1)


class SlowToStop(Module[Any]):
    stage: ClassVar[Stage] = Stage.WORKER
    go: ClassVar[asyncio.Event]

    async def run(self) -> None:
        self.ctx.ready()
        await self.ctx.stopping.wait()
        await self.go.wait()


async def test_nothing_is_exchanged_during_the_stop(config: File) -> None:
    SlowToStop.go = asyncio.Event()
    async with running(config, [Extra("slow", SlowToStop, None)]) as rig:
        await rig.states(control="ready", slow="ready")
        told = rig.manager.count("READY")
        os.kill(os.getpid(), signal.SIGTERM)
        assert (await rig.event(DaemonStopping)).reason == "SIGTERM"
        config.change("modules: {logger: {to: stderr}}\n")
        for verb, args in (("reload", {}), ("restart", {"module": "control"})):
            with pytest.raises(VerbError, match="stopping"):
                await rig.ask(verb, **args)
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        await signals_are_taken()
        SlowToStop.go.set()
        assert await asyncio.wait_for(rig.task, PATIENCE) == 0
        assert {name: g.state.value for name, g in rig.daemon.supervisor.guardians.items()} == {
            "control": "stopped", "slow": "stopped",
        }  # fmt: skip
        assert rig.manager.count("READY") == told


class Deaf(Module[Any]):
    async def run(self) -> None:
        self.ctx.subscribe(EventsLost, DaemonStarted, capacity=1)
        self.ctx.ready()
        await self.ctx.stopping.wait()


async def test_losses_are_told_before_the_end(config: File) -> None:
    async with running(config, [Extra("deaf", Deaf, None)]) as rig:
        await rig.states(control="ready", deaf="ready")
        for _ in range(5):
            rig.daemon.bus.sender("loud").publish(DaemonStarted(version="", config="", modules=()))
        rig.daemon.stop("enough")
        lost = await rig.event(EventsLost)
        assert (lost.reader, lost.lost) == ("deaf", 4)


async def test_the_status_says_at_once_what_the_radio_does(config: File) -> None:
    config.change("daemon: {report: 1h}\n" + config.text)
    six = Channel(2437)
    report = AirReport(access_points=3, stations=2, frames=9, malformed=0, evicted=0, rate=8.4, busiest_freq=2437)
    steps: list[tuple[Body, str]] = [
        (RadioOpened(driver="sim", description="", channels=(2412, 2437)), "listening"),
        (HoppingChanged(mode="hopping"), "hopping"),
        (HoppingChanged(mode="locked", channel=six), "locked on 6"),
        (report, "locked on 6: 3 access points, 2 stations, 8 frames/s"),
        (ListeningChanged(paused=True), "paused: 3 access points, 2 stations"),
        (ListeningChanged(paused=False), "locked on 6: 3 access points, 2 stations, 8 frames/s"),
        # Another radio, that nobody tunes: what was said of the one before no longer holds.
        (RadioOpened(driver="pcap", description=""), "listening: 3 access points, 2 stations, 8 frames/s"),
        (
            RadioOpened(driver="scan", description="", announcements_only=True),
            "scanning: 3 access points, 2 stations, 8 frames/s",
        ),
    ]
    async with running(config) as rig:
        await rig.states(control="ready")
        sniffer = rig.daemon.bus.sender("sniffer")
        for body, status in steps:
            sniffer.publish(body)
            await rig.until(lambda: rig.manager.status == status)  # noqa: B023  # awaited in this turn
            assert (await rig.ask("status"))["status"] == status
        assert "monitor mode" in (await rig.ask("status"))["unheard"]


def test_a_signal_after_the_end_does_not_spoil_the_status() -> None:
    code = (
        "import asyncio, os, signal; from whimbrel import daemon\n"
        "class Brief:\n"
        "    def __init__(self, *_, **__): ...\n"
        "    async def run(self): return 0\n"
        "    class configuration:\n"
        "        class daemon: stop_timeout = 1\n"
        "daemon.Daemon = Brief\n"
        "status = daemon.main(None)\n"
        "[os.kill(os.getpid(), number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]\n"
        "raise SystemExit(status)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE).returncode == 0


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the daemon look for who has told the time below this folder, where timesyncd runs."""
    told_by = evidence.told_by
    (tmp_path / "root/run/systemd/timesync").mkdir(parents=True)
    monkeypatch.setattr(evidence, "told_by", lambda: told_by(tmp_path / "root"))
    return tmp_path / "root"


async def test_the_time_is_an_estimate_until_somebody_tells_it(
    config: File, clock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whimbrel.daemon._CLOCK", 0.05)
    async with running(config) as rig:
        assert await rig.event(TimeJudged) == TimeJudged(known=False)
        answer = await rig.ask("status")
        assert (answer["time_by"], answer["time"] > 0) == ("", True)
        (clock / "run/systemd/timesync/synchronized").touch()
        assert await rig.event(TimeJudged) == TimeJudged(known=True, by="network")
        assert (await rig.ask("status"))["time_by"] == "network"


async def test_a_time_that_is_set_is_known_at_once(config: File, clock: Path) -> None:
    async with running(config) as rig:
        assert not (await rig.event(TimeJudged)).known
        (clock / "run/whimbrel-time").mkdir()
        (clock / "run/whimbrel-time/given").touch()
        rig.daemon.bus.sender("system").publish(TimeSet())
        assert await rig.event(TimeJudged) == TimeJudged(known=True, by="person")


async def test_a_time_that_is_known_and_set_all_the_same_is_a_person_s(config: File, clock: Path) -> None:
    (clock / "sys/class/rtc/rtc0").mkdir(parents=True)
    (clock / "sys/class/rtc/rtc0/since_epoch").write_text(f"{time.time():.0f}\n")
    async with running(config) as rig:
        assert await rig.event(TimeJudged) == TimeJudged(known=True, by="rtc")
        (clock / "run/whimbrel-time").mkdir()
        (clock / "run/whimbrel-time/given").touch()
        rig.daemon.bus.sender("system").publish(TimeSet())
        assert await rig.event(TimeJudged) == TimeJudged(known=True, by="person")


async def test_a_simulated_air_has_its_own_time(config: File, clock: Path) -> None:
    config.change(f"{config.text.rstrip().removesuffix('}')}, sniffer: {{source: sim, tuner: sim}}}}\n")
    async with running(config) as rig:
        assert await rig.event(TimeJudged) == TimeJudged(known=True, by="source")
