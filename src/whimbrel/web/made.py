"""Pages and files that a command makes: in a process of its own, so that this one stays small; one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from whimbrel.text import harmless
from whimbrel.web.answers import Refusal

PATIENCE = 120.0
"""Seconds that one may take: a Pi Zero draws a report in twenty."""
MOST = 64 << 20
"""Octets of one; what is longer is cut, and its connection broken."""
_WAITING = 3
"""Requests that wait for their turn; one more is refused."""
_PIECE = 65536
_ERROR = 2000
_UNREACHABLE = 4
"""The exit status of a command that does not reach the daemon (`whimbrel.cli.exits`)."""
_OF_THE_SERVICE = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "CREDENTIALS_DIRECTORY"})


class Maker:
    """Runs commands of ``whimbrel``, or other modules of it that print something, one after the other."""

    def __init__(self, socket: Path | None) -> None:
        """`socket`: the daemon's, for those who only look; None where there is none."""
        self._socket = socket
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def pieces(self, *arguments: str, module: str = "whimbrel") -> AsyncGenerator[bytes, None]:
        """Yield what a command writes, or a `module` that is none.

        Raises `Refusal` where it fails before it has written anything, and OSError where it fails later.
        """
        if self._waiting >= _WAITING:
            raise Refusal(503, "others are being made already", retry=10.0)
        self._waiting += 1
        try:
            async with (
                self._turn,
                asyncio.timeout(PATIENCE),
                contextlib.aclosing(self._run(module, arguments)) as pieces,
            ):
                async for piece in pieces:
                    yield piece
        except TimeoutError:
            raise Refusal(503, f"it took longer than {PATIENCE:g} s", retry=30.0) from None
        finally:
            self._waiting -= 1

    async def _run(self, module: str, arguments: tuple[str, ...]) -> AsyncGenerator[bytes, None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=_environment(self._socket), start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(process.stderr.read(_ERROR))
        written = 0
        try:
            while piece := await process.stdout.read(_PIECE):
                written += len(piece)
                if written > MOST:
                    raise OSError(f"{module} writes more than {MOST} octets")
                yield piece
            if await process.wait() != 0:
                said = (await errors).decode("utf-8", "replace").strip()
                if written:
                    raise OSError(said)
                raise Refusal(503 if process.returncode == _UNREACHABLE else 404, _reason(said), retry=2.0)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            errors.cancel()
            await asyncio.gather(errors, return_exceptions=True)


def _environment(socket: Path | None) -> dict[str, str]:
    """Return the variables of a command: those of this process, less what is for it alone."""
    ours = {name: value for name, value in os.environ.items() if name not in _OF_THE_SERVICE}
    return ours | {"NO_COLOR": "1"} | ({"WHIMBREL_SOCKET": str(socket)} if socket is not None else {})


def _reason(said: str) -> str:
    """Return the last line of an error that says something."""
    lines = [harmless(line).removeprefix("whimbrel: ") for line in said.splitlines() if line.strip()]
    return lines[0] if lines else "the command failed"
