"""Daemons in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.lab.browser import browser
from tests.lab.watched_air import WatchedAir

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MODULES = Path(__file__).parent / "modules"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.process)


@pytest.fixture
def extra_modules(tmp_path: Path) -> dict[str, str]:
    """Return the environment in which the modules ``misbehaving``, ``leaving``, ``collecting`` and ``telling`` are
    installed."""
    site = tmp_path / "site"
    info = site / "extra_modules-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extra-modules\nVersion: 0\n")
    (info / "entry_points.txt").write_text(
        "[whimbrel.modules]\nmisbehaving = misbehaving:Misbehaving\ncollecting = collecting:Collecting\n"
        "telling = telling:Telling\nleaving = leaving:Leaving\n"
    )
    return {"PYTHONPATH": os.pathsep.join((str(site), str(MODULES))), "LEAVING": str(tmp_path / "leaving")}


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    """Return a browser that all tests of a file have."""
    with browser() as started:
        yield started


@pytest.fixture
def air(tmp_path: Path) -> WatchedAir:
    """Return the settings of a daemon and of reach with the page, to be started."""
    return WatchedAir(tmp_path)
