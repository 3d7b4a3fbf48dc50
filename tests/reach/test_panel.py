"""The news for the panel: written at once, kept fresh, gone at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.lab.waiting import until

from whimbrel import reach_files
from whimbrel.events.reach import BrokerConnected, BrokerLost
from whimbrel.reach import panel
from whimbrel.reach.panel import PanelNews
from whimbrel.testing import run_module


def shown(key: str) -> object:
    return (reach_files.read(reach_files.STATE) or {}).get(key)


async def test_news_is_written_and_gone_with_the_process() -> None:
    async with run_module(PanelNews) as lab:
        await lab.ready()
        await until(lambda: reach_files.read(reach_files.STATE) == {})
        lab.publish(BrokerLost(reason="refused", waiting=2))
        await until(lambda: shown("broker") == "refused")
        lab.publish(BrokerConnected(broker="localhost:1883", waiting=1))
        await until(lambda: (shown("broker"), shown("broker_waiting")) == ("connected", 1))
        await lab.finish()
    assert reach_files.read(reach_files.STATE) is None


async def test_it_is_kept_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "EVERY", 0.01)
    path = reach_files.folder() / reach_files.STATE
    async with run_module(PanelNews) as lab:
        await until(path.exists)
        first = path.stat().st_mtime_ns
        await until(lambda: path.stat().st_mtime_ns > first)
        await lab.finish()


async def test_a_folder_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "file"))
    async with run_module(PanelNews) as lab:
        await until(lambda: "learns nothing" in lab.ctx.warnings.get("panel", ""))
        await lab.finish()
