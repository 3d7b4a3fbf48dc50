"""A third-party module, in a package of its own, is installed and loaded by its name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.lab.waiting import until
from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.bus import Bus
from whimbrel.config.schema import DaemonSettings
from whimbrel.display.settings import DisplaySettings
from whimbrel.drivers.registry import PANELS
from whimbrel.events.air import AccessPointFound
from whimbrel.events.keys import Press
from whimbrel.events.radio import RadioOpened
from whimbrel.modules.display import Display
from whimbrel.screens.state import ScreenState
from whimbrel.settings import Duration
from whimbrel.supervisor import Supervisor
from whimbrel.testing import PATIENCE, run_module
from whimbrel.wifi.security import Pmf, Protection

PLUGIN = Path(__file__).parent / "plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package into a folder of its own, as pip does for anybody."""
    build = tmp_path_factory.mktemp("build")
    (build / "src").symlink_to(PLUGIN / "src")  # setuptools leaves its marks beside pyproject.toml
    (build / "pyproject.toml").write_bytes((PLUGIN / "pyproject.toml").read_bytes())
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(site), str(build)], check=True, capture_output=True, text=True)
    return site


def test_it_runs_beside_the_others_by_its_name_alone(installed: Path, tmp_path: Path) -> None:
    settings = SIMULATED + "  census: {unknown: true}\n"
    with DaemonProcess(tmp_path, settings, environment={"PYTHONPATH": str(installed)}) as daemon:
        daemon.wait_until_told("READY=1")
        daemon.wait_for_state("census", "ready")
        daemon.wait_until_written("vendor-leads")
        assert daemon.stop() == 0


def test_its_settings_are_checked_as_the_projects_own(installed: Path, tmp_path: Path) -> None:
    config = tmp_path / "whimbrel.yaml"
    config.write_text("modules:\n  census: {unknwon: true}\n")
    check = [sys.executable, "-m", "whimbrel", "check", "--config", str(config)]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(check, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 3
    assert "modules.census.unknwon" in done.stderr
    assert "unknown" in done.stderr


def found(number: int, vendor: str) -> AccessPointFound:
    return AccessPointFound(
        bssid=bytes([2, 0, 0, 0, 0, number]), ssid=b"net", hidden=False, channel=1, freq=2412, band="2.4",
        security=Protection.OPEN, pmf=Pmf.NONE, wps=False, vendor=vendor, rssi=None,
    )  # fmt: skip


async def test_it_can_be_tested_alone(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(installed)
    from whimbrel_census import Census, VendorLeads

    async with run_module(Census) as lab:
        await lab.ready()
        lab.publish(found(1, "Acme"), at=5.0)
        assert await lab.event(VendorLeads) == VendorLeads(vendor="Acme", access_points=1)
        lab.publish(found(2, ""))
        lab.publish(found(3, "Other"))
        lab.publish(found(4, "Other"))
        assert await lab.event(VendorLeads) == VendorLeads(vendor="Other", access_points=2)
        await lab.finish()
        assert next(event.time for event in lab.events if isinstance(event.body, VendorLeads)) == 5.0


async def test_its_screen_shows_what_it_publishes(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(installed)
    fake = PANELS.drivers["none"].replace(target="tests.display.panels:FakePanel")
    monkeypatch.setitem(PANELS.drivers, "none", fake)
    from whimbrel_census import Census, CensusSettings, VendorLeads
    from whimbrel_census.screen import LeaderScreen

    def pixels(leads: VendorLeads) -> bytes:
        state = ScreenState()
        state.newest[VendorLeads] = leads
        return LeaderScreen().draw(state, (128, 64)).tobytes()

    def press(*keys: str) -> None:
        for key in keys:
            press.number += 1  # type: ignore[attr-defined]
            for gesture in ("press", "short", "release"):
                sender.publish(Press(key=key, gesture=gesture, gesture_id=press.number))  # type: ignore[attr-defined]

    press.number = 0  # type: ignore[attr-defined]
    bus = Bus()
    sender = bus.sender("test")
    supervisor = Supervisor(bus, DaemonSettings())
    supervisor.add("census", Census, CensusSettings())
    await supervisor.settled("census", PATIENCE)
    for number in (1, 2):
        sender.publish(found(number, "Acme"))
    settings = DisplaySettings(
        driver="none", idle_rate=30, dim_after=Duration(0), off_after=Duration(0), shift=Duration(0)
    )
    sender.publish(RadioOpened(driver="sim", description="simulated air"))
    display = supervisor.add("display", Display, settings)
    await supervisor.settled("display", PATIENCE)
    panel = display.run._panel  # type: ignore[union-attr]
    try:
        lines = ("Access points", "Stations", "Channels", "System", "Vendors")
        press("menu", *("down" for _ in lines[1:]), "ok")
        await until(
            lambda: panel.shown and panel.shown[-1].tobytes() == pixels(VendorLeads(vendor="Acme", access_points=1))
        )
        for number in (3, 4, 5):
            sender.publish(found(number, "Other"))
        await until(
            lambda: panel.shown and panel.shown[-1].tobytes() == pixels(VendorLeads(vendor="Other", access_points=3))
        )
        await supervisor.remove("census")
        press("menu", "menu")
        await until(lambda: not supervisor.screens())
    finally:
        panel.gate.set()
        await supervisor.stop()
