from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.icount import figures, measures


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "figures.json"
    figures.save({"beacon": 1000, "acknowledgement": 500}, {"qemu-arm": "7"}, "", path)
    return path


def test_a_rise_of_more_than_three_percent_needs_its_reason(file: Path) -> None:
    with pytest.raises(ValueError, match="--because"):
        figures.save({"beacon": 1031}, {}, "", file)
    assert figures.load(file)["figures"]["beacon"] == 1000


def test_the_reason_is_kept_beside_the_figure(file: Path) -> None:
    figures.save({"beacon": 1031}, {"qemu-arm": "8"}, "it reads one more element", file)
    kept = figures.load(file)
    assert kept["figures"] == {"beacon": 1031, "acknowledgement": 500}
    assert kept["rises"] == [
        {"figure": "beacon", "before": 1000, "after": 1031, "because": "it reads one more element"}
    ]
    assert kept["versions"] == {"qemu-arm": "8"}


@pytest.mark.parametrize("now", [1030, 1000, 10])
def test_anything_else_is_kept_without_one(file: Path, now: int) -> None:
    figures.save({"beacon": now}, {}, "", file)
    assert figures.load(file)["figures"]["beacon"] == now
    assert figures.load(file)["rises"] == []


def test_only_what_is_known_from_before_is_compared() -> None:
    changes = figures.compare({"beacon": 1000, "gone": 1}, {"beacon": 900, "new": 5})
    assert changes == [figures.Change("beacon", 1000, 900)]
    assert not changes[0].rise


def test_every_goal_is_of_a_figure_that_is_kept() -> None:
    assert {goal.figure for goal in measures.GOALS} <= set(figures.load()["figures"])


def test_the_history_has_a_line_for_each_run_that_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    figures.add({"beacon": 1000}, "79ad7b8", path)
    figures.add({"beacon": 900}, "0bc2d74", path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["commit"], line["figures"]) for line in lines] == [
        ("79ad7b8", {"beacon": 1000}),
        ("0bc2d74", {"beacon": 900}),
    ]


def test_the_history_ends_with_the_figures_that_are_kept() -> None:
    last: dict[str, int] = {}
    for line in figures.HISTORY.read_text().splitlines():
        last |= json.loads(line)["figures"]
    kept = figures.load()["figures"]
    assert {name: last.get(name) for name in kept} == kept
