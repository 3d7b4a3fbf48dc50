"""The kept figures in ``figures.json``, their changes, and earlier figures in ``history.jsonl``.

A line of the history is a run that was kept: ``{"commit": "79ad7b8", "figures": {"name": instructions}}``, the oldest
first, with the figures that it counted. The commit is the one that the counted files come on top of.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("figures.json")
HISTORY = Path(__file__).with_name("history.jsonl")
TOLERANCE = 0.03
"""By how much a figure may rise without an explanation."""


class Change(NamedTuple):
    """A changed figure."""

    figure: str
    before: int
    now: int

    @property
    def ratio(self) -> float:
        """How much more or less it is now: 0.03 for 3 % more."""
        return self.now / self.before - 1 if self.before else 0.0

    @property
    def rise(self) -> bool:
        """Whether it needs an explanation."""
        return self.now > self.before * (1 + TOLERANCE)


def load(path: Path = FILE) -> dict[str, Any]:
    """Return the kept data: ``figures`` by name, ``versions``, and ``rises``, each with its reason."""
    if not path.exists():
        return {"figures": {}, "versions": {}, "rises": []}
    kept: dict[str, Any] = json.loads(path.read_text())
    return kept


def compare(kept: dict[str, int], now: dict[str, int]) -> list[Change]:
    """Return the figures that are both kept and counted, with both numbers."""
    return [Change(name, kept[name], number) for name, number in now.items() if name in kept]


def add(now: dict[str, int], commit: str, path: Path = HISTORY) -> None:
    """Add a line to the history."""
    with path.open("a") as stream:
        stream.write(json.dumps({"commit": commit, "figures": now}) + "\n")


def save(now: dict[str, int], versions: dict[str, str], because: str, path: Path = FILE) -> None:
    """Keep the figures of now. Raises ValueError where one rose by more than `TOLERANCE` and `because` is empty."""
    kept = load(path)
    rises = [change for change in compare(kept["figures"], now) if change.rise]
    if rises and not because:
        raise ValueError("a figure that rose needs its reason: --because TEXT")
    kept["figures"] |= now
    kept["versions"] = versions
    kept["rises"] += [
        {"figure": rise.figure, "before": rise.before, "after": rise.now, "because": because} for rise in rises
    ]
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
