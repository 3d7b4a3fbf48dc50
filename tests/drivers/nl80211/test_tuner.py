from __future__ import annotations

import errno
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.control import Kernel
from whimbrel.drivers.nl80211.monitor import Monitor
from whimbrel.drivers.nl80211.tuner import Nl80211Tuner
from whimbrel.drivers.ports import TuneError
from whimbrel.drivers.radios import RadioNames
from whimbrel.errors import NotReady
from whimbrel.testing import PATIENCE
from whimbrel.wifi.channels import Channel, parse_channel

MONITOR, STATION = nl.IFTYPE_MONITOR, nl.IFTYPE_STATION
SIX = Channel(2437)


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Two radios, each with its interface; the first is connected."""
    ports = {1: Port("wlan0", 0, up=True, running=True), 2: Port("wlan1", 1, up=True)}
    made = Machine([Phy("phy0", dict(PHY)), Phy("phy1", dict(PHY))], ports)
    yield made
    made.close()


def tuner_of(machine: Machine, interface: str = "", timeout: float = PATIENCE) -> Nl80211Tuner:
    return Nl80211Tuner(interface, timeout=timeout, connect=machine.connect)


@pytest.fixture
async def tuner(machine: Machine) -> AsyncIterator[Nl80211Tuner]:
    made = tuner_of(machine)
    await made.open()
    yield made
    await made.close()


async def test_it_makes_a_monitor_on_the_radio_nobody_uses_and_puts_all_back(machine: Machine) -> None:
    before = machine.state()
    tuner = tuner_of(machine)
    await tuner.open()
    assert tuner.interface == "phy1mon"
    assert tuner.description.startswith("phy1mon (phy1, ")
    assert machine.state() == {"wlan0": (STATION, True), "wlan1": (STATION, False), "phy1mon": (MONITOR, True)}
    assert machine.owned
    await tuner.close()
    assert machine.state() == before
    await tuner.close()


async def test_a_name_that_is_taken_is_not_taken_again(machine: Machine) -> None:
    machine.ports[3] = Port("phy1mon", 1)
    tuner = tuner_of(machine)
    await tuner.open()
    assert tuner.interface == "phy1mon1"
    await tuner.close()


async def test_it_turns_a_named_interface_and_turns_it_back(machine: Machine) -> None:
    before = machine.state()
    tuner = tuner_of(machine, "wlan0")
    await tuner.open()
    assert machine.state()["wlan0"] == (MONITOR, True)
    await tuner.recreate()
    assert machine.state()["wlan0"] == (MONITOR, True)
    assert not machine.owned
    await tuner.close()
    assert machine.state() == before
    assert tuner.left == ()


async def test_a_named_radio_is_taken_over(machine: Machine) -> None:
    before = machine.state()
    tuner = tuner_of(machine, "phy0")
    await tuner.open()
    assert machine.state()["wlan0"] == (STATION, False)
    assert machine.state()["phy0mon"] == (MONITOR, True)
    await tuner.close()
    assert machine.state() == before


@pytest.mark.parametrize("up", [True, False])
async def test_a_monitor_that_is_there_is_used_as_it_is(machine: Machine, up: bool) -> None:
    machine.ports[3] = Port("mon0", 0, MONITOR, up=up)
    before = machine.state()
    tuner = tuner_of(machine)
    await tuner.open()
    assert tuner.interface == "mon0"
    assert machine.state() == before | {"mon0": (MONITOR, True)}
    await tuner.close()
    assert machine.state() == before


@pytest.mark.parametrize(
    ("wanted", "phys", "said"),
    [
        ("wlan9", [Phy("phy0", {})], "wlan9.*there are: wlan0 .phy0."),
        ("wlan0", [Phy("phy0", {}, types=(STATION,))], "phy0 has no monitor mode"),
        ("", [Phy("phy0", {}, types=(STATION,))], "no radio knows monitor mode"),
        ("", [Phy("phy0", {})], "in use.*phy0 by wlan0"),
        ("", [], "no Wi-Fi radio"),
    ],
)
async def test_what_is_missing_is_said(wanted: str, phys: list[Phy], said: str) -> None:
    ports = {1: Port("wlan0", 0, up=True, running=True)} if phys else {}
    machine = Machine(phys, ports)
    with pytest.raises(NotReady, match=said):
        await tuner_of(machine, wanted).open()
    machine.close()


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (nl.CMD_NEW_INTERFACE, errno.EOPNOTSUPP, "firmware"),
        (nl.CMD_NEW_INTERFACE, errno.EPERM, "CAP_NET_ADMIN"),
        (nl.RTM_NEWLINK, errno.ERFKILL, "rfkill unblock"),
        (nl.CMD_GET_WIPHY, errno.EIO, "EIO"),
    ],
)
async def test_what_fails_while_opening_is_said_and_put_back(
    machine: Machine, command: int, code: int, said: str
) -> None:
    machine.ports[2].up = False
    before = machine.state()
    machine.refuse[command] = code
    with pytest.raises(NotReady, match=said):
        await tuner_of(machine).open()
    assert machine.state() == before


async def test_a_kernel_without_wifi_is_not_ready() -> None:
    def connect(_: float) -> Kernel:
        raise NetlinkError(errno.ENOENT, "looking for nl80211 in the kernel")

    with pytest.raises(NotReady, match="plug in an adapter"):
        await Nl80211Tuner(connect=connect).open()


async def test_what_may_be_listened_on(tuner: Nl80211Tuner) -> None:
    assert [channel.freq for channel in tuner.channels()] == [2412, 2437, 2484, 5180, 5260]


async def test_a_channel_is_set_with_its_width(machine: Machine, tuner: Nl80211Tuner) -> None:
    def port() -> Port:
        return next(port for port in machine.ports.values() if port.name == "phy1mon")

    for text, freq, width in (
        ("6", 2437, nl.CHAN_WIDTH_20),
        ("36/80", 5180, nl.CHAN_WIDTH_80),
        ("6/40-", 2437, nl.CHAN_WIDTH_40),
        ("14", 2484, nl.CHAN_WIDTH_20_NOHT),
    ):
        await tuner.tune(parse_channel(text))
        assert (port().freq, port().width) == (freq, width)
    request = machine.kernels[0].requests[-2]
    assert int.from_bytes(request.attributes[nl.ATTR_CENTER_FREQ1], sys.byteorder) == 2427


async def refusal(tuner: Nl80211Tuner, channel: Channel = SIX) -> TuneError:
    with pytest.raises(TuneError) as caught:
        await tuner.tune(channel)
    return caught.value


async def test_a_forbidden_channel_names_the_regulatory_domain(tuner: Nl80211Tuner) -> None:
    error = await refusal(tuner, Channel(2472))
    assert error.forbidden
    assert "the regulatory domain DE forbids it" in str(error)


async def test_a_channel_that_the_radio_does_not_have(tuner: Nl80211Tuner) -> None:
    error = await refusal(tuner, Channel(5955))
    assert error.forbidden
    assert "phy1 has no such channel" in str(error)


async def test_a_busy_radio_names_who_keeps_it_busy(machine: Machine, tuner: Nl80211Tuner) -> None:
    machine.ports[2].up = True
    error = await refusal(tuner)
    assert not error.forbidden
    assert "'ip link set wlan1 down'" in str(error)


@pytest.mark.parametrize(
    ("code", "forbidden", "said"),
    [
        (errno.ETIMEDOUT, False, "did not answer in time"),
        (errno.EOPNOTSUPP, True, "does not let the channel be set"),
        (errno.ENODEV, False, "plugged in"),
        (errno.EPERM, False, "CAP_NET_ADMIN"),
        (errno.EIO, False, "EIO .said the driver."),
        (errno.EINVAL, True, "said the driver"),
    ],
)
async def test_refusals_are_explained(
    machine: Machine, tuner: Nl80211Tuner, code: int, forbidden: bool, said: str
) -> None:
    machine.refuse[nl.CMD_SET_WIPHY] = code
    error = await refusal(tuner)
    assert error.forbidden is forbidden
    assert said.replace(".", "") in str(error).replace("(", "").replace(")", "")


async def test_a_stalled_kernel_does_not_hold_the_loop(machine: Machine) -> None:
    tuner = tuner_of(machine, timeout=0.1)
    await tuner.open()
    machine.silent.add(nl.CMD_SET_WIPHY)
    error = await refusal(tuner)
    assert not error.forbidden
    assert "did not answer in time" in str(error)
    machine.silent.clear()
    await tuner.tune(Channel(2412))
    await tuner.close()


async def test_down_and_up_and_anew(machine: Machine, tuner: Nl80211Tuner) -> None:
    before = {index for index, port in machine.ports.items() if port.name == "phy1mon"}
    await tuner.cycle()
    await tuner.recreate()
    after = {index for index, port in machine.ports.items() if port.name == "phy1mon"}
    assert len(before) == len(after) == 1
    assert before != after
    await tuner.tune(Channel(2412))


async def test_a_step_on_an_interface_that_is_gone(machine: Machine, tuner: Nl80211Tuner) -> None:
    for index in [index for index, port in machine.ports.items() if port.name == "phy1mon"]:
        del machine.ports[index]
    with pytest.raises(TuneError, match="gone"):
        await tuner.cycle()
    await tuner.recreate()
    await tuner.tune(Channel(2412))


async def test_what_cannot_be_put_back_is_kept_to_tell(machine: Machine) -> None:
    tuner = tuner_of(machine)
    await tuner.open()
    machine.refuse[nl.CMD_DEL_INTERFACE] = errno.EIO
    await tuner.close()
    assert len(tuner.left) == 1
    assert "deleting the interface: EIO" in tuner.left[0]


async def test_a_tuner_that_is_not_open_says_so(machine: Machine) -> None:
    tuner = tuner_of(machine)
    assert tuner.channels() == ()
    assert "not open" in str(await refusal(tuner))


async def test_a_radio_that_comes_between_two_questions_is_left_to_the_next_attempt(machine: Machine) -> None:
    """Its interface is listed, and it was not there when the radios were."""
    machine.ports[9] = Port("wlan6", 6, MONITOR)
    with pytest.raises(NotReady, match=r"no Wi-Fi interface or radio is called phy6; there are: wlan0 \(phy0\)"):
        await tuner_of(machine, "phy6").open()
    tuner = tuner_of(machine)
    await tuner.open()
    assert tuner.interface == "phy1mon"
    await tuner.close()


@pytest.mark.parametrize("wanted", ["usb:1-1.2", "driver:ath9k_htc", "00:c0:ca:00:00:01"])
def test_a_radio_is_found_by_a_name_that_stays(machine: Machine, wanted: str) -> None:
    def names(radio: str) -> RadioNames:
        if radio != "phy1":
            return RadioNames(name=radio, place="", driver="brcmfmac", address="")
        return RadioNames(name=radio, place="1-1.2", driver="ath9k_htc", address="00:c0:ca:00:00:01")

    kernel = machine.connect(PATIENCE)
    monitor = Monitor(kernel.nl80211, kernel.links, wanted, names=names)
    monitor.open()
    assert monitor.interface.name == "phy1mon"
    assert monitor.close() == []
