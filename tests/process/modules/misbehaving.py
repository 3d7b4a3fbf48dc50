"""A module that misbehaves according to its settings."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Literal

from whimbrel.events.air import AirReport
from whimbrel.events.base import Body
from whimbrel.events.radio import FrameBatch
from whimbrel.module import Module, NotReady
from whimbrel.settings import frozen, setting
from whimbrel.verbs.declare import Verb


@frozen
class MisbehavingSettings:
    how: Literal[
        "raise", "hang", "block", "ignore", "missing", "exit", "die", "exit-child", "exit-callback", "exit-verb",
        "thread", "worker", "thread-error", "callback-errors", "repr", "text-as-time", "batch", "posted",
    ] = setting(help="What it does.")  # fmt: skip


class Dying(BaseException):
    """An error that no `except Exception` takes."""


class Sulking:
    """A value that cannot be shown."""

    def __repr__(self) -> str:
        raise ValueError("I will not be shown")


class Sulked(Body):
    """Nonsense."""

    value: object


async def _exit(_module: Any) -> None:
    sys.exit(0)


async def _die(_module: Any) -> None:
    raise Dying("not even an Exception")


async def _exit_child(_module: Any) -> None:
    await asyncio.gather(_exit(None))


async def _exit_callback(_module: Any) -> None:
    asyncio.get_running_loop().call_soon(sys.exit, 0)
    await asyncio.sleep(3600)


async def _exit_verb(module: Any) -> None:
    module.ctx.serve(Verb("leave", str, "leaves"), _exit)
    await asyncio.sleep(3600)


async def _thread(_module: Any) -> None:
    threading.Thread(target=time.sleep, args=(3600,), name="stubborn").start()
    await asyncio.sleep(3600)


async def _worker(_module: Any) -> None:
    await asyncio.to_thread(time.sleep, 3600)


async def _thread_error(_module: Any) -> None:
    while True:
        threading.Thread(target=int, args=("no number",), name="careless").start()
        await asyncio.sleep(0.001)


async def _callback_errors(_module: Any) -> None:
    while True:
        for _ in range(100):
            asyncio.get_running_loop().call_soon(int, "no number")
        await asyncio.sleep(0.001)


async def _repr(module: Any) -> None:
    module.ctx.publish(Sulked(value=Sulking()))


async def _text_as_time(module: Any) -> None:
    values: dict[str, Any] = dict.fromkeys(AirReport.fields, "soon")
    module.ctx.publish(AirReport(**values), at="yesterday")


async def _batch(module: Any) -> None:
    frames: list[Any] = [None, "frame"]
    module.ctx.publish(FrameBatch(frames=frames, freq=2412))


async def _posted(module: Any) -> None:
    module.ctx.open_door()
    threading.Thread(target=module.ctx.post, args=(Sulked(value=Sulking()),)).start()
    await asyncio.sleep(3600)


ENDINGS = {
    "exit": _exit, "die": _die, "exit-child": _exit_child, "exit-callback": _exit_callback, "exit-verb": _exit_verb,
    "thread": _thread, "worker": _worker, "thread-error": _thread_error, "callback-errors": _callback_errors,
    "repr": _repr, "text-as-time": _text_as_time, "batch": _batch, "posted": _posted,
}  # fmt: skip


class Misbehaving(Module[MisbehavingSettings]):
    Settings = MisbehavingSettings

    async def run(self) -> None:
        how = self.settings.how
        if how == "missing":
            raise NotReady("no /dev/nothing")
        if how == "hang":
            await asyncio.sleep(3600)
        self.ctx.ready()
        if how == "raise":
            raise ValueError("this module raises")
        if how in ENDINGS:
            await ENDINGS[how](self)
        if how == "block":
            await asyncio.to_thread(Path(os.environ["BLOCK"]).read_bytes)  # a pipe, which the test opens
            time.sleep(3600)  # noqa: ASYNC251  # what a module must not do is what is tested
        while how == "ignore":
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue
