"""The conventions of encoder and decoder beyond plain JSON: fields with SSIDs, and enums."""

from __future__ import annotations

import enum
from typing import Any

_NAMES = frozenset({"mesh_id", "ssid", "ssids", "names", "probed"})


def is_name(field: str) -> bool:
    """Return whether a field of this name contains one or several SSIDs; their octets are in ``…_hex``."""
    return field in _NAMES or field.endswith(("_ssid", "_ssids"))


def form_of(value: enum.Enum) -> Any:
    """Return how a member is written: flags as their text where they can read one (``parse``), else as a number; others
    as their value where that is text, else as their name in lower case."""
    if isinstance(value, enum.Flag):
        return str(value) if hasattr(value, "parse") else value.value
    if isinstance(value.value, str):
        return value.value
    return value.name.lower().replace("_", "-")
