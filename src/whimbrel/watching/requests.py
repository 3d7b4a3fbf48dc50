"""Reads the keys of a request of the control socket, each with its type; raises `VerbError` for invalid ones."""

from __future__ import annotations

from typing import Any

from whimbrel.module import VerbError
from whimbrel.settings.scalars import find


def truth(request: dict[str, Any], name: str) -> bool:
    """Return a key that is true or false; false where it is not there."""
    value = request.get(name, False)
    if not isinstance(value, bool):
        raise VerbError(f'"{name}": expected true or false')
    return value


def scalar(kind: Any, value: object, name: str) -> bytes:
    """Read an address or a name of a network, as in the settings."""
    known = find(kind)
    assert known is not None
    try:
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004, TRY301  # as for a text that is none
        found: bytes = known.parse(value)
    except ValueError as error:
        hint = f" ({error})" if str(error) else ""
        raise VerbError(f'"{name}": expected {known.noun} such as {known.example}{hint}') from error
    return found
