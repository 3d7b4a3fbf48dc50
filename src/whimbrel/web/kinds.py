"""Which events a page may ask for. Pure."""

from __future__ import annotations

from whimbrel.events import every  # noqa: F401  # every kind
from whimbrel.events.base import Body
from whimbrel.events.device import AirSnapshot
from whimbrel.events.recording import RecorderState
from whimbrel.events.system import ModulesState

_LARGE: frozenset[type[Body]] = frozenset({AirSnapshot, RecorderState, ModulesState})
"""Large events that leave the daemon; the rest belongs to its modules."""


def leaves(kind: type[Body]) -> bool:
    """Return whether events of a kind leave the daemon."""
    return not kind.bulky or kind in _LARGE
