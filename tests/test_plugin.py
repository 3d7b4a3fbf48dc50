"""A third-party module, in a package of its own, is installed and loaded by its name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.events.air import AccessPointFound
from whimbrel.testing import run_module
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


async def test_it_can_be_tested_alone(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(installed)
    from whimbrel_census import Census, VendorLeads

    def found(number: int, vendor: str) -> AccessPointFound:
        return AccessPointFound(
            bssid=bytes([2, 0, 0, 0, 0, number]), ssid=b"net", hidden=False, channel=1, freq=2412, band="2.4",
            security=Protection.OPEN, pmf=Pmf.NONE, wps=False, vendor=vendor, rssi=None,
        )  # fmt: skip

    async with run_module(Census) as lab:
        await lab.ready()
        lab.publish(found(1, "Acme"), at=5.0)
        assert await lab.event(VendorLeads) == VendorLeads(vendor="Acme", access_points=1)
        lab.publish(found(2, ""))
        lab.publish(found(3, "Other"))
        lab.publish(found(4, "Other"))
        assert await lab.event(VendorLeads) == VendorLeads(vendor="Other", access_points=2)
        await lab.finish()
        assert lab.events[0].time == 5.0
