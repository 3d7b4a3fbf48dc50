from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until

from whimbrel.command import run


def script(folder: Path, text: str) -> str:
    file = folder / "program"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_all_went_well(tmp_path: Path) -> None:
    program = script(tmp_path, f'printf "%s|" "$@" > {tmp_path}/arguments; echo not a complaint >&2')
    assert await run((program, "two words", "$HOME; exit 1"), 10.0) == ""
    assert (tmp_path / "arguments").read_text() == "two words|$HOME; exit 1|"


async def test_what_it_complained_of_is_told_in_one_line(tmp_path: Path) -> None:
    program = script(tmp_path, r'printf "Call failed:\n  \033[1mdenied\n" >&2; exit 3')
    assert await run((program,), 10.0) == rf"{program} ended with status 3: Call failed: \x1b[1mdenied"


async def test_long_complaints_are_cut(tmp_path: Path) -> None:
    program = script(tmp_path, "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1")
    assert len(await run((program,), 10.0)) < 1000


async def test_a_signal(tmp_path: Path) -> None:
    program = script(tmp_path, "kill -TERM $$")
    assert await run((program,), 10.0) == f"{program} was ended by SIGTERM"


@pytest.mark.parametrize("name", ["/nowhere/at-all", "/etc/passwd", "a\0b"])
async def test_no_program(name: str) -> None:
    assert "cannot be run" in await run((name,), 10.0)


async def test_too_long_and_whom_it_has_started(tmp_path: Path) -> None:
    program = script(tmp_path, f"sleep 1000 & echo $! > {tmp_path}/child; wait")
    assert await run((program,), 0.5) == f"{program} had not ended after 0.5 s and was killed"
    child = int((tmp_path / "child").read_text())
    await until(lambda: not alive(child))


async def test_cancelled(tmp_path: Path) -> None:
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    program = script(tmp_path, f"echo $$ > {fifo}; exec sleep 1000")
    task = asyncio.create_task(run((program,), 1000.0))
    pid = int(await asyncio.to_thread(fifo.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)


async def test_cancelled_while_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    create = asyncio.create_subprocess_exec

    async def slowly(*args: Any, **more: Any) -> asyncio.subprocess.Process:
        process = await create(*args, **more)
        begun.set()
        await go_on.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slowly)
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    program = script(tmp_path, f"sleep 1000 & echo $! > {fifo}; wait")
    task = asyncio.create_task(run((program,), 1000.0))
    child = int(await asyncio.to_thread(fifo.read_text))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not alive(child))
