"""What a detector calls each kind of attack: one JSON file for each detector in ``names/``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "names"


class Names(NamedTuple):
    """A detector's names of kinds."""

    detector: str
    accepted: dict[str, frozenset[str]]
    """For each kind, the alerts that name it right; an alert of the kind's own name always does."""
    left_out: dict[str, str]
    """Kinds that the detector leaves out on purpose, each with the reason."""

    def right(self, kind: str, alert: str) -> bool:
        """Whether an alert of this name names the kind."""
        return alert == kind or alert in self.accepted.get(kind, ())


def read(path: Path) -> Names:
    """Read a file of names.

    Raises `ValueError` with the place of a mistake.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        groups = told.get("groups", {})
        accepted = {}
        for kind, names in told["kinds"].items():
            chosen: set[str] = set()
            for name in names:
                chosen.update(groups[name[1:]] if name.startswith("@") else [name])
            accepted[kind] = frozenset(chosen)
        return Names(told["detector"], accepted, dict(told.get("left_out", {})))
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: expected detector, kinds and left_out as README.md describes ({error!r})") from error
