from __future__ import annotations

from pathlib import Path

import pytest
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.module import Context
from whimbrel.outbox import use
from whimbrel.outbox.store import Outbox, OutboxEntry
from whimbrel.outbox.use import in_use, warn_of_troubles
from whimbrel.siem.settings import SyslogSettings


def context(path: Path) -> Context[SyslogSettings]:
    return Context("syslog", SyslogSettings(file=path), Bus())


async def test_damage_and_losses_are_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    path.write_bytes(b"not a database " * 1000)
    outbox = Outbox(path, 10)
    ctx = context(path)
    async with in_use(outbox, ctx):
        assert ctx.warnings["file"].startswith(f"{path} was damaged and is queue.db.damaged")
        assert await outbox.put([OutboxEntry(str(number)) for number in range(10)]) == 10
        warn_of_troubles(outbox, ctx)
        assert "lost" not in ctx.warnings
        await outbox.put([OutboxEntry("more")])
        warn_of_troubles(outbox, ctx)
        assert ctx.warnings["lost"] == "1 were lost so far: more waited than modules.syslog.queue"


async def test_a_sound_file_is_opened_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    ctx = context(path)
    for kept in (0, 1):
        outbox = Outbox(path, 10)
        async with in_use(outbox, ctx):
            assert outbox.waiting == kept
            await outbox.put([OutboxEntry("kept", key="1")])
    assert ctx.warnings == {}


async def test_a_disk_that_takes_nothing_is_warned_of_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use, "_LOOK", 0.01)
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "queue.db"
    outbox, ctx = Outbox(path, 10), context(path)
    async with in_use(outbox, ctx):
        assert "does not outlast a restart" in ctx.warnings["disk"]
        assert str(path) in ctx.warnings["disk"]
        await outbox.put([OutboxEntry("a")])
        (tmp_path / "file").unlink()
        await until(lambda: ctx.warnings == {})
        assert path.exists()
