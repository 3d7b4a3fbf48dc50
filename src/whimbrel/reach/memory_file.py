"""The file in which the ledger's memory outlasts the process."""

from __future__ import annotations

import json
from pathlib import Path

from whimbrel.files import read_regular
from whimbrel.reach.ledger import LedgerMemory
from whimbrel.watching import state_file

NAME = "reach.json"
_VERSION = 1
_LARGEST = 1 << 20


def read(path: Path) -> LedgerMemory | None:
    """Return the contents of the file, None if there is none. Raises OSError, and ValueError for a damaged one."""
    try:
        content = read_regular(path, _LARGEST)
    except FileNotFoundError:
        return None
    value = json.loads(content[:_LARGEST])
    if not isinstance(value, dict) or value.get("version") != _VERSION:
        raise ValueError(f"expected version {_VERSION} of it")
    number, alerts, incidents = value.get("number"), value.get("alerts"), value.get("incidents")
    if not (isinstance(number, int) and isinstance(alerts, list) and isinstance(incidents, list)) or number < 0:
        raise ValueError("expected the number of the last alert, and lists of alerts and incidents")
    return LedgerMemory(number, frozenset(map(str, alerts)), frozenset(map(str, incidents)))


def write(path: Path, memory: LedgerMemory) -> None:
    """Replace the file, atomically. Raises OSError."""
    value = {
        "version": _VERSION,
        "number": memory.number,
        "alerts": sorted(memory.alerts),
        "incidents": sorted(memory.incidents),
    }
    state_file.replace(path, json.dumps(value) + "\n")
