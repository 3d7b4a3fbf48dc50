"""The daemon in a process of its own, in the guest, and what it says."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.vm.guest.checks import check, say


@contextlib.asynccontextmanager
async def daemon(settings: str, path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the daemon with settings that are written to `path`; it has to end well."""
    await asyncio.to_thread(path.write_text, settings)
    argv = (sys.executable, "-m", "whimbrel", "run", "-c", str(path))
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield process
        process.terminate()
        check(await process.wait() == 0, process.returncode)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def line_with(process: asyncio.subprocess.Process, text: str) -> str:
    """Read what the daemon says until it says this."""
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        say("NOTE  said:" if text in line else "     ", line.rstrip())
        if text in line:
            return line
    raise AssertionError(f"the daemon ended before it said {text}")
