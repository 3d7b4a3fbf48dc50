from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Self

import pytest
from tests.lab.waiting import until
from tests.system.pi import add_supply, make_zero, write

from whimbrel import reach_files
from whimbrel.bus import Bus
from whimbrel.events.base import Event
from whimbrel.events.device import PowerOffered, PowerWanted, ReachReport, SystemReport
from whimbrel.events.radio import RadioClosed, RadioReport
from whimbrel.events.system import CommandRefused, DaemonStopping
from whimbrel.module import Context
from whimbrel.modules.system import System, SystemSettings
from whimbrel.settings import Duration
from whimbrel.testing import Lab, run_module

REPORT = RadioReport(received=100, dropped=4, malformed=0, discarded=(), receiver=(), bad_fcs=0, rate=1.0)


@pytest.fixture
def zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make modules believe that they run on a Zero, and be in a hurry."""
    root = make_zero(tmp_path / "zero")
    made = System.__init__
    monkeypatch.setattr(System, "__init__", lambda self, ctx, root=root: made(self, ctx, root))
    monkeypatch.setattr("whimbrel.modules.system._FIRST", 0.0)
    monkeypatch.setattr("whimbrel.modules.system._SEARCH", 0.0)
    return root


def hurried(**values: Any) -> SystemSettings:
    return SystemSettings(every=Duration(0.01), **values)


async def warned(lab: Lab, key: str, there: bool = True) -> str:
    """Wait until the warning `key` is set, or taken back."""
    changed = asyncio.Event()
    lab.ctx.on_change = changed.set
    await until(lambda: (key in lab.ctx.warnings) is there, changed=changed)
    return lab.ctx.warnings.get(key, "")


async def test_report(zero: Path) -> None:
    add_supply(zero, "ups", "75\n")
    async with run_module(System, hurried()) as lab:
        lab.publish(REPORT)
        slow = lab.bus.subscribe(DaemonStopping, reader="slow", capacity=1)
        lab.publish(DaemonStopping(reason=""))
        lab.publish(DaemonStopping(reason=""))
        report = await lab.event(SystemReport)
        assert slow.stats.lost == 1
    assert (report.memory_used, report.memory_total) == ((437068 - 311220) * 1024, 437068 * 1024)
    assert report.temperature == 48.312
    assert report.throttled == ""
    assert report.battery == 0.75
    assert report.disk_used is not None
    assert report.uptime > 0
    assert report.losses == (("kernel", 4), ("bus", 1), ("disk", 0))


async def test_share_of_the_processor_between_reports(zero: Path) -> None:
    async with run_module(System, hurried()) as lab:
        await lab.ready()
        write(zero, "proc/stat", "cpu  10182 0 4021 98363 1420 0 377 0 0 0\n")
        assert (await lab.event(SystemReport, lambda report: report.cpu is not None)).cpu == 0.25
        assert (await lab.event(SystemReport)).cpu is None


async def test_losses_of_a_radio_that_was_closed_stay(zero: Path) -> None:
    async with run_module(System, hurried()) as lab:
        await lab.ready()
        lab.publish(REPORT)
        lab.publish(RadioClosed(reason="gone", received=100, dropped=6))
        await lab.event(SystemReport, lambda report: report.losses[0] == ("kernel", 6))
        lab.publish(REPORT)
        await lab.event(SystemReport, lambda report: report.losses[0] == ("kernel", 10))


async def test_nothing_is_measured_that_nobody_asks_for(zero: Path) -> None:
    write(zero, "sys/class/thermal/thermal_zone0/temp", "85000\n")
    bus = Bus()
    ctx: Context[SystemSettings] = Context("system", hurried(), bus)
    task = asyncio.create_task(System(ctx).run())
    await until(lambda: ctx.warnings, ended=task.done)
    ctx.stop()
    await task
    assert "hot" in ctx.warnings
    assert bus.latest(SystemReport) is None


async def test_warnings_come_and_go(zero: Path) -> None:
    async with run_module(System, hurried(full=100.0)) as lab:
        await lab.ready()
        write(zero, "sys/class/thermal/thermal_zone0/temp", "85000\n")
        assert "80 °C" in await warned(lab, "hot")
        write(zero, "sys/class/thermal/thermal_zone0/temp", "60000\n")
        await warned(lab, "hot", there=False)
        write(zero, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
        assert "supply" in await warned(lab, "under-voltage")
        report = await lab.event(SystemReport, lambda report: report.throttled != "")
        assert report.throttled == "under-voltage"


def program(folder: Path, text: str) -> str:
    file = folder / "systemctl"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(("what", "argument"), [("shutdown", "poweroff"), ("reboot", "reboot")])
async def test_power(zero: Path, tmp_path: Path, what: str, argument: str) -> None:
    systemctl = program(tmp_path, f'echo "$@" >> {tmp_path}/asked')
    settings = hurried(shutdown=(systemctl, "poweroff"), reboot=(systemctl, "reboot"))
    async with run_module(System, settings) as lab:
        await lab.ready()
        lab.publish(PowerWanted(what=what))
        await lab.event(SystemReport)
        await lab.event(SystemReport)
        assert not lab.ctx.warnings.get("power")
        events = await lab.finish()
    assert all(isinstance(event, Event) for event in events)
    assert (tmp_path / "asked").read_text() == f"{argument}\n"


async def test_a_refusal_says_what_to_do_and_is_taken_back(
    zero: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemctl = program(tmp_path, "echo Interactive authentication required. >&2; exit 1")
    async with run_module(System, hurried(shutdown=(systemctl, "poweroff")), name="board") as lab:
        await lab.ready()
        lab.publish(PowerWanted(what="shutdown"))
        text = await warned(lab, "power")
        assert "Interactive authentication required." in text
        assert "50-whimbrel.rules" in text
        assert "modules.board.shutdown" in text
        monkeypatch.setattr("whimbrel.modules.system._REFUSAL", 0.0)
        await warned(lab, "power", there=False)


async def test_a_command_that_hangs_is_ended(zero: Path, tmp_path: Path) -> None:
    systemctl = program(tmp_path, "sleep 1000")
    async with run_module(System, hurried(reboot=(systemctl,), patience=Duration(0.2))) as lab:
        await lab.ready()
        lab.publish(PowerWanted(what="reboot"))
        assert "had not ended after 0.2 s" in await warned(lab, "power")
        await lab.event(SystemReport)


@pytest.mark.parametrize("what", ["shutdown", "reboot", "explode"])
async def test_what_the_settings_do_not_allow_is_refused(zero: Path, what: str) -> None:
    async with run_module(System, hurried(shutdown=(), reboot=())) as lab:
        await lab.ready()
        assert (await lab.event(PowerOffered)).commands == ()
        asked = lab.publish(PowerWanted(what=what))
        refused = await lab.event(CommandRefused)
        assert (refused.command, refused.answers) == ("power-wanted", asked.seq)
        assert "the settings have no command" in refused.text
        assert lab.ctx.warnings["power"] == refused.text


def test_check_names_programs_that_are_not_here() -> None:
    settings = SystemSettings(shutdown=("true",), reboot=("/nowhere/at-all", "reboot"))
    assert [name for name, _ in System.check(settings)] == ["reboot"]
    assert list(System.check(SystemSettings(shutdown=(), reboot=()))) == []


async def test_what_reach_tells_is_published_once_and_the_token_never(zero: Path) -> None:
    folder = reach_files.folder()
    values = {"url": "http://10.66.0.1:8080/", "token": "K7ZT5HQ2WXB4NDRM9PCV3FGJ6A"}
    async with run_module(System, hurried()) as lab:
        reach_files.write(reach_files.PAGE, values, folder)
        reach_files.write(reach_files.STATE, {"page": values["url"]}, folder)
        assert (await lab.event(ReachReport)).page == values["url"]
        reach_files.remove(reach_files.STATE, folder)
        assert await lab.event(ReachReport) == ReachReport(there=False)
        offers = {offer.name: offer for offer in lab.ctx.screens()}
        entry: Any = offers["Web page"].make()
        (action,) = entry.act(None)
        assert action.screen.url == values["url"]
        assert action.screen.matrix is not None
        reach_files.remove(reach_files.PAGE, folder)
        (action,) = entry.act(None)
        assert action.screen.hint == "the page is gone"
        assert ReachReport in offers["Network"].shows
        events = await lab.finish()
    assert not any(values["token"] in repr(event) for event in events)


VOLTS = {0x22: 0x0E, 0x23: 0x74}
"""3.7 V of a PiSugar 3."""


class Bus1:
    """A PiSugar 3 on I2C 1, behind smbus2."""

    registers: dict[int, int] = {**VOLTS, 0x02: 0x40, 0x2A: 62}  # noqa: RUF012  # one board, as there is

    def __init__(self, number: int) -> None:
        assert number == 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read_byte_data(self, address: int, register: int) -> int:
        if address != 0x57:
            raise OSError(121, "Remote I/O error")
        return self.registers[register]


async def test_a_pisugar_is_shown_and_when_empty_the_device_shuts_down(
    zero: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smbus2.SMBus", Bus1)
    monkeypatch.setattr("whimbrel.drivers.pisugar.NODE", Path("/dev/null"))
    monkeypatch.setattr(Bus1, "registers", registers := {**VOLTS, 0x02: 0xC0, 0x2A: 62})
    done = tmp_path / "done"
    async with run_module(System, hurried(battery="pisugar3", shutdown=("touch", str(done)))) as lab:
        report = await lab.event(SystemReport)
        assert (report.battery, report.charging) == (0.62, True)
        registers[0x2A] = 3
        report = await lab.event(SystemReport)
        assert not done.exists(), "it is being charged"
        registers[0x02] = 0x40
        assert "empty" in await warned(lab, "battery") or "low" in lab.ctx.warnings["battery"]
        await until(done.exists)


@pytest.fixture
def empty(zero: Path, monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """Make the battery of a PiSugar 3 empty; return its registers."""
    monkeypatch.setattr("smbus2.SMBus", Bus1)
    monkeypatch.setattr("whimbrel.drivers.pisugar.NODE", Path("/dev/null"))
    monkeypatch.setattr(Bus1, "registers", registers := {**VOLTS, 0x02: 0x40, 0x2A: 3})
    return registers


async def test_a_refused_shutdown_at_an_empty_battery_is_tried_again(tmp_path: Path, empty: dict[int, int]) -> None:
    asked = tmp_path / "asked"
    # The first two are refused, as by a service manager that is busy.
    systemctl = program(tmp_path, f"echo x >> {asked}; test $(wc -l < {asked}) -ge 3 || exit 1")
    async with run_module(System, hurried(battery="pisugar3", shutdown=(systemctl,))) as lab:
        await until(lambda: asked.exists() and len(asked.read_text()) == 6)
        await warned(lab, "power", there=False)
        for _ in range(3):
            await lab.event(SystemReport)
        assert "shuts down now" in lab.ctx.warnings["battery"]
    assert len(asked.read_text()) == 6, "one that worked is not tried again"


async def test_attempts_to_shut_down_have_an_end_and_begin_anew_after_a_charge(
    tmp_path: Path, empty: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whimbrel.modules.system._ATTEMPTS", 4)
    asked = tmp_path / "asked"
    systemctl = program(tmp_path, f"echo x >> {asked}; exit 1")
    async with run_module(System, hurried(battery="pisugar3", shutdown=(systemctl,))) as lab:
        await until(lambda: "cannot shut down" in lab.ctx.warnings.get("battery", ""))
        for _ in range(3):
            await lab.event(SystemReport)
        assert len(asked.read_text()) == 2 * 4
        empty[0x2A] = 80
        await warned(lab, "battery", there=False)
        empty[0x2A] = 3
        await until(lambda: "cannot shut down" in lab.ctx.warnings.get("battery", ""))
    assert len(asked.read_text()) == 2 * 8


async def test_without_a_command_to_shut_down_an_empty_battery_is_told_once(empty: dict[int, int]) -> None:
    async with run_module(System, hurried(battery="pisugar3", shutdown=())) as lab:
        await lab.event(CommandRefused)
        for _ in range(3):
            await lab.event(SystemReport)
        events = await lab.finish()
    assert sum(isinstance(event, Event) and isinstance(event.body, CommandRefused) for event in events) <= 1


async def test_a_pisugar_that_does_not_answer(zero: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smbus2.SMBus", Bus1)
    monkeypatch.setattr("whimbrel.drivers.pisugar.NODE", Path("/dev/null"))
    async with run_module(System, hurried(battery="pisugar2")) as lab:
        assert "no pisugar2 answers at address 0x75" in await warned(lab, "pisugar")


async def test_a_board_that_reads_no_voltage_shuts_nothing_down(tmp_path: Path, empty: dict[int, int]) -> None:
    empty |= dict.fromkeys(empty, 0)
    done = tmp_path / "done"
    async with run_module(System, hurried(battery="pisugar3", shutdown=("touch", str(done)))) as lab:
        assert "says 0.00 V, which no cell has" in await warned(lab, "pisugar")
        for _ in range(15):
            assert (await lab.event(SystemReport)).battery is None
        assert "battery" not in lab.ctx.warnings
    assert not done.exists()
