"""Real captures with a file ``labels.json`` beside them, scored as the built ones are; they are read in place.

The labels give for each file ``benign``, and ``attacks`` with kind, from and to in seconds since the first frame, and a
BSSID where one is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.wids_benchmark.truth import Attack, Truth

NOTICE_SUFFICES = frozenset({"drone"})


def truths(folder: Path) -> Iterator[tuple[Path, Truth]]:
    """Yield each labelled capture that is there, with its truth.

    Raises `ValueError` where the labels are no labels.
    """
    labels = folder / "labels.json"
    if not labels.exists():
        return
    try:
        told = json.loads(labels.read_text(encoding="utf-8"))
        for name, label in told.items():
            path = folder / name
            if path.is_file():
                yield path, _truth(path, name, label)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"{labels} has another form than README.md describes: {error!r}") from error


def _truth(path: Path, name: str, label: dict[str, Any]) -> Truth:
    first, last, frames = span(path)
    attacks = tuple(
        Attack(
            kind=attack["kind"],
            begin=first + float(attack["from"]),
            end=first + float(attack["to"]),
            bssids=(attack["bssid"].lower(),) if attack.get("bssid") else (),
            intensity="real",
            notice=attack["kind"] in NOTICE_SUFFICES,
            sent=1,
            heard=1,
        )
        for attack in label["attacks"]
    )
    return Truth(
        capture=name,
        condition="real",
        seconds=last - first,
        frames=frames,
        attacks=attacks,
        scene="real captures",
        start=first,
    )


def span(path: Path) -> tuple[float, float, int]:
    """Return the times of the first and the last frame of a capture, and their number; zeros for an empty one.

    Frames that follow damage are not counted.
    """
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapReader

    first = last = 0.0
    frames = 0
    try:
        with path.open("rb") as file, RawPcapReader(file) as reader:
            nano = getattr(reader, "nano", False)
            for _octets, about in reader:
                if hasattr(about, "tshigh"):
                    when = ((about.tshigh << 32) + about.tslow) / (about.tsresol or 1_000_000)
                else:
                    when = about.sec + about.usec / (1e9 if nano else 1e6)
                first = when if not frames else min(first, when)
                last = max(last, when)
                frames += 1
    except (EOFError, Scapy_Exception):
        pass
    return first, last, frames
