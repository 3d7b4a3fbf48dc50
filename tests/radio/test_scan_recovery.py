"""A sniffer whose radio scans behind fake netlink sockets, and is made deaf."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.nl80211.machine import PHY, Phy, Port
from tests.drivers.scan.machine import Entry, ScanMachine
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.config.schema import DaemonSettings
from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.choosing import Chooser
from whimbrel.drivers.ports import Losses
from whimbrel.drivers.registry import SOURCES
from whimbrel.drivers.scan.source import ScanSource
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.drivers.sim.source import SimSource
from whimbrel.events.base import Event
from whimbrel.events.radio import NothingHeard, RadioBlind, RadioOpened, RadioRecovered, RecoveryStep
from whimbrel.events.system import ModuleWarning
from whimbrel.module import NotReady
from whimbrel.modules.sniffer import Sniffer, SnifferSettings
from whimbrel.radio import choice, recovery
from whimbrel.receivers import BLIND, LISTENING, receiver_rows
from whimbrel.settings import Duration
from whimbrel.supervisor import Supervisor
from whimbrel.testing import PATIENCE, Lab, run_module
from whimbrel.tuning.settings import RecoverySettings
from whimbrel.wording.sentences import sentence

Patch = pytest.MonkeyPatch
QUICK = RecoverySettings(
    silence=Duration(1.0), silence_max=Duration(1.0), pause=Duration(0.5), command=("true",), watchdog_rounds=1
)
SCANNING = SnifferSettings(source="scan", tuner="none", recovery=QUICK)


@pytest.fixture
def machine(monkeypatch: Patch) -> Iterator[ScanMachine]:
    """A board whose own radio has no monitor mode, and scans at once and without pauses."""
    made = ScanMachine([Entry()], phys=[Phy("phy0", dict(PHY), (nl.IFTYPE_STATION,))])
    real, load = asyncio.sleep, SOURCES.load

    def scan(settings: Any) -> ScanSource:
        return ScanSource(settings, timeout=PATIENCE, connect=made.scanner)

    monkeypatch.setattr(SOURCES, "load", lambda name: scan if name == "scan" else load(name))
    monkeypatch.setattr("whimbrel.drivers.scan.source.asyncio.sleep", lambda seconds: real(min(seconds, 0.01)))
    monkeypatch.setattr(recovery, "_POLL", 0.02)
    monkeypatch.setattr(choice, "_SEEK", 0.02)
    # What a lap takes would else be the pauses that are not made here.
    monkeypatch.setattr(ScanSource, "lap", property(lambda _: 0.0, lambda *_: None), raising=False)
    yield made
    made.close()


def state(lab: Lab) -> str:
    return receiver_rows(lab.ctx.bus.latest_of_each)[0].state


async def test_a_radio_whose_scans_are_all_aborted_is_blind_and_recovers(machine: ScanMachine) -> None:
    machine.aborts = True
    async with run_module(Sniffer, SCANNING, name="sniffer") as lab:
        blind = await lab.event(RadioBlind)
        assert blind.reason == "the driver aborted the scan"
        assert sentence(blind) == "The radio is blind, its scans fail: the driver aborted the scan"
        assert lab.ctx.warnings["blind"] == "the radio is blind, its scans fail: the driver aborted the scan"
        assert state(lab) == BLIND
        assert [await lab.event(RecoveryStep) for _ in range(2)] == [
            RecoveryStep(rung="cycle", attempt=1, outcome="done"),
            RecoveryStep(rung="command", attempt=2, outcome="done"),
        ]
        await until(lab.module.dead, "the watchdog's turn")
        machine.aborts = False
        recovered = await lab.event(RadioRecovered)
        assert recovered.rung in {"cycle", "command"}
        assert "blind" not in lab.ctx.warnings
        assert state(lab) == LISTENING


async def test_a_blind_radio_that_is_opened_anew_is_told_to_be_blind_still(
    machine: ScanMachine, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("whimbrel.modules.sniffer._AT_ONCE", 0.0)
    machine.aborts = True
    async with run_module(Sniffer, SCANNING, name="sniffer") as lab:
        await lab.event(RadioBlind)
        del machine.ports[1]
        await lab.event(RadioOpened, lambda opened: opened.description.startswith("phy0scan"))
        assert (await lab.event(RadioBlind)).reason == "the driver aborted the scan"
        assert state(lab) == BLIND
        machine.aborts = False
        await lab.event(RadioRecovered)


async def test_a_connected_radio_is_not_cycled(machine: ScanMachine) -> None:
    machine.ports[1] = Port("wlan0", 0, up=True, running=True)
    machine.aborts = True
    settings = SCANNING.replace(scan=SCANNING.scan.__class__(connected=True))
    async with run_module(Sniffer, settings, name="sniffer") as lab:
        step = await lab.event(RecoveryStep)
        assert step == RecoveryStep(rung="cycle", attempt=1, outcome="phy0 is connected, and left alone")
        assert (await lab.event(RecoveryStep)).rung == "command"
    assert machine.ports[1].up


async def test_where_there_were_networks_an_empty_table_is_blindness(machine: ScanMachine) -> None:
    async with run_module(Sniffer, SCANNING, name="sniffer") as lab:
        await lab.event(RadioOpened)
        await until(lambda: lab.module._source.losses().received, "networks")  # type: ignore[attr-defined]
        machine.table.clear()
        assert (await lab.event(RadioBlind)).reason == ""
        assert "has delivered nothing for" in lab.ctx.warnings["blind"]
        await lab.event(RecoveryStep, lambda step: step.attempt == 3)
        assert lab.module.dead() is None
        machine.table.append(Entry())
        await lab.event(RadioRecovered)


async def test_where_there_never_were_any_that_is_told_once_and_is_no_fault(machine: ScanMachine) -> None:
    machine.table.clear()
    async with run_module(Sniffer, SCANNING, name="sniffer") as lab:
        told = await lab.event(NothingHeard)
        assert sentence(told).startswith("5 scans found no network")
        number = len(machine.scans)
        await until(lambda: len(machine.scans) >= number + 20, "some more scans")
        events = await lab.finish()
        assert lab.ctx.warnings == {}
    assert [type(event.body) for event in events if isinstance(event.body, NothingHeard | RadioBlind)] == [NothingHeard]


class Deaf(SimSource):
    """A radio in monitor mode that hears nothing, or cannot be opened."""

    description = "phy1mon (phy1, made up)"
    refuses = False

    def __init__(self, _settings: object) -> None:
        super().__init__(SimSettings())
        self.description = "phy1mon (phy1, made up)"

    async def open(self) -> None:
        if self.refuses:
            raise NotReady("the driver does not do it")

    async def run(self, _deliver: object) -> None:
        await asyncio.Event().wait()

    def losses(self) -> Losses:
        return Losses(0, 0)

    async def close(self) -> None:
        pass


@asynccontextmanager
async def supervised(machine: ScanMachine, monkeypatch: Patch, source: type[Deaf]) -> AsyncIterator[list[Any]]:
    """Run the sniffer with an adapter that is such a source; give what it publishes."""
    machine.phys[1] = Phy("phy1", dict(PHY))
    machine.ports[2] = Port("wlan1", 1)
    load = SOURCES.load
    monkeypatch.setattr(SOURCES, "load", lambda name: source if name == "linux" else load(name))

    def chooser(settings: Any, sources: Any, taken: Any, aside: Any) -> Chooser:
        return Chooser(
            settings.linux, settings.scan, sources=sources, taken=taken, aside=aside, timeout=PATIENCE,
            connect=machine.connect, radios=Path("/nowhere"),
        )  # fmt: skip

    monkeypatch.setattr(choice, "make_chooser", chooser)
    bus = Bus()
    told: list[Any] = []
    bus.call(
        lambda events: told.extend(event.body for event in events if isinstance(event, Event)),
        RadioOpened, ModuleWarning, reader="test",
    )  # fmt: skip
    supervisor = Supervisor(bus, DaemonSettings(retry=Duration(0.01)))
    settings = SnifferSettings(tuner="none", recovery=QUICK)
    supervisor.add("sniffer", Sniffer, settings, critical=True)
    try:
        yield told
    finally:
        await supervisor.stop()


@pytest.mark.parametrize("refuses", [False, True])
async def test_an_adapter_that_does_not_work_gives_way_to_the_boards_own_radio(
    machine: ScanMachine, monkeypatch: Patch, refuses: bool
) -> None:
    source = type("Adapter", (Deaf,), {"refuses": refuses})
    reason = "the driver does not do it" if refuses else "recovery steps did not help"
    async with supervised(machine, monkeypatch, source) as told:
        await until(lambda: any(isinstance(body, RadioOpened) and body.driver == "scan" for body in told), "a scan")
        opened = next(body for body in told if isinstance(body, RadioOpened) and body.driver == "scan")
        assert opened.description.startswith("wlan0 (phy0, ")
        assert "phy1 is left alone for a while: " in opened.reason
        assert reason in opened.reason
        await until(lambda: any(isinstance(body, ModuleWarning) and body.key == "set-aside" for body in told))
        number = len(machine.scans)
        await until(lambda: len(machine.scans) >= number + 5, "some scans")
    assert sum(isinstance(body, ModuleWarning) and body.key == "set-aside" for body in told) == 1
