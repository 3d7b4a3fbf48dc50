from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.helper.helping import helper_of
from tests.drivers.nl80211.machine import Port
from tests.drivers.scan.machine import Entry, ScanMachine, freqs_of
from tests.lab.collector import Collector, capturing

from whimbrel.drivers.helper.access import HelperAccess
from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.ports import TuneError
from whimbrel.drivers.scan.settings import ScanSettings
from whimbrel.drivers.scan.source import ScanSource
from whimbrel.errors import NotReady
from whimbrel.testing import PATIENCE


@pytest.fixture
def machine() -> Iterator[ScanMachine]:
    with contextlib.closing(ScanMachine([Entry()])) as made:
        yield made


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses between scans short, which the settings do not allow."""
    real = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: real(min(seconds, 0.01)))


def source_of(machine: ScanMachine, path: Path, *, connected: bool = False, active: bool = False) -> ScanSource:
    settings = ScanSettings(connected=connected, active=active)
    return ScanSource(settings, timeout=PATIENCE, connect=machine.scanner, access=HelperAccess(str(path)))


async def test_the_helper_sets_up_an_interface_scans_passively_and_puts_it_back(
    machine: ScanMachine, tmp_path: Path
) -> None:
    path = tmp_path / "radio.sock"
    before = machine.state()
    with helper_of(machine, path):
        source, collector = source_of(machine, path), Collector()
        await source.open()
        assert machine.state() == {"wlan0": (nl.IFTYPE_STATION, True)}
        assert source.description.startswith("wlan0 (phy0, ")
        async with capturing(source, collector):
            await collector.wait_for(3)
        assert machine.state() == before
    assert all(nl.ATTR_SCAN_SSIDS not in request.attributes for request in machine.scans)
    assert freqs_of(machine.scans[0]) == []


async def test_a_scan_that_transmits_is_refused_unless_the_helper_was_told(
    machine: ScanMachine, tmp_path: Path
) -> None:
    path = tmp_path / "radio.sock"
    with helper_of(machine, path):
        source, collector = source_of(machine, path, active=True), Collector()
        told: list[Any] = []
        source.on_event = told.append
        await source.open()
        async with capturing(source, collector):
            await collector.wait_for(3)
        assert not source.transmits
    (changed,) = told
    assert "this service does not transmit" in changed.refused
    assert all(nl.ATTR_SCAN_SSIDS not in request.attributes for request in machine.scans)
    machine.scans.clear()
    path.unlink()
    with helper_of(machine, path, active=True):
        source, collector = source_of(machine, path, active=True), Collector()
        await source.open()
        async with capturing(source, collector):
            await collector.wait_for(1)
    assert nl.ATTR_SCAN_SSIDS in machine.scans[0].attributes


async def test_a_connected_radio_is_scanned_a_few_channels_at_a_time(machine: ScanMachine, tmp_path: Path) -> None:
    machine.ports[1] = Port("wlan0", 0, up=True, running=True)
    path = tmp_path / "radio.sock"
    with helper_of(machine, path):
        with pytest.raises(NotReady, match=r"scan.connected is off"):
            await source_of(machine, path).open()
        source, collector = source_of(machine, path, connected=True), Collector()
        await source.open()
        async with capturing(source, collector):
            await collector.wait_for(1)
    assert 0 < len(freqs_of(machine.scans[0])) <= 4


async def test_the_helper_cycles_an_interface_that_nobody_uses(machine: ScanMachine, tmp_path: Path) -> None:
    path = tmp_path / "radio.sock"
    with helper_of(machine, path):
        source = source_of(machine, path, connected=True)
        await source.open()
        await source.cycle()
        machine.ports[1].running = True
        with pytest.raises(TuneError, match="phy0 is connected, and left alone"):
            await source.cycle()
        assert machine.state() == {"wlan0": (nl.IFTYPE_STATION, True)}
        machine.ports[1].running = False
        machine.refuse[nl.RTM_NEWLINK] = errno.EIO
        with pytest.raises(TuneError, match="EIO"):
            await source.cycle()
        await source.close()


async def test_a_helper_that_is_not_there_is_named(machine: ScanMachine, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="systemctl status whimbrel-radio"):
        await source_of(machine, tmp_path / "nothing.sock").open()
