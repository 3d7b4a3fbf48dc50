"""The registry of benign scenes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.wids_benchmark.building.air import Air


@dataclass(frozen=True)
class Scene:
    """A benign scene; `play` fills the air from second 0 to the given one. `share` is of the hours asked for."""

    name: str
    about: str
    play: Callable[[Air, float], None]
    share: float = 1.0


SCENES: dict[str, Scene] = {}


def scene(
    name: str, about: str, *, share: float = 1.0
) -> Callable[[Callable[[Air, float], None]], Callable[[Air, float], None]]:
    """Register the decorated function as a benign scene."""

    def register(play: Callable[[Air, float], None]) -> Callable[[Air, float], None]:
        SCENES[name] = Scene(name, about, play, share)
        return play

    return register
