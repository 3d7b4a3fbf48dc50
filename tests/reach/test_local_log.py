"""The logger of the second process."""

from __future__ import annotations

from whimbrel.events.base import Event
from whimbrel.events.system import DaemonReady
from whimbrel.modules.logger import Logger, LoggerSettings
from whimbrel.reach.local_log import local_logger
from whimbrel.testing import run_module


async def test_it_leaves_out_what_others_publish() -> None:
    kind = local_logger(lambda source: source == "reach")
    async with run_module(kind, LoggerSettings(to="stderr"), name="logger") as lab:
        await lab.ready()
        assert isinstance(lab.module, Logger)
        assert lab.module.concerns(Event(1, 0.0, "reach", DaemonReady(seconds=1.0)))
        assert not lab.module.concerns(Event(1, 0.0, "watcher", DaemonReady(seconds=1.0)))
        lab.publish(DaemonReady(seconds=1.0))  # by "test"
        await lab.finish()
        assert lab.module.written == 0
