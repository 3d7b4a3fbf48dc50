"""Runs a program from the settings: without a shell, with a time limit, and keeps its error output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence

from whimbrel.text import printable

_KEPT = 500
"""Octets of the program's error output that are kept."""
_DEATH = 2.0
"""Seconds to wait for a killed program; one that hangs inside the kernel never ends."""


async def run(program: Sequence[str], patience: float, said: bytes = b"") -> str:
    """Run `program` (its name and arguments); return the error in one line, empty on success.

    `said` is what it reads from its standard input. The program and its children are killed after `patience` seconds,
    and when this coroutine is cancelled.
    """
    # Not pipes: a process that it leaves behind could keep one open for ever, and one that reads nothing blocks.
    complaint = os.memfd_create("complaint")
    given = os.memfd_create("given")
    try:
        os.pwrite(given, said, 0)
        problem = await _run(program, patience, given, complaint)
        complained = os.pread(complaint, _KEPT, 0).decode("utf-8", "replace") if problem else ""
    finally:
        os.close(complaint)
        os.close(given)
    words = printable(" ".join(complained.split()))
    return f"{problem}: {words}" if words else problem


async def _run(program: Sequence[str], patience: float, given: int, complaint: int) -> str:
    try:
        process = await _start(program, given, complaint)
    except (OSError, ValueError) as error:  # ValueError: a zero octet among the arguments
        return f"{program[0]} cannot be run: {getattr(error, 'strerror', None) or error}"
    try:
        async with asyncio.timeout(patience):
            status = await process.wait()
    except TimeoutError:
        return f"{program[0]} had not ended after {patience:g} s and was killed"
    finally:
        if process.returncode is None:
            await _kill(process)
    if status < 0:
        return f"{program[0]} was ended by {_signal_name(-status)}"
    return f"{program[0]} ended with status {status}" if status else ""


async def _start(program: Sequence[str], given: int, complaint: int) -> Process:
    """Start it; a cancellation meanwhile kills its children too, which asyncio would leave behind."""
    starting = asyncio.ensure_future(
        # It has a session of its own, so that its children can be killed with it.
        asyncio.create_subprocess_exec(*program, stdin=given, stdout=DEVNULL, stderr=complaint, start_new_session=True)
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError, ValueError):
            await _kill(await starting)
        raise


async def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DEATH):
            await process.wait()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
