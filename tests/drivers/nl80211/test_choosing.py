from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port

from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211 import choosing
from whimbrel.drivers.nl80211.choosing import Chooser
from whimbrel.drivers.scan.settings import ScanSettings
from whimbrel.errors import NotReady
from whimbrel.testing import PATIENCE

MONITOR, STATION = nl.IFTYPE_MONITOR, nl.IFTYPE_STATION


@pytest.fixture
def machine() -> Iterator[Machine]:
    """The radio of a Zero W, which has no monitor mode."""
    made = Machine([Phy("phy0", dict(PHY), (STATION,))], {1: Port("wlan0", 0)})
    yield made
    made.close()


def plug_in(machine: Machine) -> None:
    machine.phys[1] = Phy("phy1", dict(PHY))
    machine.ports[2] = Port("wlan1", 1)


def chooser(machine: Machine, radios: Path = Path("/nowhere"), linux: Any = None, **scan: Any) -> Chooser:
    return Chooser(
        linux or LinuxSettings(), ScanSettings(**scan), timeout=PATIENCE, connect=machine.connect, radios=radios
    )


async def test_a_radio_without_monitor_mode_scans(machine: Machine) -> None:
    reason = "no radio in monitor mode can be used (phy0 does not know it)"
    assert await chooser(machine).choose() == ("scan", reason, "phy0")


async def test_a_free_radio_with_monitor_mode_is_better(machine: Machine) -> None:
    plug_in(machine)
    before = machine.state()
    assert await chooser(machine).choose() == ("linux", "phy1 knows monitor mode, and nobody uses it", "phy1")
    assert machine.state() == before, "a choice changes nothing"


async def test_a_radio_in_use_is_not_taken_from_anybody(machine: Machine) -> None:
    plug_in(machine)
    machine.ports[2].running = True
    source, reason, _ = await chooser(machine).choose()
    assert source == "scan"
    assert "phy1 is in use by wlan1" in reason


async def test_a_radio_that_is_named_is_taken_over(machine: Machine) -> None:
    plug_in(machine)
    machine.ports[2].running = True
    for linux in (LinuxSettings(radio="phy1"), LinuxSettings(interface="wlan1")):
        assert await chooser(machine, linux=linux).choose() == (
            "linux", "phy1 knows monitor mode, and it is named in the settings", "phy1",
        )  # fmt: skip


async def test_while_the_named_radio_is_missing_it_scans(machine: Machine) -> None:
    source, reason, _ = await chooser(machine, linux=LinuxSettings(radio="usb:1-1.2")).choose()
    assert source == "scan"
    assert "there is no usb:1-1.2" in reason


async def test_with_nothing_to_listen_with_it_says_what_to_do(machine: Machine) -> None:
    machine.ports[1].running = True
    with pytest.raises(NotReady, match=r"phy0 does not know it.*scan\.connected is off.*plug in an adapter that knows"):
        await chooser(machine).choose()
    assert (await chooser(machine, connected=True).choose()).source == "scan"
    machine.phys.clear()
    with pytest.raises(NotReady, match="no Wi-Fi radio: plug in an adapter that knows monitor mode"):
        await chooser(machine).choose()


async def test_the_radio_of_another_receiver_is_left_to_it(machine: Machine) -> None:
    plug_in(machine)

    def leaving(*taken: str, sources: tuple[str, ...] = ("linux", "scan")) -> Chooser:
        return Chooser(
            LinuxSettings(), ScanSettings(), sources=sources, taken=lambda: taken, timeout=PATIENCE,
            connect=machine.connect, radios=Path("/nowhere"),
        )  # fmt: skip

    source, reason, radio = await leaving("phy1").choose()
    assert (source, radio) == ("scan", "phy0")
    assert "phy1 is used by the other receiver" in reason
    assert (await leaving("phy0").choose()).radio == "phy1"
    with pytest.raises(NotReady, match="phy0 is used by the other receiver; phy1 is used by the other receiver"):
        await leaving("phy0", "phy1", sources=("scan",)).choose()
    assert (await leaving("phy0", sources=("scan",)).choose()).radio == "phy1"
    with pytest.raises(NotReady, match="no radio in monitor mode can be used"):
        await leaving("phy1", sources=("linux",)).choose()


def leaving_alone(machine: Machine, *uses: tuple[str, str], **scan: Any) -> Chooser:
    return Chooser(
        LinuxSettings(), ScanSettings(**scan), aside=lambda: dict.fromkeys(uses, "it is deaf"), timeout=PATIENCE,
        connect=machine.connect, radios=Path("/nowhere"),
    )  # fmt: skip


async def test_a_radio_that_is_left_alone_gives_way_to_another_one(machine: Machine) -> None:
    plug_in(machine)
    made = leaving_alone(machine, ("linux", "phy1"))
    source, reason, radio = await made.choose()
    assert (source, radio) == ("scan", "phy0")
    assert "phy1 is left alone for a while: it is deaf" in reason
    assert made.left_alone == ["phy1 is left alone for a while: it is deaf"]
    machine.phys[2] = Phy("phy2", dict(PHY))
    assert (await made.choose()).radio == "phy2"
    made = leaving_alone(machine, ("linux", "phy9"))
    assert (await made.choose()).radio == "phy1"
    assert made.left_alone == []


async def test_one_that_is_deaf_in_monitor_mode_may_scan(machine: Machine) -> None:
    plug_in(machine)
    machine.ports[1].running = True
    source, _, radio = await leaving_alone(machine, ("linux", "phy1")).choose()
    assert (source, radio) == ("scan", "phy1")
    machine.ports[3] = Port("phy1mon", 1, MONITOR, up=True)
    source, _, radio = await leaving_alone(machine, ("linux", "phy1")).choose()
    assert (source, radio) == ("scan", "phy1"), "while its monitor interface is still up"


async def test_one_that_scans_badly_gives_way_too(machine: Machine) -> None:
    machine.phys[1] = Phy("phy1", dict(PHY), (STATION,))
    machine.ports[2] = Port("wlan1", 1)
    assert (await leaving_alone(machine, ("scan", "phy0")).choose()).radio == "phy1"


async def test_one_that_is_left_alone_is_better_than_none(machine: Machine) -> None:
    plug_in(machine)
    machine.ports[1].running = True
    uses = [(source, radio) for source in ("linux", "scan") for radio in ("phy0", "phy1")]
    assert (await leaving_alone(machine, *uses).choose())[::2] == ("linux", "phy1")
    machine.ports[2].running = True
    with pytest.raises(NotReady, match=r"scan\.connected is off"):
        await leaving_alone(machine, *uses).choose()


async def test_an_adapter_that_is_plugged_in_is_found(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_LOOK", 0.01)
    (tmp_path / "phy0").touch()
    task = asyncio.ensure_future(chooser(machine, tmp_path).better())
    await asyncio.sleep(0.05)
    asked = len(machine.kernels)
    assert asked <= 2 * 2, "the radios are asked when their list changes, else now and then"
    plug_in(machine)
    (tmp_path / "phy1").touch()
    assert await task == ("linux", "phy1 knows monitor mode, and nobody uses it", "phy1")


async def test_a_radio_that_becomes_free_is_found(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_LOOK", 0.01)
    plug_in(machine)
    machine.ports[2].running = True
    task = asyncio.ensure_future(chooser(machine, tmp_path).better())
    await asyncio.sleep(0)
    machine.ports[2].running = False
    assert (await task).source == "linux"
