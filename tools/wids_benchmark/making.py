"""Makes captures with their truth: attacks and benign hours, through each ear."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.wids_benchmark import attacks, truth  # noqa: F401
from tools.wids_benchmark.benign import SCENES
from tools.wids_benchmark.benign.registry import Scene
from tools.wids_benchmark.building import capture
from tools.wids_benchmark.building.air import Air, Sent
from tools.wids_benchmark.building.ears import CONDITIONS
from tools.wids_benchmark.kinds import KINDS, Kind
from tools.wids_benchmark.stage import INTENSITIES, Stage
from tools.wids_benchmark.truth import Truth


def staged(kind: Kind, intensity: int, seed: int) -> Stage:
    """Play an attack; its air is finished."""
    stage = Stage(f"{seed} {kind.name} {intensity}", intensity, kind.protection)
    stage.furnish()
    kind.play(stage)
    stage.air.finish()
    return stage


def attack_captures(
    folder: Path, names: Sequence[str], intensities: Sequence[int], conditions: Sequence[str], seed: int
) -> Iterator[list[tuple[Path, Truth]]]:
    """Write the captures of each attack and yield them, those of one kind and intensity together."""
    for name in names:
        for intensity in intensities:
            stage = staged(KINDS[name], intensity, seed)
            made = []
            for condition in conditions:
                heard = list(CONDITIONS[condition](stage.air.sent, seed))
                path = folder / f"{name}.{INTENSITIES[intensity]}.{condition}.pcap"
                told = truth.of_stage(stage, KINDS[name], heard, capture=path.name, condition=condition, seed=seed)
                write_both(path, heard, told)
                made.append((path, told))
            yield made


def write_both(path: Path, heard: Sequence[Sent], told: Truth) -> None:
    """Write a capture, and its truth beside it."""
    capture.write(path, heard)
    truth.write(path.with_suffix(".json"), told)


@dataclass(frozen=True)
class Choice:
    """What to make; `intensities` are indices, `hours` are those of each benign scene."""

    kinds: Sequence[str]
    scenes: Sequence[str]
    intensities: Sequence[int]
    conditions: Sequence[str]
    hours: float
    seed: int


def everything(folder: Path, choice: Choice) -> Iterator[list[tuple[Path, Truth]]]:
    """Write all that is chosen, benign air first; yield the captures of one air together."""
    for name in choice.scenes:
        yield benign_captures(folder, SCENES[name], choice)
    yield from attack_captures(folder, choice.kinds, choice.intensities, choice.conditions, choice.seed)


def benign_captures(folder: Path, scene: Scene, choice: Choice) -> list[tuple[Path, Truth]]:
    """Write one benign scene through each ear."""
    seconds = 3600 * choice.hours * scene.share
    air = Air(random.Random(f"{choice.seed} {scene.name}"))
    scene.play(air, seconds)
    sent = air.finish()
    made = []
    for condition in choice.conditions:
        heard = list(CONDITIONS[condition](sent, choice.seed))
        path = folder / f"benign-{scene.name}.{condition}.pcap"
        told = Truth(
            capture=path.name,
            condition=condition,
            seconds=seconds,
            frames=len(heard),
            scene=scene.name,
            seed=choice.seed,
        )
        write_both(path, heard, told)
        made.append((path, told))
    return made
