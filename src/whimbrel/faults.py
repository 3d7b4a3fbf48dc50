"""Errors without a handler: from callbacks, threads, finalisers and libraries. They are all reported here.

Without it asyncio, `threading` and `logging` would write tracebacks to stderr by themselves: as many as there are
errors, and each waits where nobody reads that pipe. Here like errors are counted, the first is published as
`InternalError`, and the rest are summed up once a minute. Nothing waits, whatever thread it comes from.

Nothing here imports a module, opens a file or raises at the time of an error, which may be that no descriptor is left
or that the card no longer reads: what `asyncio` is told by a handler of errors that raises ends the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from whimbrel.events.system import InternalError

if TYPE_CHECKING:
    from whimbrel.bus import Sender

_EVERY = 60.0
"""Seconds between two reports of equal errors."""
_KINDS = 32
"""Limit of distinguished kinds of errors; further ones count as one."""
_LONGEST = 400
"""Characters of an error, and of its places in the code."""
_PLACES = 4
"""Places in the code of one error."""


class _Kind:
    """Equal errors."""

    __slots__ = ("body", "due", "times")

    def __init__(self, body: InternalError) -> None:
        self.body = body
        self.times = 0
        self.due = 0.0


class Faults:
    """Collects the errors of one daemon; `clock` returns monotonic seconds."""

    def __init__(self, sender: Sender, clock: Callable[[], float] = time.monotonic) -> None:
        self._sender = sender
        self._clock = clock
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._called = False
        self._undo = contextlib.ExitStack()

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the errors of `loop`, of threads and finalisers, and what libraries log, until `remove`."""
        self._loop = loop
        loop.set_exception_handler(self._take_from_loop)
        for module, name, hook in (
            (threading, "excepthook", self._take_from_thread),
            (sys, "unraisablehook", self._take_unraisable),
        ):
            self._undo.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, hook)
        handler = _Handler(self)
        logging.getLogger().addHandler(handler)
        self._undo.callback(logging.getLogger().removeHandler, handler)
        self._undo.callback(loop.set_exception_handler, None)

    def remove(self) -> None:
        """Leave later errors to Python."""
        self._undo.close()
        self._loop = None

    def note(self, where: str, error: str, trace: str = "") -> None:
        """Count an error; from any thread."""
        body = InternalError(where=where[:_LONGEST], error=error[:_LONGEST], trace=trace[:_LONGEST])
        with self._lock:
            key = (body.where, body.error)
            if key not in self._kinds and len(self._kinds) >= _KINDS:
                key = ("", "")
            kind = self._kinds.setdefault(key, _Kind(body))
            kind.body = body
            kind.times += 1
            loop = self._loop
            if self._called or loop is None:
                return
            self._called = True
        try:
            loop.call_soon_threadsafe(self.report)
        except RuntimeError:  # the loop is closed: what comes now is nobody's
            return

    def report(self, *, last: bool = False) -> None:
        """Publish due reports; `last`: all of them. On the loop."""
        now = self._clock()
        with self._lock:
            self._called = False
            due = [kind for kind in self._kinds.values() if kind.times and (last or now >= kind.due)]
            bodies = [kind.body.replace(times=kind.times) for kind in due]
            for kind in due:
                kind.times, kind.due = 0, now + _EVERY
            # What has been quiet for long makes room for others.
            for key in [key for key, kind in self._kinds.items() if not kind.times and now >= kind.due + _EVERY]:
                del self._kinds[key]
        for body in bodies:
            self._sender.publish(body)

    def _take_from_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        line, trace = in_words(error) if isinstance(error, BaseException) else ("", "")
        self.note("asyncio", ": ".join(filter(None, (str(context.get("message", "")), line))), trace)

    def _take_from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            name = args.thread.name if args.thread is not None else "a thread"
            self.note(f"thread {name}", *in_words(args.exc_value))

    def _take_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            line, trace = in_words(args.exc_value)
            self.note("Python", ": ".join(filter(None, (args.err_msg or "", line))), trace)


class _Handler(logging.Handler):
    """Receives warnings and worse from libraries' loggers."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(logging.WARNING)
        self._faults = faults

    def emit(self, record: logging.LogRecord) -> None:
        # asyncio's own warnings are those of its debug mode; whoever switches that on looks at stalls differently.
        if record.name == "asyncio" and record.levelno < logging.ERROR:
            return
        try:
            self._note(record)
        except BaseException:  # noqa: BLE001  # it would end the loop: an error that cannot even be counted is lost
            return

    def _note(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except BaseException:  # noqa: BLE001  # a library's wrong format must not be an error of its own
            text = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        error = record.exc_info[1] if record.exc_info else None
        line, trace = in_words(error) if error is not None else ("", "")
        self._faults.note(record.name, ": ".join(filter(None, (text, line))), trace)


def in_words(error: BaseException) -> tuple[str, str]:
    """Return an error in one line, and the places in the code where it was raised, innermost first. Never raises.

    `traceback` would read the sources, and be imported first.
    """
    kind = type(error)
    name = (
        kind.__qualname__ if kind.__module__ in {"builtins", "__main__"} else f"{kind.__module__}.{kind.__qualname__}"
    )
    try:
        text = str(error).strip()
    except BaseException:  # noqa: BLE001  # an error of another package whose text raises
        text = ""
    return f"{name}: {text}" if text else name, " < ".join(reversed(_places(error.__traceback__)))


def _places(trace: TracebackType | None) -> list[str]:
    """Return the last places of a traceback, innermost last."""
    places: deque[str] = deque(maxlen=_PLACES)
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_name} ({code.co_filename.rpartition('/')[2]}:{trace.tb_lineno})")
        trace = trace.tb_next
    return list(places)


def last_words(text: str) -> None:
    """Write a line to stderr where that does not wait; for the moment after the logger has ended."""
    octets = text.encode("utf-8", "backslashreplace")[: select.PIPE_BUF - 1] + b"\n"
    with contextlib.suppress(OSError, ValueError):
        poller = select.poll()
        poller.register(2, select.POLLOUT)
        if any(mask & select.POLLOUT for _, mask in poller.poll(0)):
            os.write(2, octets)
