"""Folding of storms of equal events: the first is written at once, the rest are counted and summed up. Pure.

Time is that of the events, so a replay folds like the live run. `sweep`, which the owner calls now and then, closes the
groups of sources that became quiet.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from whimbrel.events.base import Body, Event, Level
from whimbrel.events.encode import kind_of
from whimbrel.wifi.channels import Channel

MAX_OPEN = 512
"""Limit of groups of like events; beyond it, the oldest is summed up early."""
_TELLING_NUMBERS = frozenset({"reason", "channel"})
_NUMBERS = frozenset({"bool", "int", "float", "int | None", "float | None"})
"""Annotations of fields that tell nothing but for those."""


class Fold(NamedTuple):
    """Something to write: an event itself (`repeats` is 0), or the sum of like events."""

    event: Event
    """The event, or the last one of the group for a sum."""
    repeats: int = 0
    """The number of like events that were not written."""
    seconds: float = 0.0
    """Seconds from the first to the last."""
    lost: int = 0
    """The total of losses, for events that count losses."""
    alike: bool = True
    """False for a group of different events of one kind that came too often."""


class _Group:
    __slots__ = ("alike", "last", "lost", "repeats", "start", "swept")

    def __init__(self, event: Event, *, alike: bool) -> None:
        self.start = event.time
        self.last = event
        self.repeats = 0
        self.lost = 0
        self.alike = alike
        self.swept = False

    def add(self, event: Event) -> None:
        self.last = event
        self.repeats += 1
        self.lost += _lost(event)

    def sum(self) -> Fold:
        return Fold(self.last, self.repeats, max(0.0, self.last.time - self.start), self.lost, self.alike)


class _KindWindow:
    """The number of lines of one kind written since `start`."""

    __slots__ = ("lines", "start")

    def __init__(self, start: float) -> None:
        self.start = start
        self.lines = 0


class StormFolder:
    """Folds a stream of events.

    Like events (`likeness`) within `window` seconds of the first become one sum; and of one kind at most `burst` groups
    within `window` are written one by one, so that a flood of invented access points is folded too. Every event is
    either returned unchanged or counted in exactly one sum. A body with its own `urgency`, such as an alert, is never
    summed up from WARNING on, nor is a part of an incident: alerts are folded by the detections, and none may hide
    another.
    """

    def __init__(self, window: float, burst: int, likeness: Callable[[Event], Hashable] | None = None) -> None:
        self.window = window
        self.burst = burst
        self._likeness = likeness or key_of
        self._groups: dict[str, dict[Hashable, _Group]] = {}  # by source, in the order of their start
        self._kinds: dict[tuple[str, str], _KindWindow] = {}
        self._open = 0

    def take(self, event: Event) -> list[Fold]:
        """Return the sums that are due before `event`, and the event itself unless it is folded."""
        if self.window <= 0:
            return [Fold(event)]
        groups = self._groups.get(event.source)
        if groups is None:
            groups = self._groups[event.source] = {}
        due = list(self._due(groups, event.time)) if self._any_due(groups, event.time) else []
        if getattr(event.body, "urgency", Level.DEBUG) <= Level.WARNING or getattr(event.body, "incident", ""):
            return [*due, Fold(event)]
        key = (kind_of(event.body), self._likeness(event))
        group = groups.get(key) or groups.get(key[0])
        if group is not None:
            group.add(event)
            return due
        if self._open >= MAX_OPEN:
            due.extend(self._close_oldest())
        self._open += 1
        if self._within_burst(event, key[0]):
            groups[key] = _Group(event, alike=True)
            return [*due, Fold(event)]
        groups[key[0]] = group = _Group(event, alike=False)
        group.add(event)
        return due

    def sweep(self) -> list[Fold]:
        """Return the sums of all groups that were open at the previous sweep already, and close them."""
        due: list[Fold] = []
        for groups in self._groups.values():
            for key in [key for key, group in groups.items() if group.swept]:
                due.extend(self._close(groups, key))
            for group in groups.values():
                group.swept = True
        return due

    def flush(self) -> list[Fold]:
        """Return all open sums, and forget everything."""
        due = [fold for groups in self._groups.values() for key in list(groups) for fold in self._close(groups, key)]
        self._groups.clear()
        self._kinds.clear()
        return due

    def _within_burst(self, event: Event, kind: str) -> bool:
        window = self._kinds.get((event.source, kind))
        if window is None or not 0 <= event.time - window.start < self.window:
            window = self._kinds[event.source, kind] = _KindWindow(event.time)
        window.lines += 1
        return window.lines <= self.burst

    def _due(self, groups: dict[Hashable, _Group], now: float) -> Iterator[Fold]:
        while self._any_due(groups, now):
            yield from self._close(groups, next(iter(groups)))

    def _any_due(self, groups: dict[Hashable, _Group], now: float) -> bool:
        for group in groups.values():
            # If the clock is set back, the group must not stay open until the clock catches up.
            return not 0 <= now - group.start < self.window
        return False

    def _close_oldest(self) -> Iterator[Fold]:
        groups = max(self._groups.values(), key=len)
        yield from self._close(groups, next(iter(groups)))

    def _close(self, groups: dict[Hashable, _Group], key: Hashable) -> Iterator[Fold]:
        self._open -= 1
        group = groups.pop(key)
        if group.repeats:
            yield group.sum()


def key_of(event: Event) -> Hashable:
    """Return the likeness of an event within its kind: its names, addresses and words, without the numbers."""
    body = event.body
    if not isinstance(body, Body):
        return repr(body)
    kind = type(body)
    names = _telling_fields.get(kind)
    if names is None:
        names = _telling_fields[kind] = _find_telling(kind)
    fields = body.__dict__
    return tuple([_telling(name, fields[name]) for name in names])


_telling_fields: dict[type[Body], tuple[str, ...]] = {}
"""By kind. There are as many as kinds of events."""


def _find_telling(kind: type[Body]) -> tuple[str, ...]:
    """Return the fields that may tell events of a kind apart."""
    hints: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        hints |= getattr(base, "__annotations__", {})
    return tuple(name for name in kind.fields if name in _TELLING_NUMBERS or hints.get(name) not in _NUMBERS)


def _telling(name: str, value: object) -> Hashable:
    kind = value.__class__
    if (
        kind is bytes
        or kind is str
        or isinstance(value, (str, bytes, enum.Enum))
        or (name in _TELLING_NUMBERS and isinstance(value, int))
    ):
        return value
    if isinstance(value, Channel):
        return value
    if isinstance(value, tuple):
        # Changes are alike if the same property changed.
        return tuple(getattr(item, "field", None) or repr(item) for item in value)
    return None


def _lost(event: Event) -> int:
    lost = getattr(event.body, "lost", 0)
    return lost if isinstance(lost, int) else 0


def phrase(fold: Fold) -> str:
    """Return the sum in words, to be appended to the sentence of its last event."""
    much = f", {fold.lost} lost in all" if fold.lost else ""
    if fold.repeats == 1:
        return f" (once more{much})"
    if fold.alike:
        return f" (repeated {fold.repeats} times in {fold.seconds:.0f} s{much})"
    return f" (the last of {fold.repeats} such events in {fold.seconds:.0f} s{much})"
