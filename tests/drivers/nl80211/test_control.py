from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port

from whimbrel.drivers.nl80211.attributes import IFTYPE_MONITOR, IFTYPE_STATION
from whimbrel.drivers.nl80211.control import Nl80211Control
from whimbrel.drivers.ports import TuneError
from whimbrel.errors import NotReady
from whimbrel.wifi.channels import Channel


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Two radios, each with its interface; the first is connected."""
    ports = {1: Port("wlan0", 0, up=True, running=True), 2: Port("wlan1", 1, up=True)}
    made = Machine([Phy("phy0", dict(PHY)), Phy("phy1", dict(PHY))], ports)
    yield made
    made.close()


def control_of(machine: Machine, wanted: str) -> Nl80211Control:
    return Nl80211Control(wanted, connect=machine.connect, spares_running=True)


@pytest.mark.parametrize("wanted", ["wlan0", "phy0"])
def test_what_is_connected_can_be_spared(machine: Machine, wanted: str) -> None:
    before = machine.state()
    with pytest.raises(NotReady, match="wlan0 is connected"):
        control_of(machine, wanted).open()
    assert machine.state() == before


@pytest.mark.parametrize("wanted", ["wlan1", "phy1", ""])
def test_what_is_not_connected_is_used_all_the_same(machine: Machine, wanted: str) -> None:
    before = machine.state()
    control = control_of(machine, wanted)
    control.open()
    assert machine.state()[control.interface] == (IFTYPE_MONITOR, True)
    assert machine.state()["wlan0"] == (IFTYPE_STATION, True)
    control.close()
    assert machine.state() == before


def test_a_control_that_is_not_open_refuses(machine: Machine) -> None:
    control = control_of(machine, "")
    assert control.channels() == ()
    with pytest.raises(TuneError, match="not open"):
        control.set_channel(Channel(2412))
    for step in (control.cycle, control.recreate):
        with pytest.raises(TuneError, match="not open"):
            step()
    control.close()
