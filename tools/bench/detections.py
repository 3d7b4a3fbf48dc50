"""The cost of each detection: its share of a frame's time from bytes to findings."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from tools.bench import capture
from tools.bench.measure import Line, interleave

from whimbrel.detections.base import Detection
from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.registry import all_detections
from whimbrel.survey.survey import Survey
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import RADIOTAP, parser_for

_WARM = 20_000
_FRAMES = 60_000
_REPEAT = 5
_LEAST = 0.001
"""Part of a frame's time below which a rule goes into the last line."""
_HOOKS = ("observe", "learn", "disconnected", "eapol", "announced", "sampled", "reserved", "turn")


class _Watch:
    """The time of a detection's hooks, minus the time for reading the clock."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = {}
        self.calls: dict[str, int] = {}
        self.clock = _clock_cost()

    def watch(self, cls: type[Detection[Any]]) -> type[Detection[Any]]:
        """Return the detection with every hook that it has timed."""
        rule = cls.rule
        self.spent[rule] = self.calls[rule] = 0
        hooks = {name: self._timed(rule, getattr(cls, name)) for name in _HOOKS if _overrides(cls, name)}
        return type(cls.__name__, (cls,), hooks)

    def _timed(self, rule: str, hook: Callable[..., Any]) -> Callable[..., Any]:
        clock, spent, calls = time.thread_time_ns, self.spent, self.calls

        def timed(*args: Any) -> Any:
            begin = clock()
            try:
                return hook(*args)
            finally:
                spent[rule] += clock() - begin
                calls[rule] += 1

        return timed

    def of(self, rule: str) -> float:
        """Return the nanoseconds of a rule."""
        return max(self.spent[rule] - self.calls[rule] * self.clock, 0.0)


def benchmark() -> list[Line]:
    """Put the café's frames through the survey alone, through everything, and through everything with clocks in it."""
    records = capture.records(capture.large())[: _WARM + _FRAMES]
    parse = parser_for(RADIOTAP)
    known = list(all_detections())

    def run(classes: Iterable[type[Detection[Any]]]) -> float:
        engine = Detections(Survey(), Guard(), classes)
        observe = engine.observe
        for record in records[:_WARM]:
            observe(parse(record))
        begin = time.process_time_ns()
        for record in records[_WARM:]:
            observe(parse(record))
        return (time.process_time_ns() - begin) / _FRAMES / 1000

    bare, whole = interleave([lambda: run(()), lambda: run(known)], _REPEAT)
    watch = _Watch()
    engine = Detections(Survey(), Guard(), [watch.watch(cls) for cls in known])
    _feed(engine, map(parse, records[:_WARM]))
    for cls in known:
        watch.spent[cls.rule] = watch.calls[cls.rule] = 0
    _feed(engine, map(parse, records[_WARM:]))
    lines = [
        Line(
            "all detections, of a frame", whole - bare, "us", "without them", bare, whole / bare, note="ratio of both"
        ),
    ]
    shares = {cls.rule: watch.of(cls.rule) / 1000 / _FRAMES / whole for cls in known}
    rest = sum(share for share in shares.values() if share < _LEAST)
    for rule, share in sorted(shares.items(), key=lambda item: -item[1]):
        if share >= _LEAST:
            lines.append(Line(f"detection {rule}", share * 100, "%", note="of a frame's time"))
    few = sum(share < _LEAST for share in shares.values())
    lines.append(Line(f"{few} more detections together", rest * 100, "%", note="of a frame's time"))
    return lines


def _feed(engine: Detections, frames: Iterable[Frame]) -> None:
    for frame in frames:
        engine.observe(frame)


def _overrides(cls: type[Detection[Any]], name: str) -> bool:
    return getattr(cls, name) is not getattr(Detection, name)


def _clock_cost() -> float:
    """Return the nanoseconds that two readings of the clock add to a measurement."""
    clock = time.thread_time_ns
    return statistics.median(_pair(clock) for _ in range(1001))


def _pair(clock: Callable[[], int]) -> float:
    begin = clock()
    return clock() - begin
