"""The module that docs/contributing/your-own-module.md makes: its files are taken from the page, installed and run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.process.daemon import SIMULATED, DaemonProcess
from tools.trial import PAGES, read

from whimbrel.client import BlockingClient


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files of the page."""
    folder = tmp_path_factory.mktemp("rough")
    for path, text in read((PAGES / "your-own-module.md").read_text(encoding="utf-8")).new.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(folder), str(package)], check=True, capture_output=True, text=True)
    return folder


def test_its_own_tests_pass(package: Path, site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "tests"],
        cwd=package, env=os.environ | {"PYTHONPATH": str(site)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_it_is_clean(package: Path) -> None:
    for command in (
        ["ruff", "check", "--select", "E,F,B,D1", "--ignore", "D107", "--line-length", "120"],
        ["mypy", "--strict"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command, "src"],
            cwd=package, env=os.environ | {"MYPYPATH": "src"}, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


@pytest.mark.process
def test_the_daemon_loads_it_by_its_name(site: Path, tmp_path: Path) -> None:
    settings = SIMULATED + f"  rough: {{path: {tmp_path}/list}}\n"
    with DaemonProcess(tmp_path, settings, environment={"PYTHONPATH": str(site)}) as daemon:
        daemon.wait_for_state("rough", "ready")
        with BlockingClient(daemon.socket) as client:
            assert "roughest" in client.ask("help")["verbs"]
        assert daemon.stop() == 0
