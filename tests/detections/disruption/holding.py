"""The memory of a detection: the amount freed with it."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from whimbrel.detections.base import Detection

D = TypeVar("D", bound=Detection[Any])

MOST = 300 * 1024
"""Octets that one rule may hold under a flood."""


@contextmanager
def held_at_most(octets: int, make: Callable[[], D]) -> Iterator[D]:
    """Hand out a new detection to be filled; then it must hold at most so much, the frames that it alone keeps
    included."""
    tracemalloc.start()
    try:
        rule = make()
        yield rule
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        vars(rule).clear()
        gc.collect()
        held = before - tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0 < held <= octets
