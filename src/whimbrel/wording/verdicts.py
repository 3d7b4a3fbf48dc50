"""The verdict on all alerts, in a few words."""

from __future__ import annotations

from whimbrel.events.alerts import Severity

_WORDS = {
    Severity.CRITICAL: "there is an attack or an imitation",
    Severity.WARNING: "there may be an attack",
    Severity.NOTICE: "nothing bad, but worth knowing",
    Severity.WEAKNESS: "no attack; some networks are vulnerable",
}


def verdict(worst: Severity | None) -> str:
    """Return the verdict by the worst severity found; None: no alerts."""
    return "nothing wrong was found" if worst is None else _WORDS[worst]
