from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.scan_interface import ScanInterface
from whimbrel.drivers.radios import RadioNames
from whimbrel.errors import NotReady
from whimbrel.testing import PATIENCE

MONITOR, STATION = nl.IFTYPE_MONITOR, nl.IFTYPE_STATION


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Two radios, each with its interface; the first is connected."""
    ports = {1: Port("wlan0", 0, up=True, running=True), 2: Port("wlan1", 1)}
    made = Machine([Phy("phy0", dict(PHY)), Phy("phy1", dict(PHY))], ports)
    yield made
    made.close()


def names(radio: str) -> RadioNames:
    return RadioNames(name=radio, place=f"1-1.{radio[-1]}", driver="rt2800usb", address="")


def scan_interface_of(machine: Machine, wanted: str = "", *, connected: bool = False) -> ScanInterface:
    kernel = machine.connect(PATIENCE)
    return ScanInterface(kernel.nl80211, kernel.links, wanted, connected=connected, names=names)


@pytest.mark.parametrize("connected", [False, True])
def test_the_radio_that_nobody_uses_comes_first(machine: Machine, connected: bool) -> None:
    before = machine.state()
    interface = scan_interface_of(machine, connected=connected)
    interface.open()
    assert (interface.radio.name, interface.interface.name) == ("phy1", "wlan1")
    assert machine.state()["wlan1"] == (STATION, True)
    assert not interface.is_connected()
    assert interface.close() == []
    assert machine.state() == before


def test_a_connected_radio_is_used_if_allowed_and_left_as_it_is(machine: Machine) -> None:
    del machine.phys[1], machine.ports[2]
    before = machine.state()
    interface = scan_interface_of(machine, connected=True)
    interface.open()
    assert interface.interface.name == "wlan0"
    assert interface.is_connected()
    interface.close()
    assert machine.state() == before


@pytest.mark.parametrize("wanted", ["wlan0", "phy0", "usb:1-1.0"])
def test_a_named_radio_is_the_one(machine: Machine, wanted: str) -> None:
    interface = scan_interface_of(machine, wanted, connected=True)
    interface.open()
    assert interface.radio.name == "phy0"
    with pytest.raises(NotReady, match=r"phy0 is in use by wlan0, and scan\.connected is off"):
        scan_interface_of(machine, wanted).open()


def test_a_radio_in_monitor_mode_is_never_scanned_with(machine: Machine) -> None:
    machine.ports[3] = Port("mon0", 1, MONITOR, up=True)
    with pytest.raises(NotReady, match=r"phy0 is in use by wlan0, .*; phy1 is in monitor mode"):
        scan_interface_of(machine).open()


def test_a_radio_that_cannot_be_a_station_is_named(machine: Machine) -> None:
    machine.phys[1].types = (MONITOR,)
    with pytest.raises(NotReady, match="phy1 cannot be a station"):
        scan_interface_of(machine, "phy1").open()


def test_a_missing_radio_is_told_with_the_names_of_the_others(machine: Machine) -> None:
    with pytest.raises(NotReady, match=r"no radio is called 'usb:9'; there is phy0 \(driver:rt2800usb, usb:1-1.0\)"):
        scan_interface_of(machine, "usb:9").open()


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.EPERM, "CAP_NET_ADMIN"),
        (errno.ERFKILL, "rfkill unblock"),
        (errno.EOPNOTSUPP, "plug in"),
        (errno.EIO, "try"),
    ],
)
def test_a_refusal_is_told_with_advice(machine: Machine, code: int, advice: str) -> None:
    before = machine.state()
    machine.refuse[nl.RTM_NEWLINK] = code
    with pytest.raises(NotReady, match=advice):
        scan_interface_of(machine).open()
    assert machine.state() == before
