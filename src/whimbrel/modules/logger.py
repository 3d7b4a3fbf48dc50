"""Logger: writes important events as lines to the journal or to stderr, folds storms, and reports losses."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from whimbrel.bus import Closed, Lagged, Subscription
from whimbrel.events.base import KINDS, Event, Level
from whimbrel.events.encode import kind_of
from whimbrel.events.interest import is_bulky, kinds_where, level_of, level_of_body
from whimbrel.events.system import EventsLost, LinesLeftOut
from whimbrel.faults import last_words
from whimbrel.journal.allowance import Shares, octets_of
from whimbrel.journal.fields import JournalLine, line_of
from whimbrel.journal.folding import Fold, StormFolder, phrase
from whimbrel.journal.journald import Journal
from whimbrel.journal.sinks import Sink
from whimbrel.journal.stderr import Stderr
from whimbrel.module import Context, Module, NotReady, Stage
from whimbrel.precedence import people
from whimbrel.settings import Duration, Size, frozen, setting, validates
from whimbrel.wording.quantities import count
from whimbrel.wording.sentences import sentence
from whimbrel.wording.suggestions import no_such

LEVELS = tuple(level.name.lower() for level in Level)
OFF = "off"
_PAUSES = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds between attempts to write to a full or missing journal."""
_LEFT_OUT_EVERY = 60.0
"""Seconds between two lines about lines that are left out."""
_REST = 0.2
"""Seconds for which events may wait after some that were all only counted, unless there is an alarm: in a storm a wake
costs more than what is counted."""
_ALARMS = kinds_where("alarms", lambda kind: level_of(kind) <= Level.WARNING)
_LAST_PATIENCE = 2.0
"""Seconds that a stop waits in all for a sink without room."""


@frozen
class LoggerSettings:
    """The written events, and their destination."""

    to: str = setting(
        "auto",
        choices=("auto", "journal", "stderr"),
        help="journal: entries with fields, through systemd-python. stderr: lines, for a terminal or another service "
        "manager. auto: the journal where systemd has connected stderr to it ($JOURNAL_STREAM), else stderr. A journal "
        "that cannot be written to is waited for; nothing replaces it.",
    )
    level: str = setting("info", choices=LEVELS, help="The least important level that is written.")
    levels: Mapping[str, str] = setting(
        factory=dict,
        help="Another level for some kinds of event, or off: {station-found: debug, air-report: off}. "
        "docs/events.md lists the kinds.",
    )

    @validates("levels")
    def _check_levels(self, levels: Mapping[str, str]) -> None:
        for kind, level in levels.items():
            if level not in (*LEVELS, OFF):
                raise ValueError(f"levels.{kind}: expected one of {', '.join((*LEVELS, OFF))}, found {level!r}")

    fold: Duration = setting(
        Duration(10.0),
        low=0.0,
        high=3600.0,
        help="Like events within this long of the first are counted and written as one line; 0s writes every one.",
    )
    burst: int = setting(
        50,
        low=1,
        help="Limit of lines of one kind within that time; further ones are counted and summed up too.",
    )
    colour: str = setting(
        "auto",
        choices=("auto", "always", "never"),
        help="Colours on stderr; auto: where it is a terminal and NO_COLOR is not set.",
    )
    form: str = setting(
        "full",
        choices=("full", "short"),
        help="Of lines on stderr. full: date, time, level, kind, sentence. short: time and sentence, wrapped to the "
        "terminal.",
    )
    hourly: Size = setting(
        Size(4 * 1024 * 1024),
        low=65536,
        help="Octets of the journal that everything but alerts and troubles may take in an hour, and half as much "
        "once: seven eighths for what is heard and what is of little importance, an eighth for other notices. What "
        "exceeds it is counted, and told once a minute.",
    )
    queue: int = setting(2048, low=1, high=1_000_000, help="Events that may wait to be written.")


def unknown_kind(kind: str) -> str:
    """Return the message for an unknown kind of event."""
    return no_such("event", kind, KINDS)


@frozen
class Levels:
    """Which level each kind of event has, and which kinds are written."""

    threshold: Level
    changed: Mapping[str, Level | None]
    """By kind; None for off."""

    def of(self, kind: type) -> Level | None:
        """Return the level of a body class; None if it is off."""
        name = getattr(kind, "kind", kind.__name__)
        return self.changed[name] if name in self.changed else level_of(kind)

    def of_body(self, body: object) -> Level | None:
        """Return the level of one body; None if its kind is off."""
        level = self.of(type(body))
        return level_of_body(body) if level is not None and kind_of(body) not in self.changed else level

    def writes(self, body: object) -> bool:
        """Return whether one body is written, of a kind that is wanted."""
        level = self.of_body(body)
        return level is not None and level <= self.threshold

    def wants(self, kind: type) -> bool:
        """Return whether bodies of this class are written."""
        # The findings of a batch become separate events, and a snapshot has nothing new.
        if is_bulky(kind):
            return False
        level = self.of(kind)
        return level is not None and level <= self.threshold


class Logger(Module[LoggerSettings]):
    """Writes events. It can wait for a slow journal; the radio and the bus do not wait for it."""

    Settings = LoggerSettings
    stage: ClassVar[Stage] = Stage.WITNESS

    def __init__(
        self, ctx: Context[LoggerSettings], sink: Sink | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(ctx)
        self._clock = clock
        self.levels = self._read_levels()
        self._written: dict[type, bool] = {}  # by class
        self.written = 0
        """Lines that were written."""
        self.retried = 0
        """Attempts that failed and were made again."""
        self.given_up = 0
        """Lines that could not be written before a stop."""
        self._newest = 0.0  # seconds since the epoch, of the event of the last line
        self._last_call = 0.0  # seconds that the stop has waited for room
        self._sink = sink
        self._alarm = asyncio.Event()
        self._folder = StormFolder(self.settings.fold, self.settings.burst)
        self._shares = Shares(self.settings.hourly, clock())
        self._told_left_out = -_LEFT_OUT_EVERY

    async def run(self) -> None:
        """Write until the subscription ends. Raises `NotReady` if the journal is required and missing."""
        sink = self._sink or self._open()
        interest = kinds_where("written", self.levels.wants)
        sub = self.ctx.subscribe(interest, capacity=self.settings.queue)
        alarms = self.ctx.bus.call(lambda _: self._alarm.set(), _ALARMS, reader=self.ctx.name)
        self.ctx.ready()
        loop = asyncio.get_running_loop()
        swept = loop.time()
        # Half the window, so that a group is summed up within one and a half windows of its source's falling silent.
        period = max(self.settings.fold, 0.1) / 2
        while True:
            await people().wait()
            self._alarm.clear()
            try:
                waiting = await self._read(sub, swept + period - loop.time())
            except Closed:
                break
            lines = self._lines(waiting)
            await self._write(sink, lines)
            if waiting and not lines:
                await self._rest()
            if loop.time() - swept >= period:
                await self._write(sink, self._sums(self._folder.sweep()))
                swept = loop.time()
        alarms.close()
        await self._write(sink, self._sums(self._folder.flush()))
        if self._shares.left_out:
            await self._write(sink, [self._left_out()])
        if self.given_up:
            last_words(f"{count(self.given_up, 'line')} of the journal could not be written before the end")

    @classmethod
    def check(cls, settings: LoggerSettings) -> Iterator[tuple[str, str]]:
        """Yield unknown kinds of events, and a required journal that is missing."""
        for kind in settings.levels:
            if kind not in KINDS:
                yield "levels", unknown_kind(kind)
        if settings.to == "journal":
            try:
                Journal()
            except NotReady as error:
                yield "to", str(error)

    def _open(self) -> Sink:
        to = self.settings.to
        if to == "journal" or (to == "auto" and "JOURNAL_STREAM" in os.environ):
            return Journal()
        return Stderr(sys.stderr, self.settings.colour, self.settings.form)

    def _read_levels(self) -> Levels:
        for kind in self.settings.levels:
            if kind not in KINDS:
                self.ctx.warn(f"levels.{kind}", f"logger.levels: {unknown_kind(kind)}")
        changed = {kind: None if name == OFF else Level[name.upper()] for kind, name in self.settings.levels.items()}
        return Levels(Level[self.settings.level.upper()], changed)

    async def _rest(self) -> None:
        """Let events wait for a moment, or until there is an alarm."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REST):
                await self._alarm.wait()

    async def _read(self, sub: Subscription, patience: float) -> list[Event | Lagged]:
        """Return the waiting events, none after `patience` seconds. Raises `Closed`."""
        if waiting := sub.read_waiting():
            return waiting
        try:
            async with asyncio.timeout(max(patience, 0.0)):
                return await sub.read_all()
        except TimeoutError:
            return []

    def concerns(self, event: Event) -> bool:
        """Return whether an event is to be written by this process at all."""
        return True

    def _lines(self, waiting: Iterable[Event | Lagged]) -> list[JournalLine]:
        lines: list[JournalLine] = []
        for item in waiting:
            if isinstance(item, Lagged):
                lines.append(self._missed(item.lost))
            elif self.concerns(item) and self._writes(item.body) and (folds := self._folder.take(item)):
                lines.extend(self._sums(folds))
        return lines

    def _writes(self, body: object) -> bool:
        """Return whether one body is written; the answer is kept for a class whose bodies all have the same level."""
        kind = type(body)
        written = self._written.get(kind)
        if written is None:
            written = self.levels.writes(body)
            if not hasattr(body, "urgency"):
                self._written[kind] = written
        return written

    def _sums(self, folds: Iterable[Fold]) -> list[JournalLine]:
        lines = [line for fold in folds if (line := self._allowed(fold)) is not None]
        if self._shares.left_out and self._clock() - self._told_left_out >= _LEFT_OUT_EVERY:
            lines.append(self._left_out())
        return lines

    def _allowed(self, fold: Fold) -> JournalLine | None:
        """Return the line of an event, None where its kind has had its share of the journal."""
        line = self._line(fold)
        return line if self._shares.take(fold.event.body, octets_of(line), self._clock()) else None

    def _left_out(self) -> JournalLine:
        self._told_left_out = self._clock()
        return self._own(LinesLeftOut(lines=self._shares.report()))

    def _line(self, fold: Fold) -> JournalLine:
        body: Any = fold.event.body
        line = line_of(fold.event, self.levels.of_body(body) or Level.INFO, sentence(body))
        if not fold.repeats:
            self._newest = line.time
            return line
        fields = {**line.fields, "WHIMBREL_REPEATED": b"%d" % fold.repeats}
        return line._replace(message=line.message + phrase(fold), fields=fields, time=self._now(line.time))

    def _now(self, time: float) -> float:
        """Return the time of a sum whose last event was at `time`: not before the lines already written.

        Modules may have different times, for example if one replays a capture from last year.
        """
        behind = self._newest - time
        return self._newest if 0 < behind <= 2 * max(self.settings.fold, 1.0) else time

    def _missed(self, lost: int) -> JournalLine:
        return self._own(EventsLost(reader=self.ctx.name, lost=lost))

    def _own(self, body: EventsLost | LinesLeftOut) -> JournalLine:
        """Return a line of the logger's own."""
        event = Event(self.ctx.bus.seq, self.ctx.bus.clock(), self.ctx.name, body)
        return line_of(event, self.levels.of(type(body)) or type(body).level, sentence(body))

    async def _write(self, sink: Sink, lines: list[JournalLine]) -> None:
        for index, line in enumerate(lines):
            if not await self._write_one(sink, line):
                self.given_up += len(lines) - index
                return

    async def _write_one(self, sink: Sink, line: JournalLine) -> bool:
        """Write one line, waiting for room; False where a stop did not leave the time."""
        attempt = 0
        while True:
            try:
                if sink.has_room():
                    sink.write(line)
                    self.written += 1
                    if attempt:
                        self.ctx.clear("sink")
                    return True
                problem = "it takes no lines"
            except OSError as error:
                problem = error.strerror or str(error)
            self.retried += 1
            pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
            attempt += 1
            if attempt > 2:
                self.ctx.warn("sink", f"cannot write to {self.settings.to}: {problem}; tried again until it works")
            if self.ctx.stopping.is_set():
                self._last_call += pause
                if self._last_call > _LAST_PATIENCE:
                    return False
            await asyncio.sleep(pause)
