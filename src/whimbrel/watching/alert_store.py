"""The file in which alerts outlast the process: read once at the start, written seldom and atomically.

If a history keeps the alerts, the file holds only the next number, so that numbers never start again.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whimbrel.detections import alert_memory
from whimbrel.files import read_regular
from whimbrel.late import late_pattern
from whimbrel.watching import state_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from whimbrel.detections.alert_table import AlertTable
    from whimbrel.detections.base import Detection
    from whimbrel.module import Context
    from whimbrel.watching.acknowledgements import Acknowledgements

NAME = "alerts.json"
_VERSION = 1
_LOOK = 2.0
"""Seconds between two checks for changes."""
_PAUSE = 60.0
"""Seconds between two writes, to spare the SD card. Acknowledgements are written at the next check."""
_AHEAD = 100
"""Numbers reserved by each write. Only numbers on the card are published, so none is used twice after a loss of
power."""
_SLICE = 8
"""Alerts converted at a time before other modules can run: a Pi Zero takes about a millisecond for each."""
_LARGEST = 2 * 1024 * 1024
"""Limit of the file in octets: ten times the size of 128 alerts with the longest texts."""
_NEXT = late_pattern(rb'"next": ?(\d{1,12})')
_KEY = "remembered"


class AlertStore:
    """Keeps `alerts` and acknowledgements in a file; `file` None: in the state directory, /dev/null: nowhere."""

    def __init__(self, ctx: Context[Any], alerts: AlertTable, seen: Acknowledgements, file: Path | None) -> None:
        self.file = state_file.default_path(NAME) if file is None else file
        self._ctx = ctx
        self._alerts = alerts
        self._seen = seen
        self._kept = self.file != Path(os.devnull)
        self._reserved = 0  # the last number that the file reserves
        self._one_by_one = asyncio.Lock()
        self._published = asyncio.Event()
        self._published.set()
        self._failed = -_LOOK  # when the card did not take it, on the loop's clock
        self._writing: asyncio.Future[None] | None = None
        self._written = (0, 0)  # counts of changes and of acknowledgements in the file
        self._retired = False

    async def open(self, find: Callable[[str], Detection[Any] | None]) -> None:
        """Load the file; a damaged one is renamed, with a warning.

        `find` returns the detection of a rule; alerts of rules that no longer exist are left out.
        """
        if not self._kept:
            return
        content = b""
        try:
            content = await asyncio.to_thread(_read, self.file)
            if content:
                self._take(json.loads(content), find)
        except OSError as error:
            self._ctx.warn(_KEY, f"earlier alerts are not known: {self.file}: {error.strerror}")
        except (ValueError, RecursionError) as error:
            await self._set_aside(content, error)
        self._written = self._state()

    async def run(self) -> None:
        """Write changes now and then, until cancelled."""
        clock = asyncio.get_running_loop().time
        last = clock() - _PAUSE
        while self._kept:
            changed, seen = self._state()
            if self._retired:
                changed, seen = self._written
            urgent = self.lacks or seen != self._written[1]
            if urgent or (changed != self._written[0] and clock() - last >= _PAUSE):
                async with self._one_by_one:
                    await self._write(ahead=_AHEAD)
                last = clock()
            await asyncio.sleep(_LOOK)

    async def close(self) -> None:
        """Write the last state, and release the reserved numbers."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        changed = not self._retired and self._state() != self._written
        if self._kept and (changed or self._reserved > self._alerts.number):
            await self._write(ahead=0)

    @property
    def lacks(self) -> bool:
        """Whether an alert was raised with a number that is not on the card."""
        return self._alerts.number > self._reserved

    async def reserve(self, more: int = 0) -> None:
        """Write the numbers of all alerts to the card before they are published, and at least `more` of them. A failing
        card is tried again at the next check: meanwhile alerts are published without.
        """
        clock = asyncio.get_running_loop().time
        async with self._one_by_one:
            short = self._alerts.number + more > self._reserved
            if self._kept and short and clock() - self._failed >= _LOOK:
                await self._write(ahead=_AHEAD)

    async def publish(self, tell: Callable[[], object]) -> None:
        """Call `tell`, which publishes new alerts, once their numbers are on the card."""
        self._published.clear()
        try:
            await self.reserve()
            tell()
        finally:
            self._published.set()

    async def published(self) -> None:
        """Wait until each alert is published. An answer about one before its event would let a person acknowledge it
        before its listeners know it, and they would then take it as new."""
        while not self._published.is_set():
            await self._published.wait()

    def retire(self) -> None:
        """Keep only the numbers from now on, because a history keeps the alerts."""
        if not self._retired:
            self._retired = True
            self._reserved = 0  # so that the alerts leave the file at the next look

    def resume(self) -> None:
        """Keep the alerts again."""
        if self._retired:
            self._retired = False
            self._written = (-1, 0)

    def _state(self) -> tuple[int, int]:
        return self._alerts.changes, len(self._seen.ranks)

    def _take(self, value: object, find: Callable[[str], Detection[Any] | None]) -> None:
        """Raises ValueError."""
        if not isinstance(value, dict) or value.get("version") != _VERSION:
            raise ValueError(f"expected version {_VERSION} of it")
        number, ranks = value.get("next"), value.get("seen")
        if not isinstance(number, int) or number < 1 or not isinstance(ranks, dict):
            raise ValueError("expected the next number, and the acknowledgements")
        if not all(isinstance(rank, int) for rank in ranks.values()):
            raise ValueError("seen: expected ranks of severities")
        standings = list(alert_memory.restored(value.get("alerts"), find))
        for standing in standings:
            self._alerts.restore(standing)
        self._alerts.number = max(self._alerts.number, number - 1)
        self._reserved = self._alerts.number
        self._seen.ranks.update(ranks)

    async def _set_aside(self, content: bytes, error: Exception) -> None:
        """Keep the damaged file for inspection, and continue after the numbers in it."""
        if found := _NEXT.search(content):
            self._alerts.number = max(self._alerts.number, int(found[1]) - 1)
        aside = self.file.with_name(f"{self.file.name}.damaged")
        try:
            await asyncio.to_thread(os.replace, self.file, aside)
        except OSError as failed:
            self._ctx.warn(_KEY, f"{self.file} is damaged ({error}) and cannot be moved away: {failed.strerror}")
        else:
            self._ctx.warn(_KEY, f"{self.file} is damaged ({error}); it is now {aside.name}, alerts start empty")

    async def _write(self, ahead: int) -> None:
        state = self._state()
        rows: list[dict[str, Any]] = []
        seen = {} if self._retired else dict(self._seen.ranks)
        for number, standing in enumerate([] if self._retired else reversed(list(self._alerts)), 1):
            rows.append(alert_memory.written(standing))
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        reserved = self._alerts.number + ahead
        value = {"version": _VERSION, "next": reserved + 1, "seen": seen, "alerts": rows}
        # Cancellation does not stop the thread: the next write waits for it.
        self._writing = asyncio.ensure_future(asyncio.to_thread(_replace, self.file, value))
        try:
            await asyncio.shield(self._writing)
        except OSError as error:
            self._failed = asyncio.get_running_loop().time()
            self._ctx.warn(_KEY, f"a restart would forget the alerts: cannot write {self.file}: {error.strerror}")
        else:
            self._ctx.clear(_KEY)
            self._written, self._reserved = state, reserved


def _read(path: Path) -> bytes:
    """Return the contents of the file, empty if there is none. Raises OSError and ValueError."""
    try:
        content = read_regular(path, _LARGEST)
    except FileNotFoundError:
        return b""
    if not content:
        raise ValueError("it is empty")
    if len(content) > _LARGEST:
        raise ValueError(f"more than {_LARGEST} octets")
    return content


def _replace(path: Path, value: dict[str, Any]) -> None:
    state_file.replace(path, json.dumps(value) + "\n")
