from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from typing import Any

import pytest
from tests.drivers.nl80211.machine import PHY, Phy, Port
from tests.drivers.scan.machine import BSSID, Entry, ScanMachine, boottime, freqs_of
from tests.lab.collector import Collector, capturing
from tests.lab.waiting import until

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.ports import RadioGone, TuneError, is_of_announcements
from whimbrel.drivers.scan import source as module
from whimbrel.drivers.scan.settings import ScanSettings
from whimbrel.drivers.scan.source import ScanSource
from whimbrel.errors import NotReady
from whimbrel.events.radio import ClockStepped, ProbingChanged
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE


@pytest.fixture
def machine() -> Iterator[ScanMachine]:
    made = ScanMachine([Entry()])
    yield made
    made.close()


def source_of(machine: ScanMachine, timeout: float = PATIENCE, **settings: Any) -> ScanSource:
    given = {"pause": Duration(0.5)} | settings
    return ScanSource(ScanSettings(**given), timeout=timeout, connect=machine.scanner)


async def scans(machine: ScanMachine, number: int) -> None:
    await until(lambda: len(machine.scans) >= number, f"{number} scans")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses between scans short, which the settings do not allow."""
    real = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: real(min(seconds, 0.01)))


async def test_every_scan_brings_what_was_heard_in_it(machine: ScanMachine) -> None:
    source, collector = source_of(machine), Collector()
    assert is_of_announcements(source)
    assert not source.transmits
    await source.open()
    async with capturing(source, collector):
        await collector.wait_for(3)
    assert source.losses() == (len(collector.records), 0)
    assert source.description.startswith("wlan0 (phy0, ")


async def test_the_scan_is_passive_and_of_all_channels(machine: ScanMachine) -> None:
    source = source_of(machine)
    await source.open()
    async with capturing(source, Collector()):
        await scans(machine, 3)
    for request in machine.scans:
        assert set(request.attributes) == {nl.ATTR_IFINDEX}, "an SSID would have the radio send probe requests"


async def test_active_scans_are_rare(machine: ScanMachine) -> None:
    source = source_of(machine, active=True)
    told: list[Any] = []
    source.on_event = told.append
    await source.open()
    assert not source.transmits, "nothing was sent yet"
    async with capturing(source, Collector()):
        await scans(machine, 4)
        assert source.transmits
    assert told == [ProbingChanged(transmits=True)]
    assert [nl.ATTR_SCAN_SSIDS in request.attributes for request in machine.scans[:4]] == [True, False, False, False]


async def test_a_network_that_is_not_heard_again_is_no_frame(machine: ScanMachine) -> None:
    gone = bytes.fromhex("020000000001")
    machine.table.append(Entry(bssid=gone, seen=boottime() + 0.0, freq=2437))
    source, collector = source_of(machine), Collector()
    await source.open()
    machine.table[1] = Entry(bssid=gone, seen=boottime(), freq=2437)
    async with capturing(source, collector):
        await collector.wait_for(6)
    assert sum(gone in octets for octets in collector.frames) == 1
    assert sum(BSSID in octets for octets in collector.frames) >= 5


async def test_the_interface_is_set_up_and_down_again(machine: ScanMachine) -> None:
    before = machine.state()
    source = source_of(machine)
    await source.open()
    assert machine.state() == {"wlan0": (nl.IFTYPE_STATION, True)}
    await source.close()
    assert machine.state() == before


async def test_the_scan_of_another_program_is_used(machine: ScanMachine) -> None:
    machine.busy = True
    source, collector = source_of(machine), Collector()
    await source.open()
    async with capturing(source, collector):
        await scans(machine, 1)
        assert not collector.records
        machine.tell(radio=7)
        machine.tell()
        await collector.wait_for(1)


async def test_a_connected_radio_is_left_alone_by_default(machine: ScanMachine) -> None:
    machine.ports[1].running = True
    with pytest.raises(NotReady, match=r"phy0 is in use by wlan0, and scan\.connected is off"):
        await source_of(machine).open()
    assert machine.state() == {"wlan0": (nl.IFTYPE_STATION, False)}


async def test_a_connected_radio_is_scanned_a_few_channels_at_a_time(machine: ScanMachine) -> None:
    machine.ports[1].running = machine.ports[1].up = True
    source = source_of(machine, connected=True, connected_channels=2)
    await source.open()
    async with capturing(source, Collector()):
        await scans(machine, 4)
    # 2472 MHz is disabled.
    assert [freqs_of(request) for request in machine.scans[:4]] == [[2412, 2437], [2484, 5180], [5260], [2412, 2437]]


async def test_a_radio_that_becomes_connected_is_given_up(machine: ScanMachine) -> None:
    source = source_of(machine)
    await source.open()
    task = asyncio.ensure_future(source.run(Collector()))
    await scans(machine, 1)
    machine.ports[1].running = True
    with pytest.raises(RadioGone, match="connected now"):
        await task
    await source.close()


async def test_a_radio_that_was_put_into_monitor_mode_is_left_alone(machine: ScanMachine) -> None:
    source = source_of(machine, active=True)
    await source.open()
    task = asyncio.ensure_future(source.run(Collector()))
    await scans(machine, 1)
    machine.ports[5] = Port("mon0", 0, nl.IFTYPE_MONITOR, up=True)
    with pytest.raises(RadioGone, match="phy0 is in monitor mode"):
        await task
    await source.close()


async def test_a_radio_that_is_pulled_out_is_gone(machine: ScanMachine) -> None:
    source = source_of(machine)
    await source.open()
    task = asyncio.ensure_future(source.run(Collector()))
    await scans(machine, 1)
    del machine.ports[1]
    with pytest.raises(RadioGone, match=r"wlan0 .* is gone: .*ENODEV"):
        await task
    await source.close()


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.EINVAL])
async def test_where_active_scans_are_refused_they_are_passive_and_that_is_told_once(
    machine: ScanMachine, code: int
) -> None:
    machine.active_refused = code
    source, collector = source_of(machine, active=True), Collector()
    told: list[Any] = []
    source.on_event = told.append
    await source.open()
    async with capturing(source, collector):
        await scans(machine, 4)
        await collector.wait_for(3)
        assert not source.transmits
    assert machine.asked_active == 1
    assert told == [ProbingChanged(transmits=False, refused=f"beginning a scan: {errno.errorcode[code]}")]
    await source.open()
    async with capturing(source, collector):
        await until(lambda: machine.asked_active == 2, "another attempt where it is opened anew")
        await until(lambda: len(told) == 2, "that that is told too")


async def test_an_active_scan_that_fails_is_followed_by_passive_ones(machine: ScanMachine) -> None:
    machine.active_refused = errno.EIO
    source = source_of(machine, active=True)
    problems: list[str] = []
    source.on_scan = problems.append
    await source.open()
    async with capturing(source, Collector()):
        await until(lambda: len(problems) >= 3, "three scans")
        assert not source.transmits
    assert machine.asked_active == 1
    assert problems[:3] == ["beginning a scan: EIO", "", ""]


async def test_each_scan_that_fails_is_told_and_the_next_one_waits_longer(
    machine: ScanMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await real(min(seconds, 0.01))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    source = source_of(machine, pause=Duration(3.0))
    problems: list[str] = []
    source.on_scan = problems.append
    await source.open()
    machine.refuse[nl.CMD_TRIGGER_SCAN] = errno.EIO
    async with capturing(source, Collector()):
        await until(lambda: len(problems) >= 7, "seven scans")
        assert source.lap >= 30.0
        machine.refuse.clear()
        await until(lambda: problems[-1] == "", "a good one")
        await until(lambda: source.lap < 30.0, "short pauses")
    assert set(problems) == {"beginning a scan: EIO (said the driver)", ""}
    assert [pause for pause in pauses if pause >= 3.0][:6] == [3.0, 6.0, 12.0, 24.0, 30.0, 30.0]


async def test_a_scan_that_the_driver_aborts_has_failed(machine: ScanMachine) -> None:
    machine.aborts = True
    source = source_of(machine)
    problems: list[str] = []
    source.on_scan = problems.append
    await source.open()
    async with capturing(source, Collector()):
        await until(lambda: len(problems) >= 6, "six scans")
        machine.aborts = False
        await until(lambda: problems[-1] == "", "a good one")
    assert set(problems) == {"the driver aborted the scan", ""}


async def test_the_table_is_read_even_if_the_end_is_not_told(
    machine: ScanMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST", 0.05)
    machine.mute = True
    source, collector = source_of(machine), Collector()
    problems: list[str] = []
    source.on_scan = problems.append
    await source.open()
    async with capturing(source, collector):
        await collector.wait_for(2)
    assert "no end of a scan was told" in problems[0]


async def test_an_interface_that_somebody_set_down_is_set_up_again(machine: ScanMachine) -> None:
    source = source_of(machine)
    problems: list[str] = []
    source.on_scan = problems.append
    await source.open()
    async with capturing(source, Collector()):
        await scans(machine, 1)
        machine.ports[1].up = False
        await until(lambda: any(problems), "a scan that fails")
        await until(lambda: problems[-1] == "", "one that does not")
    assert {problem for problem in problems if problem} == {"beginning a scan: ENETDOWN; it was set up again"}


async def test_that_is_done_also_where_another_interface_of_the_radio_is_connected(machine: ScanMachine) -> None:
    machine.ports[2] = Port("ap0", 0, 3, up=True, running=True)
    source = source_of(machine, connected=True)
    await source.open()
    async with capturing(source, Collector()):
        machine.ports[1].up = False
        await until(lambda: machine.ports[1].up, "the interface set up")


async def test_a_cycle_sets_the_interface_down_and_up(machine: ScanMachine) -> None:
    source = source_of(machine)
    await source.open()
    route = machine.kernels[-1]
    await source.cycle()
    changes = [request for request in route.requests if request.type == nl.RTM_NEWLINK]
    assert [bool(change.payload[8] & nl.IFF_UP) for change in changes] == [True, False, True]
    machine.refuse[nl.RTM_NEWLINK] = errno.EIO
    with pytest.raises(TuneError, match="EIO"):
        await source.cycle()
    machine.refuse.clear()
    await source.close()
    with pytest.raises(TuneError, match="was closed"):
        await source.cycle()


@pytest.mark.parametrize("why", ["is connected, and left alone", "is in monitor mode"])
async def test_a_radio_that_others_use_is_not_cycled(machine: ScanMachine, why: str) -> None:
    source = source_of(machine, connected=True)
    await source.open()
    if "monitor" in why:
        machine.ports[5] = Port("mon0", 0, nl.IFTYPE_MONITOR, up=True)
    else:
        machine.ports[1].running = True
    before = sum(request.type == nl.RTM_NEWLINK for request in machine.kernels[-1].requests)
    with pytest.raises(TuneError, match=why):
        await source.cycle()
    assert sum(request.type == nl.RTM_NEWLINK for request in machine.kernels[-1].requests) == before
    await source.close()


async def test_a_lap_of_a_connected_radio_takes_several_scans(machine: ScanMachine) -> None:
    machine.ports[1].running = machine.ports[1].up = True
    source = source_of(machine, connected=True, connected_channels=2, connected_pause=Duration(10.0))
    await source.open()
    async with capturing(source, Collector()):
        await until(lambda: source.lap >= 30.0, "a lap of three scans")


async def test_a_step_of_the_clock_is_told_before_the_frames(machine: ScanMachine) -> None:
    ahead = 0.0
    source = ScanSource(
        ScanSettings(), timeout=PATIENCE, connect=machine.scanner, wall=lambda: boottime() + 1.7e9 + ahead
    )
    told: list[Any] = []
    source.on_event = told.append
    await source.open()
    collector = Collector()
    async with capturing(source, collector):
        await collector.wait_for(1)
        ahead = 3600.0
        await collector.wait_for(len(collector.records) + 3)
    (step,) = told
    assert isinstance(step, ClockStepped)
    assert step.delta == pytest.approx(3600.0, abs=0.1)
    assert collector.records[-1][0] > 1.7e9 + 3600.0


async def test_without_a_radio_the_advice_is_to_plug_one_in() -> None:
    machine = ScanMachine(phys=[], ports={})
    with pytest.raises(NotReady, match="plug in an adapter that knows monitor mode"):
        await source_of(machine).open()
    machine.close()


async def test_a_radio_without_an_interface_gets_one() -> None:
    machine = ScanMachine([Entry()], ports={})
    source, collector = source_of(machine), Collector()
    await source.open()
    assert machine.state() == {"phy0scan": (nl.IFTYPE_STATION, True)}
    async with capturing(source, collector):
        await collector.wait_for(1)
    assert machine.state() == {}
    machine.close()


async def test_run_before_open_is_a_mistake(machine: ScanMachine) -> None:
    with pytest.raises(RuntimeError, match="before open"):
        await source_of(machine).run(Collector())


async def test_a_kernel_that_does_not_answer_is_told() -> None:
    machine = ScanMachine([Entry()], [Phy("phy0", dict(PHY))], {1: Port("wlan0", 0)})
    machine.silent.add(nl.CMD_GET_WIPHY)
    with pytest.raises(NotReady, match="ETIMEDOUT"):
        await source_of(machine, timeout=0.05).open()
    machine.close()
