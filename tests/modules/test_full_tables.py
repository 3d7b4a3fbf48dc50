"""With full tables nothing holds the loop: whole-table work is done in slices, and others have their turns between."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until
from tests.survey.air import beacon, probe

from whimbrel.bus import Policy
from whimbrel.events.device import AirSnapshot
from whimbrel.events.radio import FrameBatch
from whimbrel.module import Context
from whimbrel.modules.control import Control, ControlSettings
from whimbrel.modules.watcher import Watcher
from whimbrel.stall import StallMonitor
from whimbrel.testing import PATIENCE, Lab, run_module

ACCESS_POINTS, STATIONS = 512, 2048
HELD = 0.030
"""Seconds of the processor's time that no step may take. A Zero is slower than what this runs on; rows between two
turns, which the other tests count, hold there too."""


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[tuple[Lab, Path, StallMonitor]]:
    """A watcher whose tables are full, and a control socket on its bus."""
    loop = asyncio.get_running_loop()
    steps = StallMonitor(HELD, clock=time.thread_time)
    async with run_module(Watcher) as lab:
        await lab.ready()
        frames = [beacon(b"net %d" % i, bssid=b"\0\x11\x22" + i.to_bytes(3, "big")) for i in range(ACCESS_POINTS)]
        frames += [probe(b"home %d" % i, ta=b"\0\x12\x22" + i.to_bytes(3, "big")) for i in range(STATIONS)]
        for start in range(0, len(frames), 64):
            lab.publish(FrameBatch(frames=frames[start : start + 64]))
            await asyncio.sleep(0)
        survey = lab.ctx.verbs.find("survey")
        assert survey is not None
        rows: Any = None
        deadline = time.monotonic() + PATIENCE
        while rows is None or len(rows.stations) < STATIONS - 64:
            assert time.monotonic() < deadline
            rows = await survey({})
        path = tmp_path / "control.sock"
        ctx: Context[ControlSettings] = Context("control", ControlSettings(socket=path), lab.ctx.bus, lab.ctx.verbs)
        steps.install(loop)
        task = asyncio.create_task(Control(ctx).run())
        await until(ctx.is_ready.is_set)
        steps.take()
        yield lab, path, steps
        loop.set_task_factory(None)
        ctx.stop()
        await asyncio.wait_for(task, PATIENCE)
        ctx.release()


async def turns_during(work: Callable[[], Any]) -> int:
    """Return how many turns somebody else has while something is done."""
    turns = 0
    over = False

    async def other() -> None:
        nonlocal turns
        while not over:
            turns += 1
            await asyncio.sleep(0)

    watching = asyncio.create_task(other())
    await work()
    over = True
    await watching
    return turns


async def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(str(path), limit=1 << 24)
    writer.write(json.dumps(request).encode() + b"\n")
    answer: dict[str, Any] = json.loads(await asyncio.wait_for(reader.readline(), PATIENCE))
    writer.close()
    await writer.wait_closed()
    return answer


async def test_the_survey_is_answered_in_slices(full: tuple[Lab, Path, StallMonitor]) -> None:
    _, path, steps = full
    answers: list[dict[str, Any]] = []

    async def work() -> None:
        answers.append(await ask(path, {"verb": "survey"}))

    turns = await turns_during(work)
    result = answers[0]["result"]
    rows = len(result["access_points"]) + len(result["stations"])
    assert rows > 2000
    assert turns > 2 * rows / 16, "rows are made, and written, sixteen at a time at most"
    assert "control" not in steps.take()


async def test_a_snapshot_is_written_once_for_all_who_follow(
    full: tuple[Lab, Path, StallMonitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, path, steps = full
    from whimbrel.control import following
    from whimbrel.modules import control

    written: list[int] = []
    once = following.written_slowly

    async def counted(event: Any) -> list[bytes]:
        written.append(event.seq)
        return await once(event)

    monkeypatch.setattr(control, "written_slowly", counted)
    lines: list[bytes] = []

    async def follow() -> None:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=1 << 24)
        writer.write(b'{"verb":"tail","kinds":["air-snapshot"]}\n')
        await reader.readline()
        lines.append(await asyncio.wait_for(reader.readline(), PATIENCE))
        writer.close()

    sub = lab.ctx.bus.subscribe(AirSnapshot, reader="test", policy=Policy.LATEST)
    await asyncio.gather(*(follow() for _ in range(6)))
    assert len(written) == len(set(written)), "one snapshot was written twice"
    assert all(len(json.loads(line)["body"]["stations"]) > 1900 for line in lines)
    assert "control" not in steps.take()
    sub.close()
