"""The key of an alert within its rule, as JSON values that outlast the process: the same key is the same alert."""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import Any

from whimbrel.errors import WhimbrelError

_DEEP = 8


class Unreadable(WhimbrelError, ValueError):
    """An invalid value for an alert; the message names it."""


def written(key: Hashable) -> Any:
    """Return a key as JSON values, None if it has no such form and cannot be recognized again."""
    if key is None or type(key) in {bool, int, float, str}:
        return [key]
    if isinstance(key, bytes):
        return {"octets": key.hex()}
    if type(key) is tuple:
        parts = [written(part) for part in key]
        return None if None in parts else {"of": parts}
    return None


def text(key: Hashable) -> str:
    """Return a key as one line of JSON; empty if it has no such form."""
    value = written(key)
    return "" if value is None else json.dumps(value, separators=(",", ":"))


def read(value: object, depth: int = 0) -> Hashable:
    """Return the key that was `written` as this. Raises `Unreadable`."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], (bool, int, float, str, type(None))):
        return value[0]
    if isinstance(value, dict) and "octets" in value:
        return octets(value["octets"])
    if isinstance(value, dict) and isinstance(value.get("of"), list) and depth < _DEEP:
        return tuple([read(part, depth + 1) for part in value["of"]])
    raise Unreadable("key: not understood")


def octets(value: object) -> bytes:
    """Return the octets of hexadecimal digits. Raises `Unreadable`."""
    if not isinstance(value, str):
        raise Unreadable("expected hexadecimal digits")
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise Unreadable(str(error)) from error
